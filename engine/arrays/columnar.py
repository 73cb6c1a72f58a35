"""Records kept by column: a large plan is a few arrays, not a million objects.

`LazyRecords` looks like a sequence of records, `IdIndex` like a mapping; what they hold is made
when it is first looked at. Whoever needs speed reads the columns.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags, Integers, Small, Whole
from engine.arrays.counter_stream import STEP, Bits, mixed

Row = TypeVar("Row")
Value = TypeVar("Value")
_FEW = 64  # fingerprints, of those that come first, that are looked for one by one


@dataclass(frozen=True, eq=False)
class LazyRecords(Sequence[Row]):
    """A sequence of records; going through it makes them all, asking for one only that one."""

    @abstractmethod
    def _make(self, start: int, stop: int) -> list[Row]:
        """Return the records from ``start`` to before ``stop``."""

    @cached_property
    def _records(self) -> list[Row]:
        return self._make(0, len(self))

    def __iter__(self) -> Iterator[Row]:
        return iter(self._records)

    def __reversed__(self) -> Iterator[Row]:
        return reversed(self._records)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if "_records" in vars(self):
            return self._records[index]
        places = range(len(self))[index]
        if isinstance(places, int):
            return self._make(places, places + 1)[0]
        if places.step == 1:
            return self._make(places.start, places.stop)
        return [self._make(place, place + 1)[0] for place in places]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Sequence) or len(other) != len(self):
            return NotImplemented if not isinstance(other, Sequence) else False
        return self._records == list(other)

    __hash__ = None  # type: ignore[assignment]  # like every sequence that compares by content


@dataclass(frozen=True, eq=False)
class ComposedNames(LazyRecords[str]):
    """Many names made of few: an id and what follows it.

    Parameters
    ----------
    ids, endings : tuples of str
        The ids and the endings there are.
    place, ending : (n,) arrays
        Which of them make up each name.
    """

    ids: tuple[str, ...]
    place: Small
    endings: tuple[str, ...]
    ending: Small

    @classmethod
    def of(cls, names: Iterable[str]) -> ComposedNames:
        """Build from names."""
        ids = tuple(names)
        return cls(ids, np.arange(len(ids), dtype=np.int32), ("",), np.zeros(len(ids), np.int32))

    def __len__(self) -> int:
        return len(self.place)

    def take(self, chosen: Integers | slice) -> list[str]:
        """Return the names of these indices."""
        ids, endings = self.ids, self.endings
        places, numbers = self.place[chosen].tolist(), self.ending[chosen].tolist()
        return [ids[a] + endings[b] for a, b in zip(places, numbers, strict=True)]

    @cached_property
    def are_distinct(self) -> bool:
        """Whether no name comes twice."""
        if any(ending.rfind(".") for ending in self.endings):
            return len(set(self._make(0, len(self)))) == len(self)
        ids = self.ids  # what stands before the last dot is an id, so each ending can go alone
        for number in range(len(self.endings)):
            places = self.place[self.ending == number].tolist()
            if len({ids[place] for place in places}) < len(places):
                return False
        return True

    def _make(self, start: int, stop: int) -> list[str]:
        return self.take(slice(start, stop))


class IdIndex(Mapping[str, Value]):
    """A mapping from ids to integers, or to tuples of integers, kept as arrays.

    Parameters
    ----------
    ids : ComposedNames
        The keys, each once, in order.
    columns : (n,) arrays of int
        One gives integers, several give tuples.
    """

    def __init__(self, ids: ComposedNames, *columns: Whole) -> None:
        self.ids, self.columns = ids, columns

    def __getitem__(self, key: str) -> Value:
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def _values(self) -> dict[str, Value]:
        values = [column.tolist() for column in self.columns]
        found: Iterable[Any] = values[0] if len(values) == 1 else zip(*values, strict=True)
        return dict(zip(self.ids, found, strict=True))


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of integers one behind the other: list i is ``numbers[starts[i]:starts[i + 1]]``."""

    starts: Integers
    numbers: Integers

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Ragged:
        """Build from lists."""
        return cls(
            ends([len(part) for part in lists]),
            integers([number for part in lists for number in part]),
        )

    @property
    def counts(self) -> Integers:
        """Length of each list, (n,)."""
        return np.diff(self.starts)

    @property
    def owners(self) -> Integers:
        """For each number, the list it is in."""
        return np.repeat(np.arange(len(self.starts) - 1), self.counts)

    def take(self, chosen: Integers) -> Ragged:
        """Return the lists of these indices, each as often as it is named."""
        counts = self.counts[chosen]
        return Ragged(ends(counts), self.numbers[ragged(self.starts[chosen], counts)])

    def tuples(self, start: int, stop: int) -> list[tuple[int, ...]]:
        """Return the lists from ``start`` to before ``stop`` as tuples."""
        first, *_ = bounds = self.starts[start : stop + 1].tolist()
        numbers = tuple(self.numbers[first : bounds[-1]].tolist())
        return [numbers[a - first : b - first] for a, b in pairwise(bounds)]

    def total(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the sum of ``values`` (one for each number) over each list, (n,)."""
        running = np.zeros(len(values) + 1, values.dtype)
        np.cumsum(values, out=running[1:])
        totals: NDArray[Any] = running[self.starts[1:]] - running[self.starts[:-1]]
        return totals


def integers(numbers: Sequence[int] | Whole) -> Integers:
    """Return an array of int64."""
    return np.array(numbers, np.int64)


def ends(counts: Sequence[int] | Integers) -> Integers:
    """Return where stretches of these lengths start, and where the last one ends, (n + 1,)."""
    result = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=result[1:])
    return result


def numbered(values: Sequence[Value]) -> tuple[tuple[Value, ...], Small]:
    """Return the distinct values in the order they come, and the number of each one's value."""
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return tuple(numbers), np.array([numbers[value] for value in values], np.int32)


def ragged_positions(starts: Integers) -> Integers:
    """Return 0, 1, … for each list."""
    return np.arange(starts[-1]) - np.repeat(starts[:-1], np.diff(starts))


def ragged(first: Integers, counts: Integers) -> Integers:
    """Return first[0], first[0] + 1, … (counts[0] numbers), first[1], …, end to end."""
    starts = ends(counts)
    return np.arange(starts[-1]) + np.repeat(first - starts[:-1], counts)


def stretches(mask: Flags) -> Integers:
    """Return (start, stop) of the stretches of True, (k, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return np.ascontiguousarray(edges.reshape(-1, 2), np.int64)


# -- fingerprints: rows of integers told apart without comparing them ---------------------------


def scattered(numbers: NDArray[Any]) -> Bits:
    """Return integers scattered over 64 bits, one to one."""
    return mixed(numbers.astype(np.uint64) + np.uint64(STEP))


def with_list(prints: Bits, lists: Ragged, values: Whole) -> Bits:
    """Return fingerprints that also tell lists apart, by their values, in order.

    Parameters
    ----------
    prints : (n,) array
        The fingerprints so far.
    lists : Ragged
        One list for each.
    values : (k,) array
        The values in them.
    """
    salts = scattered(np.arange(lists.counts.max(initial=0)))
    terms = scattered(salts[ragged_positions(lists.starts)] + values.astype(np.uint64))
    return scattered(prints + lists.total(terms))


def first_of_each(prints: Bits) -> Integers:
    """Return the index of one of each distinct fingerprint; fast if few of them differ."""
    left = np.arange(len(prints))
    found: list[int] = []
    while len(left) and len(found) < _FEW:
        found.append(int(left[0]))
        left = left[prints[left] != prints[found[-1]]]
    return np.concatenate((integers(found), left[np.unique(prints[left], return_index=True)[1]]))

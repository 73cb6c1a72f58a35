"""Places of a dict's keys: found, left and taken anywhere without a walk through all of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TypeVar

Record = TypeVar("Record")

_PIECE = 1024  # keys


class KeyOrder:
    """The order of the keys of a dict that grows and shrinks, in pieces of some hundreds.

    A dict cannot take a key in its middle: such a one is appended, and `settled` puts the dict in
    order once for as many as were taken in meanwhile.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        names = list(keys)
        starts = range(0, max(len(names), 1), _PIECE)
        self._pieces = [names[start : start + _PIECE] for start in starts]
        self._piece_of = {name: piece for piece in self._pieces for name in piece}
        self._disturbed = False

    def remove(self, key: str) -> int:
        """Take a key out and return the place where it was."""
        piece = self._piece_of.pop(key)
        place = piece.index(key)
        del piece[place]
        for other in self._pieces:
            if other is piece:
                break
            place += len(other)
        return place

    def insert(self, key: str, place: int | None) -> None:
        """Put a key in at a place; None, or one past the end, appends it."""
        if place is None or place >= len(self._piece_of):
            number, piece = len(self._pieces) - 1, self._pieces[-1]
            piece.append(key)
        else:
            self._disturbed, number = True, 0
            while place > len(self._pieces[number]):
                place -= len(self._pieces[number])
                number += 1
            piece = self._pieces[number]
            piece.insert(place, key)
        self._piece_of[key] = piece
        if len(piece) > 2 * _PIECE:
            rest = piece[_PIECE:]
            del piece[_PIECE:]
            self._pieces.insert(number + 1, rest)
            self._piece_of.update(dict.fromkeys(rest, rest))

    def settled(self, records: dict[str, Record]) -> dict[str, Record]:
        """Return the records in this order: themselves if they are."""
        if not self._disturbed:
            return records
        self._disturbed = False
        return {key: records[key] for key in chain.from_iterable(self._pieces)}

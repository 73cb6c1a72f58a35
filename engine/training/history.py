"""The course of a run in bounded memory: curves, and gradients over time.

One thread appends, others take snapshots; neither waits for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Floats
from engine.declaration.op import Array
from engine.plan.plan import Plan
from engine.training.runners.records import Block


class Series:
    """Rows of numbers at growing positions; when full, every second one goes.

    After that only every second (fourth, …) row is kept, so they stay evenly spread; the latest
    is always there as well.

    Parameters
    ----------
    width : int
        Numbers in a row.
    capacity : int
        Most rows kept; at least 4.
    dtype : numpy dtype
        What the rows are stored as.
    """

    def __init__(self, width: int, capacity: int, dtype: type[np.floating[Any]]) -> None:
        self._capacity = capacity
        self._stride = 1
        self._seen = self._count = 0  # rows ever given; rows kept, but for one kept as the latest
        self._positions = np.zeros(capacity, np.int64)
        self._rows: NDArray[np.floating[Any]] = np.zeros((capacity, width), dtype)
        self._shown: tuple[NDArray[np.int64], Array] = self._positions[:0], self._rows[:0]

    def extend(self, positions: NDArray[np.int64], rows: Array) -> None:
        """Add rows (n, width) at ``positions`` (n,), ascending and above the last one."""
        n = len(positions)
        while True:
            kept = np.arange(-self._seen % self._stride, n, self._stride)
            chosen = kept if len(kept) and kept[-1] == n - 1 else np.append(kept, n - 1)
            if self._count + len(chosen) <= self._capacity:
                break
            self._halve()
        end = self._count + len(chosen)
        self._positions[self._count : end] = positions[chosen]
        self._rows[self._count : end] = rows[chosen]
        self._shown = self._positions[:end], self._rows[:end]
        self._count += len(kept)
        self._seen += n

    def snapshot(self) -> tuple[NDArray[np.int64], Array]:
        """Return positions (T,) and rows (T, width) without copying; the last may still change."""
        return self._shown

    def until(self, position: int) -> Series:
        """Return a copy without the rows beyond a position."""
        positions, rows = self._shown
        count = int(np.searchsorted(positions, position, side="right"))
        copy = Series(rows.shape[1], self._capacity, rows.dtype.type)
        copy._stride, copy._count = self._stride, min(count, self._count)
        copy._seen = self._seen if count > self._count else count * self._stride
        copy._positions[:count], copy._rows[:count] = positions[:count], rows[:count]
        copy._shown = copy._positions[:count], copy._rows[:count]
        return copy

    def _halve(self) -> None:
        """Move what stays to new arrays, so that earlier snapshots keep theirs."""
        kept = slice(0, self._count, 2)
        positions, rows = np.zeros_like(self._positions), np.zeros_like(self._rows)
        self._stride, self._count = 2 * self._stride, -(-self._count // 2)
        positions[: self._count], rows[: self._count] = self._positions[kept], self._rows[kept]
        self._positions, self._rows = positions, rows


@dataclass(frozen=True, slots=True)
class Curves:
    """A snapshot of a `History`: all arrays have one entry for each of ``epochs``.

    Parameters
    ----------
    epochs : (T,) array of int
        The epochs kept, ascending.
    names : tuple of str
        What was recorded: ``<split>.loss``, ``<split>.<metric>``, ``penalty``, ``rate``,
        ``gradient_norm``.
    table : (T, len(names)) array
        The numbers.
    """

    epochs: NDArray[np.int64]
    names: tuple[str, ...]
    table: Floats

    def curve(self, name: str) -> Floats:
        """Return what was recorded under a name, (T,); NaN if nothing was."""
        if name not in self.names:
            return np.full(len(self.epochs), np.nan)
        return self.table[:, self.names.index(name)]

    def loss(self, split: str) -> Floats:
        """Return the loss of a split, (T,)."""
        return self.curve(f"{split}.loss")

    def metrics(self, split: str) -> dict[str, Floats]:
        """Return the curves of a split's metrics by name."""
        prefix = f"{split}."
        names = [name.removeprefix(prefix) for name in self.names if name.startswith(prefix)]
        return {name: self.curve(prefix + name) for name in names if name != "loss"}

    @property
    def errors(self) -> Floats:
        """E: the training loss with the penalties, (T,)."""
        return self.loss("train") + self.curve("penalty")

    @property
    def rates(self) -> Floats:
        """The learning rate of each epoch's last update, (T,)."""
        return self.curve("rate")


class History:
    """What a run reported, and the gradients of chosen parameters, bounded.

    Parameters
    ----------
    parameters : tuple of str
        Names of the parameters whose gradients are kept.
    capacity, gradient_capacity : int
        Most epochs kept of the curves and of the gradients.
    """

    def __init__(
        self,
        parameters: Sequence[str] = (),
        *,
        capacity: int = 4000,
        gradient_capacity: int = 1000,
    ) -> None:
        self.parameters = tuple(parameters)
        self._capacity = capacity
        self._curves: tuple[tuple[str, ...], Series] = (), Series(0, 4, np.float64)
        self._gradients = Series(len(self.parameters), gradient_capacity, np.float32)

    def extend(self, block: Block, gradients: Array | None = None) -> None:
        """Add a block of epochs, and the chosen parameters' gradients at its end, (parameters,)."""
        columns = block.columns()
        names, series = self._curves
        if not names:
            names, series = tuple(columns), Series(len(columns), self._capacity, np.float64)
        nothing = np.full(len(block), np.nan)
        rows = np.column_stack([columns.get(name, nothing) for name in names])
        series.extend(block.first + np.arange(len(block)), rows)
        self._curves = names, series
        if gradients is not None:
            last = np.array([block.first + len(block) - 1])
            self._gradients.extend(last, gradients[None])

    def until(self, epoch: int) -> History:
        """Return a copy that ends at an epoch, to go on from there."""
        copy = History(self.parameters, capacity=self._capacity)
        names, series = self._curves
        copy._curves = names, series.until(epoch)
        copy._gradients = self._gradients.until(epoch)
        return copy

    def snapshot(self) -> Curves:
        """Return the curves as they are now; cheap, and safe beside a thread that appends."""
        names, series = self._curves
        epochs, table = series.snapshot()
        return Curves(epochs, names, np.asarray(table, np.float64))

    def gradients(self) -> tuple[NDArray[np.int64], Array]:
        """Return epochs (T,) and gradients (T, len(parameters)) without copying."""
        return self._gradients.snapshot()


def parameter_norms(plan: Plan, vector: Array) -> Array:
    """Return a number for each parameter's entries in θ or its gradient, in plan order.

    For a parameter that is one number this is the number, with its sign; for a matrix or a vector
    its Euclidean norm ‖·‖: entries of both signs do not cancel out.
    """
    if len(plan.parameters) == plan.size:  # adding up single numbers takes its time too
        return vector
    sizes, offsets = plan.parameters.sizes, plan.parameters.offsets
    squares = np.add.reduceat(np.square(vector, dtype=np.float64), offsets)
    norms: Array = np.where(sizes == 1, vector[offsets], np.sqrt(squares))
    return norms

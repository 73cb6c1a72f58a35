"""Training rows in batches, in an order that is a function of (seed, epoch) alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.counter_stream import Stream
from engine.data.preparation import Prepared
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.errors import TrainingError
from engine.plan.plan import Plan
from graph.model.training import Training

SAMPLE = 10_000
"""Most training rows that the loss of an epoch is measured on."""
CHUNK = 2_048
"""Most rows computed at once where no gradient is wanted."""
_ORDER, _SAMPLE = 1, 3


class Batches:
    """The columns a plan reads, cut into batches as the settings say.

    Attributes
    ----------
    rows : int
        m, the number of training rows.
    size, count : int
        Rows of a batch, batches in an epoch (the last may be short).
    full, varied : bool
        Whether an epoch is one batch of all rows, in the order of the data; whether epochs differ.
    all_rows : int
        Rows of all splits.

    Raises
    ------
    TrainingError
        If no row is left for training.
    """

    def __init__(self, plan: Plan, data: Prepared, settings: Training) -> None:
        self._settings = settings
        self._columns = {
            name: column.astype(settings.dtype, copy=False)
            for name, column in data.batch(plan.columns, None).items()
        }
        self._splits = data.splits
        self.rows = len(data.splits["train"])
        if not self.rows:
            raise TrainingError("no row of the data is left for training; make the splits smaller")
        self.size = min(settings.batch_size or self.rows, self.rows)
        self.full = self.size == self.rows
        self.count = -(-self.rows // self.size)
        self.varied = settings.shuffle and not self.full
        self.all_rows = sum(map(len, self._splits.values()))
        self._order: tuple[int, Integers] | None = None
        self._whole = self.of(self._splits["train"]) if self.full else {}

    def batch(self, epoch: int, index: int) -> dict[str, Array]:
        """Return the columns of batch ``index`` of an epoch, each (B, width)."""
        return self._whole if self.full else self.of(self.rows_of(epoch, index))

    def rows_of(self, epoch: int, index: int) -> Integers:
        """Return the rows of the dataset in batch ``index`` of an epoch, in their order, (B,)."""
        if self.full:
            return self._splits["train"]
        start = index * self.size
        return self.order(epoch)[start : start + self.size]

    def order(self, epoch: int) -> Integers:
        """Return the training rows in the order of an epoch; 0 is the first."""
        if self._order is None or self._order[0] != epoch:
            rows = self._splits["train"]
            if self._settings.shuffle:
                rows = self._generator(_ORDER, epoch).permutation(rows)
            self._order = epoch, rows
        return self._order[1]

    def noise(self, epoch: int, index: int) -> Stream:
        """Return the source of noise (dropout) of one batch."""
        return Stream(self._settings.seed).fork(0).fork(epoch).fork(index)

    def split(self, name: SplitName) -> Integers:
        """Return the rows of a split, maybe none."""
        return self._splits[name]

    def chunks(self, size: int = CHUNK) -> Iterator[Integers]:
        """Yield the rows that the loss of an epoch is measured on, some at a time."""
        rows = self.sample(SAMPLE)
        return (rows[start : start + size] for start in range(0, len(rows), size))

    def sample(self, size: int) -> Integers:
        """Return the training rows, or ``size`` of them, the same ones throughout a run."""
        rows = self._splits["train"]
        if len(rows) <= size:
            return rows
        return np.sort(self._generator(_SAMPLE).choice(rows, size, replace=False))

    def share(self, columns: Mapping[str, Array]) -> None:
        """Keep these arrays of the same numbers, so that they need not be held twice."""
        self._columns.update(columns)

    @property
    def columns(self) -> Mapping[str, Array]:
        """All rows of the columns the plan reads."""
        return self._columns

    def of(self, rows: Integers) -> dict[str, Array]:
        """Return the columns of some rows."""
        return {name: column.take(rows, axis=0) for name, column in self._columns.items()}

    def _generator(self, *stream: int) -> np.random.Generator:
        return np.random.default_rng((self._settings.seed, *stream))

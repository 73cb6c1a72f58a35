"""Data ready for training: encoded, split, scaled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.arrays.aliases import Integers
from engine.data.reader import read
from engine.data.scaler import Scaling, fit
from engine.data.split import SplitName, split_rows
from engine.data.store import DataStore
from engine.data.table import Column, Table, Values
from engine.errors import DataError
from graph.model.dataset import Dataset, split_component

_MAX_CLASSES = 100


@dataclass(frozen=True, slots=True)
class Prepared:
    """A dataset as training sees it; immutable, its arrays are read-only.

    Parameters
    ----------
    columns : mapping
        Column name to (rows, width) float64: encoded and scaled, all columns.
    splits : mapping
        ``train``, ``validation`` and ``test`` to row indices, ascending. All three are there;
        validation and test may be empty.
    categories : mapping
        Category column to the names of its categories.
    scalings : mapping
        Scaled column to its scaling, fitted on the training rows.
    faults : mapping
        Column that cannot be used to the reason; `batch` refuses it.
    notes : sequence of str
        What was guessed, left out or changed while reading, a sentence each.
    """

    columns: Mapping[str, Values]
    splits: Mapping[SplitName, Integers]
    categories: Mapping[str, tuple[str, ...]]
    scalings: Mapping[str, Scaling]
    faults: Mapping[str, str]
    notes: Sequence[str] = ()

    @property
    def schema(self) -> dict[str, int]:
        """Column name to width, all columns."""
        return {name: values.shape[1] for name, values in self.columns.items()}

    @property
    def rows(self) -> int:
        """Number of rows of all splits together."""
        return len(next(iter(self.columns.values())))

    def split_of(self, row: int) -> SplitName | None:
        """Return the split that a row of the dataset is in; None if it is in none."""
        return next((name for name, rows in self.splits.items() if np.any(rows == row)), None)

    def batch(
        self, references: Sequence[str], rows: Integers | slice | None = None
    ) -> dict[str, Values]:
        """Return the referenced columns of some rows: reference to (B, width).

        Parameters
        ----------
        references : sequence of str
            Columns or components (``image[3]``).
        rows : array of int, slice or None
            Which rows, in that order; None is all, in dataset order.

        Raises `DataError` if there is no such column or component, or it has missing or unusable
        values.
        """
        return {reference: self._take(reference, rows) for reference in references}

    def _take(self, reference: str, rows: Integers | slice | None) -> Values:
        column, index = reference, None
        values = self.columns.get(reference)
        if values is None:
            column, index = split_component(reference)
            whole = self.columns.get(column)
            if whole is None or index is None or index >= whole.shape[1]:
                raise DataError(f"the data has no column {reference!r}; choose another column")
            values = whole[:, index : index + 1]
        if column in self.faults:
            raise DataError(self.faults[column])
        if rows is None:
            return values
        return values[rows] if isinstance(rows, slice) else values.take(rows, axis=0)


def prepare(
    dataset: Dataset, folder: Path | None = None, store: DataStore | None = None
) -> Prepared:
    """Read a dataset as `read` does, divide its rows, scale by what the training rows show.

    Features (and columns that are neither) are scaled by ``dataset.scaling``, targets that are
    not features by ``dataset.target_scaling``; categories are never scaled.

    Raises
    ------
    DataError
        If it cannot be read, or a feature or target has missing or unusable values, or no row
        is left for training.
    """
    table = read(dataset, folder, store)
    features = {_column_of(name, table) for name in dataset.features}
    targets = {_column_of(name, table) for name in dataset.targets}
    for name in sorted(features | targets):
        if fault := table.columns[name].fault:
            raise DataError(fault)
    classes = _classes(table, dataset) if dataset.split.stratify else None
    splits = split_rows(table.rows, dataset.split, dataset.seed, classes, table.test_rows)
    columns: dict[str, Values] = {}
    scalings: dict[str, Scaling] = {}
    for name, column in table.columns.items():
        method = dataset.scaling
        if name in targets and name not in features:
            method = dataset.target_scaling
        columns[name] = column.values
        if method != "none" and column.kind != "category" and not column.fault:
            scalings[name] = fit(column.values[splits["train"]], method)
            columns[name] = scalings[name].apply(column.values)
    return Prepared(
        columns={name: _read_only(values) for name, values in columns.items()},
        splits=splits,
        categories={n: c.categories for n, c in table.columns.items() if c.categories is not None},
        scalings=scalings,
        faults={name: c.fault for name, c in table.columns.items() if c.fault},
        notes=tuple(table.notes),
    )


def _column_of(reference: str, table: Table) -> str:
    return reference if reference in table.columns else split_component(reference)[0]


def _classes(table: Table, dataset: Dataset) -> Integers:
    """Return the classes of the first target that has any, (rows,)."""
    for reference in dataset.targets:
        column = table.columns[_column_of(reference, table)]
        if column.kind == "category":
            return column.codes()
        if _has_classes(column):
            return np.unique(column.values[:, 0], return_inverse=True)[1].astype(np.int64)
    raise DataError(
        "the split is to be stratified but no target has classes; "
        "choose a class as target or turn stratifying off"
    )


def _has_classes(column: Column) -> bool:
    values = column.values
    whole = column.width == 1 and bool((values == np.round(values)).all())
    return whole and len(np.unique(values)) <= _MAX_CLASSES


def _read_only(values: Values) -> Values:
    values.flags.writeable = False
    return values

"""Finding the data that column references (``name`` or ``name[i]``) stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from engine.declaration.op import Array
from engine.errors import DataError
from graph.model.dataset import split_component


def fetch(
    references: Iterable[str], columns: Mapping[str, Array], dtype: np.dtype[Any]
) -> dict[str, Array]:
    """Return the array of each reference, (B, width), in the dtype of the run.

    Parameters
    ----------
    references : iterable of str
        What inputs and targets read.
    columns : mapping
        By reference, or by column: components are then taken from their column.
    dtype : numpy dtype
        float64 or float32.

    Raises
    ------
    DataError
        If a column is missing, there are no rows, or the columns differ in rows.
    """
    fetched: dict[str, Array] = {}
    for reference in references:
        fetched[reference] = np.asarray(_column(columns, reference), dtype)
    counts = {len(column) for column in fetched.values()}
    if counts == {0}:
        raise DataError("the data has no rows; choose other data or another split")
    if len(counts) > 1:
        raise DataError(f"the columns {', '.join(fetched)} have different numbers of rows")
    return fetched


def _column(columns: Mapping[str, Array], reference: str) -> Array:
    if reference in columns:
        return columns[reference]
    name, index = split_component(reference)
    if index is None or name not in columns:
        raise DataError(f"the data has no column {reference!r}; choose another in the node")
    return columns[name][:, index : index + 1]

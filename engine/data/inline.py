"""Small tables kept in the document itself."""

from __future__ import annotations

import numpy as np

from engine.data.cells import Cells, to_column
from engine.data.row_numbers import row_name
from engine.data.table import Table
from graph.model.dataset import Cell, Inline


def table(dataset: Inline) -> Table:
    """Return the document's own table."""
    return Table(
        {
            name: to_column(_cells(name, column), dataset.encoding.get(name))
            for name, column in dataset.columns.items()
        }
    )


def _cells(name: str, column: list[Cell]) -> Cells:
    numbers = [float(cell) if isinstance(cell, int | float) else np.nan for cell in column]
    return Cells(
        numbers=np.array(numbers, np.float64),
        texts=np.array(["" if cell is None else str(cell) for cell in column], dtype=object),
        missing=np.array([cell is None for cell in column], np.bool_),
        place=lambda row: f"the document's table: {row_name(row)}, column {name!r}",
    )

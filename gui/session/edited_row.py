"""A row of the dataset whose inputs were changed by hand: shown, never stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from engine.arrays.aliases import Array
from graph.model.dataset import split_component

_WRITTEN = 3  # changes that are written out


class DataEntry(NamedTuple):
    """One number of a row: a column of the data and its component."""

    column: str
    component: int


@dataclass(frozen=True, slots=True)
class EditedRow:
    """What is different from the stored row.

    Parameters
    ----------
    row : int
        The row of the dataset.
    changes : mapping
        DataEntry → what it is called on the canvas, and its number as the network sees it.
    """

    row: int
    changes: Mapping[DataEntry, tuple[str, float]]

    def changed(self, entry: DataEntry, name: str, number: float) -> EditedRow:
        """Return it with one more entry changed."""
        return EditedRow(self.row, {**self.changes, entry: (name, number)})

    def applied(self, columns: Mapping[str, Array]) -> dict[str, Array]:
        """Return a stored row, reference → (1, width), with the changes."""
        found = {}
        for reference, stored in columns.items():
            found[reference] = stored
            for k in range(stored.shape[1]):
                change = self.changes.get(entry_of(reference, k, stored.shape[1]))
                if change is not None:
                    if found[reference] is stored:
                        found[reference] = stored.copy()
                    found[reference][0, k] = change[1]
        return found

    @property
    def text(self) -> str:
        """What is changed: ``x₁ = 2.5 (edited)``."""
        if len(self.changes) > _WRITTEN:
            return f"{len(self.changes)} inputs edited"
        parts = (f"{name} = {number:.6g}" for name, number in self.changes.values())
        return f"{', '.join(parts)} (edited)".replace("-", "−")


def entry_of(reference: str, component: int, width: int) -> DataEntry:
    """Return the entry that is a component of a reference of so many: ``image[3]`` is one alone."""
    column, index = split_component(reference)
    return (
        DataEntry(column, index)
        if index is not None and width == 1
        else DataEntry(reference, component)
    )

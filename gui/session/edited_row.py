"""A row of the dataset whose inputs were changed by hand: shown, never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from engine.arrays.aliases import Array
from graph.model.dataset import split_component

if TYPE_CHECKING:
    from engine.data import Prepared

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


def data_units(
    prepared: Prepared | None, references: Sequence[str], numbers: Array
) -> list[tuple[str, float]]:
    """Return what scaled numbers of an input or target are in the units of the data.

    Parameters
    ----------
    prepared : Prepared, optional
        The data.
    references : sequence of str
        Columns of the input or target.
    numbers : (width,) array
        What it gives: of a row, or a mean over rows, which scaling does not change.
    """
    found, start = list[tuple[str, float]](), 0
    if prepared is None:
        return found
    for reference in references:
        column, component = split_component(reference)
        width = 1 if component is not None else prepared.schema.get(column, 0)
        scaling = prepared.scalings.get(column)
        if scaling is not None and width == 1 and start < len(numbers):
            place = component or 0
            offset, scale = float(scaling.offset[place]), float(scaling.scale[place])
            found.append((reference, float(numbers[start]) * scale + offset))
        start += width
    return found

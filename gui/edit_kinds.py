"""Which numbers an edit changes: none, parameter values, training settings, or everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model.edits import (
    Edit,
    Move,
    SetComments,
    SetGroups,
    SetLabel,
    SetParameterValues,
    SetText,
    SetTraining,
    flatten,
)
from graph.model.tensor import Tensor
from graph.model.training import Training

_COSMETIC = (Move, SetLabel, SetGroups, SetComments, SetText)


def numeric_parts(edit: Edit) -> Iterator[Edit]:
    """Yield the parts of an edit that change the computation, not just its picture."""
    return (part for part in flatten(edit) if not isinstance(part, _COSMETIC))


def changes_numbers(edit: Edit) -> bool:
    """Tell whether an edit changes the computation."""
    return any(True for _ in numeric_parts(edit))


def settings_in(edit: Edit) -> Training | None:
    """Return the training settings an edit sets if it changes no other number, else None."""
    settings = None
    for part in numeric_parts(edit):
        if not isinstance(part, SetTraining):
            return None
        settings = part.training
    return settings


def values_in(edit: Edit) -> Mapping[str, Tensor | None] | None:
    """Return the parameter values an edit sets if it changes no other number, else None."""
    values: dict[str, Tensor | None] = {}
    for part in numeric_parts(edit):
        if not isinstance(part, SetParameterValues):
            return None
        values.update(part.values)
    return values

"""What a run can stop for, as rows of a list: conditions of training, and places of an update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from graph.model.trainable import carries_weight
from gui.session.session import Session
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.training.breakpoints import Condition
    from graph.model.document import Document

Alone: TypeAlias = Literal["", "parameter", "unit"]
"""What a condition can be of alone; empty if only of the whole network."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A condition that can be added.

    Parameters
    ----------
    text, one : str
        What the list says, of the whole network and of one part; ``{}`` stands for the number.
    start : float or None
        The number at first; None if the condition has none.
    part : Alone
        What it can be of alone.
    make : callable
        Makes the condition from the number and the name of the part, or None.
    """

    text: str
    one: str
    start: float | None
    part: Alone
    make: Callable[[float, str | None], Condition]


def _not_finite(_number: float, _name: str | None) -> Condition:
    from engine.training.breakpoints import NotFinite

    return NotFinite()


def _small(number: float, name: str | None) -> Condition:
    from engine.training.breakpoints import GradientNorm

    return GradientNorm(below=number, parameter=name)


def _large(number: float, name: str | None) -> Condition:
    from engine.training.breakpoints import GradientNorm

    return GradientNorm(above=number, parameter=name)


def _silent(number: float, name: str | None) -> Condition:
    from engine.training.breakpoints import SilentUnit

    return SilentUnit(max(1, round(number)), name)


def _rises(number: float, _name: str | None) -> Condition:
    from engine.training.breakpoints import ErrorRises

    return ErrorRises(max(1, round(number)))


_NOT_FINITE = "a number is not finite"
_SILENT = "is silent in all rows for {} updates"
_RISES = "E rises {} times in a row"
SORTS: Mapping[str, Sort] = {
    "not_finite": Sort(_NOT_FINITE, _NOT_FINITE, None, "", _not_finite),
    "small": Sort("|gradient| < {}", "|gradient| < {}", 1e-6, "parameter", _small),
    "large": Sort("|gradient| > {}", "|gradient| > {}", 100.0, "parameter", _large),
    "silent": Sort(f"a unit {_SILENT}", _SILENT, 10.0, "unit", _silent),
    "rises": Sort(_RISES, _RISES, 3.0, "", _rises),
}


@dataclass(frozen=True, slots=True, eq=False)
class Breakpoint:
    """A row of the list.

    Parameters
    ----------
    sort : str
        Key of `SORTS`; empty for a place at which stepping stands still.
    number : float
        That of the condition.
    place : str or None
        Id or name of the part it is of alone.
    condition : Condition or None
        What the run checks; None for a place.
    """

    sort: str
    number: float
    place: str | None
    condition: Condition | None

    @classmethod
    def of(cls, sort: str, number: float, place: str | None) -> Breakpoint:
        """Return a row with its condition."""
        return cls(sort, number, place, SORTS[sort].make(number, place))

    @classmethod
    def read(cls, stored: object) -> Breakpoint | None:
        """Return a row from what `stored` gave; None if it is not understood."""
        match stored:
            case ["", _, str(place)]:
                return cls("", 0.0, place, None)
            case [str(sort), int() | float() as number, str() | None as place] if sort in SORTS:
                return cls.of(sort, float(number), place)
        return None

    def stored(self) -> list[object]:
        """Return it as plain data."""
        return [self.sort, self.number, self.place]

    def is_there(self, document: Document) -> bool:
        """Tell whether the document has the node, edge or parameter it is of alone."""
        place = self.place
        if place is None or place in document.nodes or place in document.edges:
            return True
        return any(document.parameter_name(slot) == place for slot in document.all_slots())

    def text(self, session: Session) -> str:
        """Return what the list says, with labels as they are now."""
        label = label_of(session, self.place) if self.place is not None else ""
        if self.condition is None:
            return f"the cursor comes to {label}"
        sort = SORTS[self.sort]
        text = (sort.one if label else sort.text).format(number_text(self.number))
        return f"{label}: {text}" if label else text


def label_of(session: Session, place: str) -> str:
    """Return what users see at a place."""
    from engine.training.breakpoints import place_label

    return place_label(session.document, session.plan, place)


def parts_of(session: Session, part: Alone) -> list[str]:
    """Return what of the one selected node or edge a condition can be of alone."""
    selection, document = session.selection, session.document
    if not part or len(selection.nodes) + len(selection.edges) != 1:
        return []
    if selection.edges:
        (edge,) = selection.edges
        slots = [f"{edge}.weight"] if carries_weight(document, edge) else []
        return [document.parameter_name(slot) for slot in slots] if part == "parameter" else []
    (node,) = selection.nodes
    if part == "parameter":
        own = [slot for slot in document.slots(node) if slot.rpartition(".")[0] == node]
        return [document.parameter_name(slot) for slot in own]
    from engine.training.breakpoints import units_of

    return [node] if session.plan is not None and node in units_of(session.plan) else []

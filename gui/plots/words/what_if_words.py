"""What the view of what-if says in words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Protocol

from engine.analysis.what_if.changes import Action, Change
from graph.model.edits import Batch, SetFrozen, SetParameterValues
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.analysis.what_if.ablation import Effect
    from engine.analysis.what_if.blocks import Importance

ACTION_WORDS: dict[Action, str] = {
    "cut": "cut",
    "scale": "scale by",
    "zero": "silence (0)",
    "mean": "silence (mean)",
    "freeze": "freeze",
}
"""The choices on the screen."""
_GRADIENTS = 8  # that are listed


class ScreenNames(Protocol):
    """What things are called on the screen."""

    def is_node(self, place: str) -> bool:
        """Tell whether an id is that of a node."""

    def place(self, place: str) -> str:
        """Return what an edge or a node is called."""

    def parameter(self, name: str) -> str:
        """Return what a parameter is called."""

    def metric(self, name: str) -> str:
        """Return what a metric is called."""


def importance_name(names: ScreenNames, one: Importance) -> str:
    """Return what a line of the ranking is about: an edge, a node, a unit of a layer."""
    name = names.place(one.place)
    return name if one.component is None else f"{name}[{one.component}]"


def change_text(names: ScreenNames, change: Change) -> str:
    """Say what is done, as a heading and as the name of the undo entry."""
    name = names.place(change.place)
    verbs: dict[Action, str] = {
        "cut": f"Cut {name}",
        "scale": f"Scale {name} by {number_text(change.factor)}",
        "zero": f"Silence {name} (0)",
        "mean": f"Silence {name} (mean)",
        "freeze": f"Freeze {name}",
    }
    return verbs[change.action]


def apply_text(names: ScreenNames, change: Change, found: Effect) -> str:
    """Say what applying it makes in the document."""
    edit, name = found.edit, names.place(change.place)
    if isinstance(edit, SetFrozen):
        frozen = ", ".join(names.parameter(one) for one in list(edit.frozen)[:4])
        more = f" and {len(edit.frozen) - 4} more" if len(edit.frozen) > 4 else ""
        return f"Apply: training no longer changes {frozen}{more}. E is the same now."
    if names.is_node(change.place):
        return f"Apply: a constant feeds all that reads {name}, which stays, unread."
    becomes = "0" if change.action == "cut" else f"{number_text(change.factor)} times itself"
    if isinstance(edit, SetParameterValues):
        return f"Apply: the weight becomes {becomes}; the edge stays and is trained on."
    if isinstance(edit, Batch) and any(isinstance(one, SetParameterValues) for one in edit.edits):
        return f"Apply: the edge gets a weight of its own, no longer shared, which is {becomes}."
    factor = 0.0 if change.action == "cut" else change.factor
    return f"Apply: a node k·x with k = {number_text(factor)} is put on the edge."


def effect_text(names: ScreenNames, change: Change, found: Effect, whose: str) -> str:
    """Write E and metrics before and after, and the gradients that change most."""
    rows = [("E", found.before.error, found.after.error)]
    several = len(found.before.metrics) > 1
    for node, metrics in found.before.metrics.items():
        of = f" of {names.place(node)}" if several else ""
        after = found.after.metrics.get(node, {})
        rows += [
            (f"{names.metric(name)}{of}", value, after[name])
            for name, value in metrics.items()
            if name in after
        ]
    numbers = _table(("", "now", "then", "difference"), rows)
    text = f"<b>{escape(change_text(names, change))}</b>{numbers}"
    text += f"{escape(whose)}. {escape(apply_text(names, change, found))}"
    moved = [one for one in found.gradients if one.difference > 0][:_GRADIENTS]
    if moved:
        lines = [(names.parameter(one.parameter), one.before, one.after) for one in moved]
        text += "<br><br>Gradients ∂E/∂w that change most (of a matrix, its norm):"
        text += _table(("", "now", "then", "difference"), lines)
    return text


def _table(headings: tuple[str, ...], rows: list[tuple[str, float, float]]) -> str:
    lines = "".join(
        f"<tr><td>{escape(name)}&nbsp;&nbsp;</td>"
        + "".join(
            f"<td align='right'>&nbsp;&nbsp;{text}</td>"
            for text in (number_text(now), number_text(then), signed_text(then - now))
        )
        + "</tr>"
        for name, now, then in rows
    )
    top = "".join(f"<td align='right'>&nbsp;&nbsp;{heading}</td>" for heading in headings)
    return f"<table cellspacing='0' cellpadding='1'><tr>{top}</tr>{lines}</table>"


def signed_text(number: float) -> str:
    """Write a difference with its sign."""
    return f"+{number_text(number)}" if number > 0 else number_text(number)

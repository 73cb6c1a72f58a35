"""The breakpoints panel: conditions and places at which a run stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QListWidget, QListWidgetItem, QPushButton, QWidget

from graph.model.trainable import carries_weight
from gui.session.session import Session
from gui.widgets.fields import choice
from gui.widgets.layouts import column, named, row, tool_button
from gui.widgets.number_field import NumberField

if TYPE_CHECKING:
    from engine.training.breakpoints import Condition

_ITEM = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Sort:
    """A condition that can be added.

    Parameters
    ----------
    text : str
        What the list says; ``{}`` stands for the number.
    start : float or None
        The number at first; None if the condition has none.
    of_parameter : bool
        Whether it can be of one parameter alone.
    make : callable
        Makes the condition from the number and the name of a parameter, or None.
    """

    text: str
    start: float | None
    of_parameter: bool
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


def _silent(number: float, _name: str | None) -> Condition:
    from engine.training.breakpoints import SilentUnit

    return SilentUnit(max(1, round(number)))


def _rises(number: float, _name: str | None) -> Condition:
    from engine.training.breakpoints import ErrorRises

    return ErrorRises(max(1, round(number)))


SORTS = {
    "not_finite": Sort("a number is not finite", None, False, _not_finite),
    "small": Sort("|gradient| < {}", 1e-6, True, _small),
    "large": Sort("|gradient| > {}", 100.0, True, _large),
    "silent": Sort("a unit is silent for {} updates", 10.0, False, _silent),
    "rises": Sort("E rises {} times in a row", 3.0, False, _rises),
}


class BreakpointsPanel(QWidget):
    """Lists what a run stops for; a tick switches it.

    Where a run has stopped is selected on the canvas, and the sentence says why.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: object = None
        texts = {key: one.text.replace("{}", "…") for key, one in SORTS.items()}
        self.sort = named(choice(texts), "condition")
        self.sort.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.number = named(NumberField(0.0), "number of the condition")
        self.number.setFixedWidth(80)
        self.add = QPushButton("Add")
        self.add.setToolTip("Stop for this; of the selected wire or node alone if it has a weight")
        self.list = named(QListWidget(), "Breakpoints")
        self.remove = tool_button("Remove", "Remove the breakpoint that is chosen in the list")
        self.why = QLabel(wordWrap=True)
        column(
            row((self.sort, 1), self.number, self.add),
            (self.list, 1),
            self.remove,
            self.why,
            of=self,
            margins=(6, 6, 6, 6),
        )
        self.sort.currentIndexChanged.connect(self._show_number)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.list.itemChanged.connect(self._apply)
        session.run.state_changed.connect(self._show_hit)
        session.stepper.breaks_changed.connect(self._show_places)
        session.replaced.connect(self._forget)
        self._show_number()
        self._show_hit()

    # -- changing the list -----------------------------------------------------------------------

    def _show_number(self) -> None:
        start = SORTS[self.sort.currentData()].start
        self.number.setVisible(start is not None)
        if start is not None:
            self.number.setValue(start)

    def _parameter(self) -> str | None:
        """Return the parameter of the one selected wire or node; None if there is none."""
        selection, document = self._session.selection, self._session.document
        if len(selection.edges) == 1 and not selection.nodes:
            (edge,) = selection.edges
            slot = f"{edge}.weight" if carries_weight(document, edge) else ""
        elif len(selection.nodes) == 1 and not selection.edges:
            (node,) = selection.nodes
            own = [s for s in document.slots(node) if s.rpartition(".")[0] == node]
            slot = own[0] if own else ""
        else:
            slot = ""
        return document.parameter_name(slot) if slot else None

    def _add(self) -> None:
        sort, number = SORTS[self.sort.currentData()], self.number.value()
        name = self._parameter() if sort.of_parameter else None
        about = f" of {name}" if name else ""
        self._append(sort.text.format(f"{number:g}") + about, sort.make(number, name))

    def _append(self, text: str, what: Condition | str) -> None:
        item = QListWidgetItem(text)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked)
        item.setData(_ITEM, what)
        self.list.addItem(item)
        self._apply()

    def _remove(self) -> None:
        item = self.list.takeItem(self.list.currentRow())
        if item is not None:
            place = item.data(_ITEM)
            if isinstance(place, str):
                self._session.stepper.break_at(place, on=False)
            self._apply()

    def _apply(self) -> None:
        """Let the run stop for what is ticked."""
        items = [self.list.item(i) for i in range(self.list.count())]
        ticked = [one.data(_ITEM) for one in items if one.checkState() == Qt.CheckState.Checked]
        conditions = [one for one in ticked if not isinstance(one, str)]
        if conditions != list(self._session.run.breakpoints):
            self._session.run.breakpoints = tuple(conditions)
        for one in items:
            place = one.data(_ITEM)
            if isinstance(place, str):
                self._session.stepper.break_at(place, on=place in ticked)

    def _show_places(self) -> None:
        """List the places that were marked on the canvas, ticked as they are there."""
        breaks = self._session.stepper.breaks
        items = [self.list.item(i) for i in range(self.list.count())]
        places = {one.data(_ITEM): one for one in items if isinstance(one.data(_ITEM), str)}
        for place, item in places.items():
            state = Qt.CheckState.Checked if place in breaks else Qt.CheckState.Unchecked
            if item.checkState() != state:
                item.setCheckState(state)
        for place in sorted(breaks - places.keys()):
            self._append(f"stepping comes to {_label(self._session, place)}", place)

    def _forget(self) -> None:
        self.list.clear()
        self._session.run.breakpoints = ()
        for place in self._session.stepper.breaks:
            self._session.stepper.break_at(place, on=False)

    # -- a hit -----------------------------------------------------------------------------------

    def _show_hit(self) -> None:
        """Say why the run stopped, and select the place."""
        hit = self._session.run.hit
        self.why.setText(hit.sentence if hit else "")
        self.why.setVisible(hit is not None)
        is_new, self._shown = hit is not self._shown, hit
        if hit is None or not is_new:
            return
        document = self._session.document
        owner = hit.place.rpartition(".")[0]
        for name in (hit.place, owner):
            if name in document.nodes:
                self._session.select([name])
                return
            if name in document.edges:
                self._session.select((), [name])
                return


def _label(session: Session, place: str) -> str:
    node, edge = session.document.nodes.get(place), session.document.edges.get(place)
    if edge is not None:
        return f"{_label(session, edge.source)} → {_label(session, edge.target)}"
    return node.label or place if node else place

"""Choosing one number of θ: a parameter, and which of its entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QSpinBox, QWidget

from gui.plots.parameter_names import parameter_name
from gui.widgets.layouts import named, row
from gui.widgets.number_text import index_text

if TYPE_CHECKING:
    from engine.plan.plan import Plan
    from graph.model.document import Document
    from gui.session.session import Session

_MOST = 500  # parameters to choose from


@dataclass(frozen=True, slots=True)
class Number:
    """A number of θ: its place there, and what it is called."""

    place: int
    name: str


class NumberChooser(QWidget):
    """A list of parameters, and a field for the entry of those that are more than one number."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.parameter = named(QComboBox(), "parameter", "The weight or bias that is varied")
        self.entry = named(QSpinBox(), "entry", "Which entry of it, row by row")
        row(self.parameter, self.entry, of=self)
        self.parameter.activated.connect(lambda _: self.changed.emit())
        self.entry.valueChanged.connect(lambda _: self.changed.emit())

    def follow(self, document: Document, plan: Plan, default: int = 0) -> None:
        """List the parameters of a plan; what was chosen stays, if it is still there."""
        names = [one.name for one in list(plan.parameters)[:_MOST]]
        if names == [self.parameter.itemData(place) for place in range(self.parameter.count())]:
            return
        before = self.parameter.currentData()
        self.parameter.clear()
        for name in names:
            self.parameter.addItem(parameter_name(document, name), name)
        chosen = names.index(before) if before in names else min(default, len(names) - 1)
        self.parameter.setCurrentIndex(chosen)

    def choose(self, names: Iterable[str]) -> bool:
        """Choose the first of these parameters that is in the list; whether that is another."""
        places = [self.parameter.findData(name) for name in names]
        place = next((place for place in places if place >= 0), None)
        if place is None or place == self.parameter.currentIndex():
            return False
        self.parameter.setCurrentIndex(place)
        return True

    def number(self, document: Document, plan: Plan) -> Number | None:
        """Return the number that is chosen."""
        found = plan.parameters.find(str(self.parameter.currentData()))
        if found is None:
            return None
        self.entry.setVisible(found.size > 1)
        with QSignalBlocker(self.entry):
            self.entry.setRange(0, found.size - 1)
        entry = self.entry.value()
        name = parameter_name(document, found.name)
        if found.size > 1:
            name += index_text([int(i) for i in np.unravel_index(entry, found.shape)])
        return Number(found.offset + entry, name)


def selected_parameters(session: Session) -> list[str]:
    """Return the parameters of what is selected: of wires, then of nodes."""
    document, selection = session.document, session.selection
    slots = [f"{edge}.weight" for edge in sorted(selection.edges)]
    for node in sorted(selection.nodes & document.nodes.keys()):
        slots += document.slots(node)
    return [document.parameter_name(slot) for slot in slots]

"""What a derivative is of, E or any number the place leads to; over how many nodes it is opened."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from engine.analysis.explanation import EVERYTHING
from gui.widgets.fields import choice
from gui.widgets.layouts import captioned, named, row

_LONGEST = 26  # entries of the list that are seen at once
_DEPTHS = {1: "1", 2: "2", 3: "3", 4: "4", EVERYTHING: "all"}


class ExplanationChoices(QWidget):
    """Choices about the explanation below them.

    Attributes
    ----------
    numerator_chosen : Signal(str)
        Of what the derivative is to be; empty is E.
    depth_chosen : Signal(int)
        Over how many nodes a formula is to be opened.
    """

    numerator_chosen = Signal(str)
    depth_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.numerator = named(
            QComboBox(), "Derivative of", "E, or any number that this place leads to"
        )
        self.numerator.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.numerator.setMaxVisibleItems(_LONGEST)
        self.numerator.activated.connect(self._on_numerator)
        self._of = captioned("deri&vative of", self.numerator)
        tip = "Over how many nodes the formula is opened, back to E (Alt++, Alt+−)"
        self.depth_box = named(choice(_DEPTHS), "Depth", tip)
        self.depth_box.currentIndexChanged.connect(self._on_depth)
        depth = captioned("de&pth", self.depth_box)
        row(self._of, self.numerator, depth, self.depth_box, of=self).addStretch(1)
        self.show_numerators({}, "")

    def show_numerators(self, found: dict[str, str], chosen: str) -> None:
        """Offer numbers to differentiate: name → symbol; E is always there."""
        offered = {"": "E"} | found
        if chosen not in offered:
            offered[chosen] = chosen
        with QSignalBlocker(self.numerator):
            if list(offered) != [self.numerator.itemData(i) for i in range(self.numerator.count())]:
                self.numerator.clear()
                for name, symbol in offered.items():
                    self.numerator.addItem(symbol, name)
            self.numerator.setCurrentIndex(self.numerator.findData(chosen))
        for part in (self._of, self.numerator):
            part.setVisible(len(offered) > 1)

    def deepen(self, steps: int) -> None:
        """Open the formula over more nodes, or fewer."""
        index = self.depth_box.currentIndex() + steps
        self.depth_box.setCurrentIndex(min(max(index, 0), self.depth_box.count() - 1))

    def _on_depth(self, index: int) -> None:
        self.depth_chosen.emit(self.depth_box.itemData(index))

    def _on_numerator(self, index: int) -> None:
        self.numerator_chosen.emit(self.numerator.itemData(index))

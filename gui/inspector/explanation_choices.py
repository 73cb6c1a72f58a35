"""What a derivative is of: E, or any number that the chosen place leads to."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from gui.widgets.layouts import captioned, named, row

_WIDEST = 26  # letters of the list


class ExplanationChoices(QWidget):
    """Choices about the explanation below them.

    Attributes
    ----------
    numerator_chosen : Signal(str)
        Of what the derivative is to be; empty is E.
    """

    numerator_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.numerator = named(
            QComboBox(), "Derivative of", "E, or any number that this place leads to"
        )
        self.numerator.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.numerator.setMaxVisibleItems(_WIDEST)
        self.numerator.activated.connect(self._on_numerator)
        self._of = captioned("deri&vative of", self.numerator)
        row(self._of, self.numerator, of=self).addStretch(1)
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

    def _on_numerator(self, index: int) -> None:
        self.numerator_chosen.emit(self.numerator.itemData(index))

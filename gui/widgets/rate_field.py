"""Small input fields that the editor needs and Qt lacks."""

from __future__ import annotations

import math

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QWidget

_SERIES = (1.0, 2.0, 5.0)


class RateField(QDoubleSpinBox):
    """A positive number over many orders of magnitude: the arrows go through 1, 2, 5, 10, ….

    Shown as short as it can be (``0.05``, ``1e-05``).
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(12)
        self.setRange(1e-10, 1e6)
        self.setKeyboardTracking(False)

    def textFromValue(self, value: float) -> str:
        """Write the number as short as it can be."""
        return f"{value:.6g}"

    def valueFromText(self, text: str) -> float:
        """Read a number, also in the form 1e-3; the comma counts as a point."""
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept what is a number in range; let the rest be typed on."""
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            ok = all(sign in "0123456789.,eE+-" for sign in text)
            state = QValidator.State.Intermediate if ok else QValidator.State.Invalid
            return state, text, position
        inside = self.minimum() <= value <= self.maximum()
        state = QValidator.State.Acceptable if inside else QValidator.State.Intermediate
        return state, text, position

    def stepBy(self, steps: int) -> None:
        """Go to the next or previous number of 1, 2, 5, 10, 20, …."""
        for _ in range(abs(steps)):
            self.setValue(_neighbour(self.value(), up=steps > 0))
        self.selectAll()


def _neighbour(value: float, *, up: bool) -> float:
    power = math.floor(math.log10(value) + 1e-9)
    ladder = [step * 10.0**p for p in range(power - 1, power + 2) for step in _SERIES]
    if up:
        return next(step for step in ladder if step > value * (1 + 1e-9))
    return next(step for step in reversed(ladder) if step < value * (1 - 1e-9))

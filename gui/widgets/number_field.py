"""Numbers of any magnitude: typed, stepped, or scrubbed by dragging sideways."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QWidget

_START = 4  # px of sideways movement before a press becomes a drag
_PER_PIXEL = 0.01  # of the number's magnitude
_SERIES = (1.0, 2.0, 5.0)


class FloatField(QDoubleSpinBox):
    """A number of any magnitude, shown with six significant digits, as short as it can be."""

    def __init__(self, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(15)
        self.setRange(low, high)
        self.setKeyboardTracking(False)

    def textFromValue(self, value: float) -> str:
        """Write the number (``0.05``, ``1e-05``)."""
        return f"{value:.6g}"

    def valueFromText(self, text: str) -> float:
        """Read a number; the comma counts as a point, the minus sign as a hyphen."""
        if text == self.textFromValue(self.value()):
            return self.value()
        try:
            return float(_plain(text))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept what is a number in range; let the rest be typed on."""
        state = QValidator.State
        try:
            value = float(_plain(text))
        except ValueError:
            typing = all(sign in "0123456789.,eE+-−" for sign in text)
            return (state.Intermediate if typing else state.Invalid), text, position
        inside = math.isfinite(value) and self.minimum() <= value <= self.maximum()
        return (state.Acceptable if inside else state.Intermediate), text, position


class RateField(FloatField):
    """A positive number; the arrows go through 1, 2, 5, 10, …."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(1e-10, 1e6, parent)
        self.setDecimals(12)

    def stepBy(self, steps: int) -> None:
        """Go to the next or previous number of 1, 2, 5, 10, 20, …."""
        for _ in range(abs(steps)):
            self.setValue(_neighbour(self.value(), up=steps > 0))
        self.selectAll()


class NumberField(FloatField):
    """A number that is scrubbed by dragging sideways in the text (Shift finer, Ctrl coarser).

    Arrow keys and wheel step by a tenth of its magnitude. All values of one drag are one gesture,
    so that they can become one undo entry.
    """

    edited = Signal(float, int)  # by the user: the number, and which gesture it belongs to
    scrub_began = Signal()  # before the number changes
    scrub_ended = Signal()

    def __init__(
        self, low: float | None = None, high: float | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(-1e15 if low is None else low, 1e15 if high is None else high, parent)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._gesture = 0
        self._press: tuple[float, float] | None = None
        self._scrubbing = False
        self._showing = False
        self.lineEdit().installEventFilter(self)
        self.lineEdit().setCursor(Qt.CursorShape.SizeHorCursor)
        self.setToolTip("Type a number, or drag sideways (Shift: finer, Ctrl: coarser)")
        self.valueChanged.connect(self._tell)

    def show_value(self, value: float) -> None:
        """Show a number without telling anybody; one that is being changed stays."""
        if self._scrubbing or (self.hasFocus() and self.lineEdit().isModified()):
            return
        self._showing = True
        self.setValue(value)
        self._showing = False

    def stepBy(self, steps: int) -> None:
        """Step by a tenth of the number's magnitude."""
        self._gesture += 1
        self.setValue(self.value() + steps * magnitude(self.value()) / 10)
        self.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scrub while the mouse is dragged sideways in the text."""
        if isinstance(event, QMouseEvent) and event.type() in _MOUSE:
            return self._mouse(event)
        return super().eventFilter(watched, event)

    def _mouse(self, event: QMouseEvent) -> bool:
        x = event.globalPosition().x()
        if event.type() == QEvent.Type.MouseButtonPress:
            self._press = (x, self.value()) if event.button() == Qt.MouseButton.LeftButton else None
            self._gesture += 1
            return False
        if event.type() == QEvent.Type.MouseButtonRelease:
            return self._end_scrub()
        if self._press is None:
            return False
        start, value = self._press
        if not self._scrubbing and abs(x - start) > _START:
            self._scrubbing = True
            self.scrub_began.emit()
        if self._scrubbing:
            keys = event.modifiers()
            fine = 0.1 if keys & Qt.KeyboardModifier.ShiftModifier else 1.0
            coarse = 10.0 if keys & Qt.KeyboardModifier.ControlModifier else 1.0
            step = magnitude(value) * _PER_PIXEL * fine * coarse
            self.setValue(value + (x - start) * step)
        return self._scrubbing

    def _end_scrub(self) -> bool:
        """Stop scrubbing; whether there was any."""
        was, self._scrubbing, self._press = self._scrubbing, False, None
        if was:
            self.scrub_ended.emit()
        return was

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop scrubbing: nobody will say that the button is released."""
        self._end_scrub()
        super().hideEvent(event)

    def _tell(self, value: float) -> None:
        if not self._showing:
            if not self._scrubbing:
                self._gesture += 1
            self.edited.emit(value, self._gesture)


_MOUSE = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
)


def magnitude(value: float) -> float:
    """Return the power of ten of a number, at least 0.1."""
    size = abs(value)
    return 0.1 if size < 0.1 else 10.0 ** math.floor(math.log10(size))


def _neighbour(value: float, *, up: bool) -> float:
    power = math.floor(math.log10(value) + 1e-9)
    ladder = [step * 10.0**p for p in range(power - 1, power + 2) for step in _SERIES]
    if up:
        return next(step for step in ladder if step > value * (1 + 1e-9))
    return next(step for step in reversed(ladder) if step < value * (1 - 1e-9))


def _plain(text: str) -> str:
    return text.strip().replace(",", ".").replace("−", "-")

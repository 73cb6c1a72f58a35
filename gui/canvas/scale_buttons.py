"""The buttons at the end of the legend: fit the colours anew, lock them, go by magnitudes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget

from gui.canvas.layers import legend
from gui.canvas.session_mirror import Mirror
from gui.look.theme import icon
from gui.widgets.layouts import row, tool_button
from gui.widgets.override_guard import guarded

_REFIT = "Fit the colours to the numbers shown now; while training they only widen by themselves"
_LOCK = "Keep the colours' scales as they are, whatever comes"
_LOG = "Colours, widths and pulses by orders of magnitude: each step of a bar is a power of ten"


class ScaleButtons(QWidget):
    """Refit, lock and logarithm of a canvas's colour scales."""

    def __init__(self, mirror: Mirror, parent: QWidget) -> None:
        super().__init__(parent)
        self._mirror = mirror
        self.refit = tool_button("", _REFIT, mirror.refit_scales, name="Refit colours")
        self.lock = tool_button("", _LOCK, mirror.lock_scales, name="Lock colours")
        self.log = tool_button("", _LOG, mirror.use_logarithm, name="Logarithmic colours")
        for button in (self.refit, self.lock, self.log):
            button.setIconSize(QSize(16, 16))
            button.setFixedSize(26, 26)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.lock.setCheckable(True)
        self.log.setCheckable(True)
        row(self.refit, self.lock, self.log, of=self).setSpacing(2)
        mirror.scales_changed.connect(self._show)
        self._show()

    def place(self, width: int, height: int) -> None:
        """Go to the end of the legend of a canvas of this size; away if there is no room."""
        self.setVisible(bool(legend.height(width, height) and legend.buttons(width)))
        self.adjustSize()
        top = height - legend.HEIGHT + (legend.HEIGHT - self.height()) / 2
        self.move(width - self.width() - 8, round(top))

    def recolor(self) -> None:
        """Follow the theme."""
        color = self.palette().color(QPalette.ColorRole.ButtonText)
        locked = self._mirror.scene.shading.scales.locked
        names = "arrow-expand-horizontal", "lock" if locked else "lock-open-outline", "math-log"
        for button, name in zip((self.refit, self.lock, self.log), names, strict=True):
            button.setIcon(icon(f"mdi6.{name}", color))

    @guarded()
    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme: a widget's children learn of new colours after it."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self.recolor()

    def _show(self) -> None:
        scales = self._mirror.scene.shading.scales
        self.lock.setChecked(scales.locked)
        self.log.setChecked(scales.logarithmic)
        if self.isVisible():
            self.recolor()

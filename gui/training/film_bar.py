"""The film: a slider over the epochs of a run; the whole editor shows the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSlider, QWidget

from gui.look.theme import icon
from gui.widgets.layouts import named, row, tool_button

if TYPE_CHECKING:
    from gui.session.session import Session

_FRAME = 40  # ms between two pictures of a film that plays
_LENGTH = 150  # pictures that a film has at most
_TIP = (
    "The film of this run: drag to any epoch, and canvas, inspector and E show it. Play then "
    "trains on from there; undo comes back."
)


class FilmBar(QWidget):
    """Play button, slider and epoch of the film; hidden as long as there is none."""

    shown = Signal(object)  # the epoch that was gone to, None for the end

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.epochs = np.zeros(0, np.int64)
        self._timer = QTimer(self, interval=_FRAME)
        self._timer.timeout.connect(self._next)
        self.play = tool_button("", "Play the film", self._toggle, name="play the film")
        self.slider = named(QSlider(Qt.Orientation.Horizontal), "film", _TIP)
        self.slider.valueChanged.connect(self._on_value)
        self.label = QLabel()
        row(self.play, (self.slider, 1), self.label, of=self)
        self._recolor()
        self.refresh()

    def refresh(self) -> None:
        """Follow the run: a film that grows, or another one."""
        place = self._session.run.film_place
        self.epochs = epochs = self._session.run.film_epochs
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, len(epochs))
            self.slider.setPageStep(max(1, len(epochs) // 20))
            self.slider.setValue(len(epochs) if place is None else place)
        self.setVisible(len(epochs) > 0)
        self._tell()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._recolor()

    def _on_value(self, place: int) -> None:
        end = place >= len(self.epochs)
        self._session.run.show_frame(None if end else int(self.epochs[place]))
        self._tell()

    def _tell(self) -> None:
        place = self.slider.value()
        at_end = place >= len(self.epochs)
        last = self._session.run.last_epoch
        self.label.setText(f"epoch {last if at_end else self.epochs[place]} of {last}")
        at_end = at_end or self._session.run.running
        self.shown.emit(None if at_end else float(self.epochs[place]))

    # -- playing ------------------------------------------------------------------------------

    def _toggle(self) -> None:
        if self._timer.isActive():
            self._stop()
            return
        if self.slider.value() == self.slider.maximum():
            self.slider.setValue(0)
        self._timer.start()
        self._recolor()

    def _next(self) -> None:
        step = max(1, self.slider.maximum() // _LENGTH)
        self.slider.setValue(min(self.slider.value() + step, self.slider.maximum()))
        if self.slider.value() == self.slider.maximum() or self._session.run.running:
            self._stop()

    def _stop(self) -> None:
        self._timer.stop()
        self._recolor()

    def hideEvent(self, event: object) -> None:
        """Stop playing what nobody sees."""
        self._stop()

    def _recolor(self) -> None:
        name = "mdi6.pause" if self._timer.isActive() else "mdi6.filmstrip"
        self.play.setIcon(icon(name, self.palette().color(QPalette.ColorRole.ButtonText)))

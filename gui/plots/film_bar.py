"""The film below plots over time: which epoch is shown, frame by frame, and playing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from gui.look.theme import icon
from gui.plots.plot_view import Readout
from gui.widgets.layouts import named, row, tool_button

if TYPE_CHECKING:
    from gui.session.session import Session

_FRAME = 40  # ms between two pictures of a film that plays
_LENGTH = 150  # pictures that a film has at most
_SPEEDS = {"¼×": 0.25, "½×": 0.5, "1×": 1.0, "2×": 2.0, "4×": 4.0}
"""At speed 1 a film takes 6 seconds, or a picture for each frame if it has fewer than 150."""
_TIP = (
    "The film of this run. Drag in the plot to any epoch, and canvas, inspector and E show it; "
    "play then trains on from there, and undo comes back.\n"
    "Shift and drag, or the middle button: move the plot. Wheel: zoom. Double click: all of it."
)


class FilmBar(QWidget):
    """Buttons and epoch of the film, and room for readouts; its cursor is a line in the plots.

    Attributes
    ----------
    epochs : array of int
        Epochs that have a frame, the end left out.
    place : int
        Which of them is shown; their number at the end.
    readout : Readout
        What the plot says of the epoch shown, or of that under the mouse.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.epochs = np.zeros(0, np.int64)
        self.place = 0
        self._timer = QTimer(self, interval=_FRAME)
        self._timer.timeout.connect(self._next)
        back, forth = partial(self.step, -1), partial(self.step, 1)
        self.back = tool_button("", "The frame before", back, name="frame before")
        self.play = tool_button("", "Play the film", self._toggle, name="play the film")
        self.forth = tool_button("", "The next frame", forth, name="next frame")
        self.speed = named(QComboBox(), "speed of the film")
        self.speed.addItems(list(_SPEEDS))
        self.speed.setCurrentText("1×")
        self.speed.setToolTip("How fast the film plays")
        self.speed.currentTextChanged.connect(self._set_speed)
        self.label = QLabel()
        self.label.setToolTip(_TIP)
        self.readout = Readout()
        self._buttons = self.back, self.play, self.forth
        row(*self._buttons, self.speed, self.label, (self.readout, 1), of=self)
        self._recolor()
        self.refresh()

    def refresh(self, epoch: int | None = None, *, of_run: bool = True) -> None:
        """Follow the run: a film that grows, or another one.

        Parameters
        ----------
        epoch : int, optional
            The last epoch that the plot shows of a run that is going on.
        of_run : bool
            Whether the run is one of the network as it is now.
        """
        run = self._session.run
        self.epochs, place = run.film_epochs, run.film_place
        self.place = len(self.epochs) if place is None else place
        last = run.last_epoch if epoch is None or not run.running else epoch
        shown = run.epoch if not run.running else last
        there = len(self.epochs) > 0 and of_run
        for one in (*self._buttons, self.speed):
            one.setEnabled(there)
        self.back.setEnabled(there and self.place > 0)
        self.forth.setEnabled(there and self.place < len(self.epochs))
        of = "" if shown == last else f" of {last:,}"
        self.label.setText(f"epoch {shown:,}{of}")
        self.label.setVisible(of_run)

    # -- going to a frame ---------------------------------------------------------------------

    def go(self, place: int) -> None:
        """Show a frame by its place; the end from their number on."""
        place = max(0, min(place, len(self.epochs)))
        if place != self.place or self._session.run.running:
            self.place = place
            end = place == len(self.epochs)
            self._session.run.show_frame(None if end else int(self.epochs[place]))

    def go_to(self, epoch: float) -> None:
        """Show the frame that is nearest to an epoch."""
        if len(self.epochs):
            ends = np.append(self.epochs, self._session.run.last_epoch)
            self.go(int(np.argmin(np.abs(ends - epoch))))

    def step(self, frames: int) -> None:
        """Go on by some frames, or back."""
        self.go(self.place + frames)

    # -- playing ------------------------------------------------------------------------------

    @property
    def is_playing(self) -> bool:
        """Whether the film plays."""
        return self._timer.isActive()

    def _toggle(self) -> None:
        if self.is_playing:
            self._stop()
            return
        if self.place >= len(self.epochs):
            self.go(0)
        self._timer.start()
        self._recolor()

    def _set_speed(self, text: str) -> None:
        self._timer.setInterval(round(_FRAME / min(_SPEEDS[text], 1)))

    def _next(self) -> None:
        at_once = max(1, len(self.epochs) // _LENGTH)
        self.step(round(at_once * max(_SPEEDS[self.speed.currentText()], 1)))
        if self.place >= len(self.epochs) or self._session.run.running:
            self._stop()

    def _stop(self) -> None:
        self._timer.stop()
        self._recolor()

    # -- looks --------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._recolor()

    def hideEvent(self, event: object) -> None:
        """Stop playing what nobody sees."""
        self._stop()

    def _recolor(self) -> None:
        color = self.palette().color(QPalette.ColorRole.ButtonText)
        names = "skip-previous", "pause" if self.is_playing else "filmstrip", "skip-next"
        for button, name in zip(self._buttons, names, strict=True):
            button.setIcon(icon(f"mdi6.{name}", color))

"""Projector mode: the canvas alone, with larger type and strokes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QByteArray, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget

from gui.canvas.scene_view import SceneView
from gui.shell.dock_places import VERSION

_LARGER = 1.5  # of type and strokes on the canvas
_FONT = 1.25  # of menus and controls


class Projector:
    """Hides the panels of a window and enlarges type, and brings everything back.

    Parameters
    ----------
    window : QMainWindow
        Whose panels.
    canvas : SceneView
        What is projected.
    panels : callable
        Returns what is hidden.
    """

    def __init__(
        self, window: QMainWindow, canvas: SceneView, panels: Callable[[], Iterable[QWidget]]
    ) -> None:
        self._window, self._canvas, self._panels = window, canvas, panels
        self._places: QByteArray | None = None

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return self._places is not None

    def toggle(self) -> None:
        """Begin, or end."""
        if self.on:
            self.end()
        else:
            self._begin()

    def _begin(self) -> None:
        self._places = self._window.saveState(VERSION)
        for panel in self._panels():
            panel.hide()
        self._scale(_FONT, _LARGER)

    def end(self) -> None:
        """Show everything as it was before."""
        if self._places is not None:
            places, self._places = self._places, None
            self._window.restoreState(places, VERSION)
            self._scale(1 / _FONT, 1.0)

    def _scale(self, font: float, larger: float) -> None:
        size = self._window.font()
        size.setPointSizeF(size.pointSizeF() * font)
        for widget in (self._window, self._window.menuBar()):
            widget.setFont(size)
        self._canvas.enlarge(larger)
        QTimer.singleShot(0, self._canvas, self._canvas.fit)  # once it has its new size

"""Where window and docks are when the program starts."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from gui.settings import Settings

VERSION = 2
"""Grows when the docks change so much that a stored state no longer fits."""
NARROW = [180, 280]
"""Pixels of palette and inspector at first on a small screen."""
_WIDTHS = [215, 320]  # px of palette and inspector at first
_HEIGHTS = [330, 360]  # px of inspector and explanation
_PLOTS = 230, 200  # px of the plots, on a large and on a small screen
_SMALL = 1440  # px of width of a screen that the window fills at first


def restore(window: QMainWindow, settings: Settings, docks: Mapping[str, QDockWidget]) -> None:
    """Put window and docks where they were; sensible places at first."""
    room = window.screen().availableGeometry().size()
    small = room.width() <= _SMALL
    if not window.restoreGeometry(settings.window("geometry")):
        window.resize(min(1600, room.width() - 40), min(1000, room.height() - 60))
        if small:
            window.setWindowState(Qt.WindowState.WindowMaximized)
    if not window.restoreState(settings.window("state"), VERSION):
        side = [docks["palette"], docks["inspector"]]
        window.resizeDocks(side, NARROW if small else _WIDTHS, Qt.Orientation.Horizontal)
        right = [docks["inspector"], docks["explanation"]]
        window.resizeDocks(right, _HEIGHTS, Qt.Orientation.Vertical)
        window.resizeDocks([docks["problems"]], [_PLOTS[small]], Qt.Orientation.Vertical)

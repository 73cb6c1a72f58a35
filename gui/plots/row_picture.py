"""One row of the data as a picture, with a word below it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from engine.arrays.aliases import Array
from gui.widgets.layouts import column, named
from gui.widgets.pixel_grid import PixelGrid

_WIDTH = 150  # px


class RowPicture(QWidget):
    """Pictures of a row in grey, and whose they are."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(_WIDTH)
        self.grid = named(PixelGrid(), "picture of the row")
        self.caption = QLabel(wordWrap=True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop)
        column((self.grid, 1), self.caption, of=self)

    def show_row(self, pictures: Array, text: str) -> None:
        """Show pictures (n, height, width) and the text below them."""
        self.grid.show_pictures(pictures)
        self.caption.setText(text)
        self.grid.setAccessibleDescription(text)

"""A field for the name of a data file."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class FileField(QWidget):
    """A file name with a button to choose it; typed names are relative to the document.

    Attributes
    ----------
    changed : Signal()
        Another file was named.
    """

    changed = Signal()

    def __init__(self, folder: Path, filters: str, name: str) -> None:
        super().__init__()
        self._folder, self._filters = folder, filters
        self.edit = QLineEdit()
        self.edit.setAccessibleName(name)
        self.edit.setPlaceholderText("file name")
        self.edit.textChanged.connect(self.changed)
        button = QPushButton("Choose…")
        button.setAccessibleName(f"Choose {name}")
        button.setAutoDefault(False)
        button.clicked.connect(self._choose)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit, 1)
        layout.addWidget(button)
        self.setFocusProxy(self.edit)

    @property
    def path(self) -> str:
        """What the document would keep: relative to its folder where that is possible."""
        text = self.edit.text().strip()
        if text and self._folder != Path() and Path(text).is_absolute():
            try:
                return Path(os.path.relpath(text, self._folder.resolve())).as_posix()
            except ValueError:  # another drive
                return text
        return text

    def complete(self, path: str) -> None:
        """Name a file that belongs to others, if none is named; says nothing of the change."""
        if not self.edit.text():
            with QSignalBlocker(self.edit):
                self.edit.setText(path)

    def _choose(self) -> None:
        start = str(self._folder / self.path)
        name, _ = QFileDialog.getOpenFileName(self, "Choose a file", start, self._filters)
        if name:
            self.edit.setText(name)

"""Fields for one value each: made, shown, read and followed alike, whatever the widget is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from gui.widgets.layouts import named, row
from gui.widgets.number_field import NumberField


class FileField(QWidget):
    """A file name with a button to choose it; typed names are relative to the document."""

    changed = Signal()  # another file was named

    def __init__(self, folder: Path, filters: str, name: str) -> None:
        super().__init__()
        self._folder, self._filters = folder, filters
        self.edit = named(QLineEdit(placeholderText="file name"), name)
        self.edit.textChanged.connect(self.changed)
        button = named(QPushButton("Choose…"), f"Choose {name}")
        button.setAutoDefault(False)
        button.clicked.connect(self._choose)
        row((self.edit, 1), button, of=self)
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

    def _choose(self) -> None:
        start = str(self._folder / self.path)
        name, _ = QFileDialog.getOpenFileName(self, "Choose a file", start, self._filters)
        if name:
            self.edit.setText(name)


def choice(texts: Mapping[Any, str], chosen: object = None) -> QComboBox:
    """Return a list to choose from: value → what is shown; the first if ``chosen`` is not in it."""
    combo = QComboBox()
    for value, text in texts.items():
        combo.addItem(text, value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))
    return combo


def whole(
    low: int, high: int, value: int = 0, *, step: int = 1, lowest: str = "", live: bool = False
) -> QSpinBox:
    """Return a field for a whole number; ``lowest`` is shown instead of the lowest one.

    A ``live`` one tells of every digit typed, not only of the number when it is complete.
    """
    spin = QSpinBox(minimum=low, maximum=high, value=value, singleStep=step)
    spin.setSpecialValueText(lowest)
    spin.setKeyboardTracking(live)
    return spin


def read(widget: QWidget) -> Any:
    """Return the value in a field."""
    match widget:
        case QComboBox():
            return widget.currentData()
        case QCheckBox():
            return widget.isChecked()
        case QSpinBox() | QDoubleSpinBox():
            return widget.value()
        case FileField():
            return widget.path
    raise TypeError(widget)


def show(widget: QWidget, value: Any) -> None:
    """Show a value in a field without telling anybody."""
    with QSignalBlocker(widget):
        match widget:
            case QComboBox():
                widget.setCurrentIndex(widget.findData(value))
            case QCheckBox():
                widget.setChecked(bool(value))
            case NumberField():
                widget.show_value(float(value))
            case QSpinBox() | QDoubleSpinBox() | QSlider():
                widget.setValue(value or 0)
            case FileField():
                widget.edit.setText(value)
            case _:
                raise TypeError(widget)


def follow(widget: QWidget, changed: Callable[[Any, int], object]) -> None:
    """Call with the value and the gesture when a field is changed; 0 is a gesture of its own."""
    match widget:
        case NumberField():
            widget.edited.connect(changed)
        case QComboBox():
            widget.currentIndexChanged.connect(lambda _: changed(widget.currentData(), 0))
        case QCheckBox():
            widget.toggled.connect(lambda on: changed(on, 0))
        case QSpinBox() | QDoubleSpinBox():
            widget.valueChanged.connect(lambda value: changed(value, 0))
        case FileField():
            widget.changed.connect(lambda: changed(widget.path, 0))
        case _:
            raise TypeError(widget)


class ValueField(QWidget):
    """Shows and changes one value in a field that `show` and `follow` know.

    If it is ``optional``, None is an unticked box before it, and ticking that sets ``start``.
    """

    changed = Signal(object, int)  # by the user, with the gesture as in `follow`

    def __init__(self, widget: QWidget, start: object = None, *, optional: bool = False) -> None:
        super().__init__()
        self._widget = widget
        self._box = QCheckBox() if optional else None
        self.row = row(of=self)
        if self._box is not None:
            self._box.clicked.connect(lambda on: self.changed.emit(start if on else None, 0))
            self.row.addWidget(self._box)
        self.row.addWidget(widget, 1)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(widget)
        self.follow()

    def follow(self) -> None:
        """Tell of what the user does."""
        follow(self._widget, self.changed.emit)

    def show_value(self, value: Any) -> None:
        """Show a value without telling anybody."""
        if self._box is not None:
            self._box.setChecked(value is not None)
            self._widget.setEnabled(value is not None)
        if value is not None:
            show(self._widget, value)

    def name(self, text: str) -> None:
        """Give its widgets the accessible name."""
        self._widget.setAccessibleName(text)
        if self._box is not None:
            self._box.setAccessibleName(f"use {text}")

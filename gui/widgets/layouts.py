"""What panels are put together with: rows and columns of widgets, names, buttons, larger fonts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

Part: TypeAlias = QWidget | QLayout | tuple[QWidget | QLayout, int]
"""What lies in a row or column, with its share of the room that is left if it gets any."""
Margins: TypeAlias = tuple[int, int, int, int]
_NONE: Margins = (0, 0, 0, 0)
Box = TypeVar("Box", bound=QBoxLayout)
Named = TypeVar("Named", bound=QWidget)


def row(*parts: Part, of: QWidget | None = None, margins: Margins | None = _NONE) -> QHBoxLayout:
    """Return parts side by side, in a widget if one is given; None are the style's margins."""
    return _filled(QHBoxLayout(), parts, of, margins)


def column(*parts: Part, of: QWidget | None = None, margins: Margins | None = _NONE) -> QVBoxLayout:
    """Return parts above each other, in a widget if one is given; None are the style's margins."""
    return _filled(QVBoxLayout(), parts, of, margins)


def _filled(box: Box, parts: tuple[Part, ...], of: QWidget | None, margins: Margins | None) -> Box:
    if of is not None:
        of.setLayout(box)
    if margins is not None:
        box.setContentsMargins(*margins)
    for part in parts:
        item, share = part if isinstance(part, tuple) else (part, 0)
        if isinstance(item, QWidget):
            box.addWidget(item, share)
        else:
            box.addLayout(item, share)
    return box


def named(widget: Named, name: str = "", tip: str = "") -> Named:
    """Return a widget with an accessible name and a tool tip."""
    if name:
        widget.setAccessibleName(name)
    if tip:
        widget.setToolTip(tip)
    return widget


def tool_button(
    text: str, tip: str, clicked: Callable[..., object] | None = None, *, name: str = ""
) -> QToolButton:
    """Return a flat button."""
    button = named(QToolButton(autoRaise=True), name, tip)
    button.setText(text)
    if clicked is not None:
        button.clicked.connect(clicked)
    return button


def search_line(text: str) -> QLineEdit:
    """Return a line to search in, with what it is for as its name and while it is empty."""
    return named(QLineEdit(placeholderText=text, clearButtonEnabled=True), text)


def captioned(text: str, widget: QWidget) -> QLabel:
    """Return a label whose key (after ``&``) goes to a widget."""
    label = QLabel(text)
    label.setBuddy(widget)
    return label


def enlarged(widget: Named, size: float = 1.0, *, bold: bool = True) -> Named:
    """Return a widget with a font that is so many times larger."""
    font = widget.font()
    font.setPointSizeF(font.pointSizeF() * size)
    font.setBold(bold)
    widget.setFont(font)
    return widget

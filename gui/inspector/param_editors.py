"""Editors of node parameters: one table from the kind of a parameter to its widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QMenu, QToolButton

from graph.model.kinds import ParamKind, ParamSpec, ParamValue
from gui.widgets.fields import ValueField, choice, whole
from gui.widgets.layouts import tool_button
from gui.widgets.number_field import NumberField

_WIDE = 32  # components of a column that are offered one by one


@dataclass(frozen=True, slots=True)
class Offers:
    """What an editor may offer to choose from: columns with their widths, and weights."""

    columns: Mapping[str, int] = field(default_factory=dict)
    parameters: Sequence[str] = ()


class _TextEditor(ValueField):
    """A line of text; subclasses say how the value is written and read."""

    def __init__(self, _spec: ParamSpec, _offers: Offers) -> None:
        self.field = QLineEdit()
        self._shown = ""
        super().__init__(self.field)

    def follow(self) -> None:
        self.field.editingFinished.connect(self._finish)

    def write(self, value: ParamValue) -> str:
        return str(value)

    def read(self, text: str) -> ParamValue | None:
        """Return the value, or None if the text is none."""
        return text

    def show_value(self, value: ParamValue) -> None:
        self._shown = self.write(value)
        if not (self.field.hasFocus() and self.field.isModified()):
            self.field.setText(self._shown)

    def _finish(self) -> None:
        text = self.field.text()
        self.field.setModified(False)
        value = self.read(text)
        if text == self._shown or value is None:
            self.field.setText(self._shown)
        else:
            self.changed.emit(value, 0)


class _NumbersEditor(_TextEditor):
    def __init__(self, spec: ParamSpec, offers: Offers) -> None:
        super().__init__(spec, offers)
        self.field.setPlaceholderText("0.5, 1")

    def write(self, value: ParamValue) -> str:
        if not isinstance(value, tuple):
            return str(value)
        return ", ".join(f"{number:g}" for number in value if isinstance(number, int | float))

    def read(self, text: str) -> ParamValue | None:
        try:
            return tuple(float(part) for part in _parts(text.replace(";", ",")))
        except ValueError:
            return None


class _NamesEditor(_TextEditor):
    """Names separated by commas, with a menu of those that exist."""

    def __init__(self, spec: ParamSpec, offers: Offers) -> None:
        super().__init__(spec, offers)
        self._names = self.offered(offers)
        self.button = tool_button("⋯", "Choose from a list", name=f"Choose {spec.name}")
        self.button.setAutoRaise(False)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.button)
        menu.aboutToShow.connect(partial(self._fill, menu))
        self.button.setMenu(menu)
        self.row.addWidget(self.button)

    def offered(self, offers: Offers) -> list[str]:
        return list(offers.parameters)

    def write(self, value: ParamValue) -> str:
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)

    def read(self, text: str) -> ParamValue | None:
        names = tuple(_parts(text))
        return "weights" if names == ("weights",) else names

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        current = _parts(self.field.text())
        for name in self._names:
            action = QAction(name, menu, checkable=True, checked=name in current)
            action.triggered.connect(partial(self._toggle, name))
            menu.addAction(action)
        if not self._names:
            menu.addAction("There are none yet").setEnabled(False)

    def _toggle(self, name: str) -> None:
        current = _parts(self.field.text())
        names = [n for n in current if n != name] if name in current else [*current, name]
        self.changed.emit(tuple(names), 0)


class _ColumnsEditor(_NamesEditor):
    def offered(self, offers: Offers) -> list[str]:
        names = []
        for column, width in offers.columns.items():
            names.append(column)
            if 1 < width <= _WIDE:
                names += [f"{column}[{i}]" for i in range(width)]
        return names


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _whole(spec: ParamSpec, _offers: Offers) -> ValueField:
    low = -1_000_000 if spec.low is None else int(spec.low)
    return ValueField(whole(low, 1_000_000 if spec.high is None else int(spec.high)))


def _choice(spec: ParamSpec, _offers: Offers) -> ValueField:
    combo = choice({name: name.replace("_", " ") for name in spec.choices})
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    return ValueField(combo)


EDITORS: Mapping[ParamKind, Callable[[ParamSpec, Offers], ValueField]] = {
    ParamKind.INT: _whole,
    ParamKind.FLOAT: lambda spec, _: ValueField(NumberField(spec.low, spec.high)),
    ParamKind.BOOL: lambda _spec, _: ValueField(QCheckBox()),
    ParamKind.CHOICE: _choice,
    ParamKind.TEXT: _TextEditor,
    ParamKind.NUMBERS: _NumbersEditor,
    ParamKind.COLUMNS: _ColumnsEditor,
    ParamKind.PARAMETERS: _NamesEditor,
}
"""The widget of each kind of parameter."""

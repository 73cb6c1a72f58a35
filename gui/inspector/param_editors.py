"""Editors of node parameters: one table from the kind of a parameter to its widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from graph.model.kinds import ParamKind, ParamSpec, ParamValue
from gui.widgets.number_field import NumberField

_WIDE = 32  # components of a column that are offered one by one


@dataclass(frozen=True, slots=True)
class Offers:
    """What an editor may offer to choose from.

    Parameters
    ----------
    columns : mapping
        Width of every column of the data.
    parameters : sequence of str
        Names of the weights of the network.
    """

    columns: Mapping[str, int] = field(default_factory=dict)
    parameters: Sequence[str] = ()


class ParamEditor(QWidget):
    """Shows and changes one parameter.

    Attributes
    ----------
    changed : Signal(object, str)
        The user set a value; successive values with the same key belong together.
    """

    changed = Signal(object, str)

    def __init__(self, spec: ParamSpec) -> None:
        super().__init__()
        self.spec = spec
        self.setToolTip(spec.summary)
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(0, 0, 0, 0)

    def show_value(self, value: ParamValue) -> None:
        """Show a value without telling anybody."""
        raise NotImplementedError

    def _add(self, widget: QWidget) -> None:
        widget.setAccessibleName(self.spec.name)
        self.layout_.addWidget(widget)
        self.setFocusProxy(widget)


class _IntEditor(ParamEditor):
    def __init__(self, spec: ParamSpec, _offers: Offers) -> None:
        super().__init__(spec)
        self.field = QSpinBox()
        self.field.setKeyboardTracking(False)
        low, high = spec.low, spec.high
        self.field.setRange(
            -1_000_000 if low is None else int(low), 1_000_000 if high is None else int(high)
        )
        self.field.valueChanged.connect(lambda value: self.changed.emit(value, ""))
        self._add(self.field)

    def show_value(self, value: ParamValue) -> None:
        if isinstance(value, int):
            self.field.blockSignals(True)
            self.field.setValue(value)
            self.field.blockSignals(False)


class _FloatEditor(ParamEditor):
    def __init__(self, spec: ParamSpec, _offers: Offers) -> None:
        super().__init__(spec)
        self.field = NumberField(spec.low, spec.high)
        self.field.edited.connect(lambda value, n: self.changed.emit(value, str(n)))
        self._add(self.field)

    def show_value(self, value: ParamValue) -> None:
        if isinstance(value, int | float):
            self.field.show_value(float(value))


class _BoolEditor(ParamEditor):
    def __init__(self, spec: ParamSpec, _offers: Offers) -> None:
        super().__init__(spec)
        self.field = QCheckBox()
        self.field.clicked.connect(lambda on: self.changed.emit(on, ""))
        self._add(self.field)

    def show_value(self, value: ParamValue) -> None:
        self.field.setChecked(bool(value))


class _ChoiceEditor(ParamEditor):
    def __init__(self, spec: ParamSpec, _offers: Offers) -> None:
        super().__init__(spec)
        self.field = QComboBox()
        self.field.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.field.setMinimumContentsLength(8)
        for choice in spec.choices:
            self.field.addItem(choice.replace("_", " "), choice)
        self.field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.field.activated.connect(lambda _: self.changed.emit(str(self.field.currentData()), ""))
        self._add(self.field)

    def show_value(self, value: ParamValue) -> None:
        self.field.setCurrentIndex(self.field.findData(value))


class _TextEditor(ParamEditor):
    """A line of text; subclasses say how the value is written and read."""

    def __init__(self, spec: ParamSpec, _offers: Offers) -> None:
        super().__init__(spec)
        self.field = QLineEdit()
        self.field.editingFinished.connect(self._finish)
        self._add(self.field)
        self._shown = ""

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
            self.changed.emit(value, "")


class _NumbersEditor(_TextEditor):
    def __init__(self, spec: ParamSpec, offers: Offers) -> None:
        super().__init__(spec, offers)
        self.field.setPlaceholderText("0.5, 1")

    def write(self, value: ParamValue) -> str:
        return (
            ", ".join(f"{number:g}" for number in value if isinstance(number, int | float))
            if (isinstance(value, tuple))
            else str(value)
        )

    def read(self, text: str) -> ParamValue | None:
        try:
            return tuple(float(part) for part in text.replace(";", ",").split(",") if part.strip())
        except ValueError:
            return None


class _NamesEditor(_TextEditor):
    """Names separated by commas, with a menu of those that exist."""

    def __init__(self, spec: ParamSpec, offers: Offers) -> None:
        super().__init__(spec, offers)
        self._names = self.offered(offers)
        self.button = QToolButton()
        self.button.setText("⋯")
        self.button.setToolTip("Choose from a list")
        self.button.setAccessibleName(f"Choose {spec.name}")
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.button)
        menu.aboutToShow.connect(partial(self._fill, menu))
        self.button.setMenu(menu)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        self.layout_.addLayout(row)

    def offered(self, offers: Offers) -> list[str]:
        return list(offers.parameters)

    def write(self, value: ParamValue) -> str:
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)

    def read(self, text: str) -> ParamValue | None:
        names = tuple(part.strip() for part in text.split(",") if part.strip())
        return "weights" if names == ("weights",) else names

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        current = [part.strip() for part in self.field.text().split(",") if part.strip()]
        for name in self._names:
            action = QAction(name, menu, checkable=True, checked=name in current)
            action.triggered.connect(partial(self._toggle, name))
            menu.addAction(action)
        if not self._names:
            menu.addAction("There are none yet").setEnabled(False)

    def _toggle(self, name: str) -> None:
        current = [part.strip() for part in self.field.text().split(",") if part.strip()]
        names = [n for n in current if n != name] if name in current else [*current, name]
        self.changed.emit(tuple(names), "")


class _ColumnsEditor(_NamesEditor):
    def offered(self, offers: Offers) -> list[str]:
        names = []
        for column, width in offers.columns.items():
            names.append(column)
            if 1 < width <= _WIDE:
                names += [f"{column}[{i}]" for i in range(width)]
        return names


EDITORS: Mapping[ParamKind, Callable[[ParamSpec, Offers], ParamEditor]] = {
    ParamKind.INT: _IntEditor,
    ParamKind.FLOAT: _FloatEditor,
    ParamKind.BOOL: _BoolEditor,
    ParamKind.CHOICE: _ChoiceEditor,
    ParamKind.TEXT: _TextEditor,
    ParamKind.NUMBERS: _NumbersEditor,
    ParamKind.COLUMNS: _ColumnsEditor,
    ParamKind.PARAMETERS: _NamesEditor,
}
"""The widget of each kind of parameter."""

"""The training settings as a form, made from the fields of `graph.model.training.Training`."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from msgspec import inspect
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QWidget

from graph.model.edits import SetTraining
from graph.model.training import EarlyStopping, Schedule, Training
from gui.session.session import Session
from gui.widgets.fields import ValueField, choice, whole
from gui.widgets.number_field import NumberField

# field → settings under which it has an effect; fields not named here always have
_MATTERS: dict[str, tuple[str, frozenset[str]]] = {
    "momentum": ("optimizer", frozenset({"momentum", "nesterov"})),
    "beta1": ("optimizer", frozenset({"adam", "adamw"})),
    "beta2": ("optimizer", frozenset({"adam", "adamw"})),
    "decay": ("optimizer", frozenset({"rmsprop"})),
    "epsilon": ("optimizer", frozenset({"adagrad", "rmsprop", "adam", "adamw"})),
    "weight_decay": ("optimizer", frozenset({"adamw"})),
    "schedule.every": ("schedule.name", frozenset({"step"})),
    "schedule.factor": ("schedule.name", frozenset({"step", "exponential", "plateau"})),
    "schedule.floor": ("schedule.name", frozenset({"cosine", "one_cycle"})),
    "schedule.rise": ("schedule.name", frozenset({"one_cycle"})),
    "schedule.patience": ("schedule.name", frozenset({"plateau"})),
}
_NAMES = {
    "l1": "L1 penalty",
    "l2": "L2 penalty",
    "schedule.name": "schedule",
    "dtype": "precision",
    "clip_norm": "clip norm at",
    "clip_value": "clip values at",
    "target_loss": "stop at loss",
    "batch_size": "batch size",
}
_STARTS = {"clip_norm": 1.0, "clip_value": 1.0, "target_loss": 0.01, "batch_size": 32}
_NESTED: dict[str, type[msgspec.Struct]] = {"schedule": Schedule, "early_stopping": EarlyStopping}


def _field(kind: inspect.Type, start: object) -> ValueField:
    """Return a field for a setting of a type."""
    match kind:
        case inspect.UnionType():
            part = next(part for part in kind.types if not isinstance(part, inspect.NoneType))
            return ValueField(_widget(part), start, optional=True)
        case _:
            return ValueField(_widget(kind))


def _widget(kind: inspect.Type) -> QWidget:
    match kind:
        case inspect.LiteralType():
            return choice({v: str(v).replace("_", " ") for v in sorted(kind.values, key=str)})
        case inspect.IntType():
            return whole(int(kind.ge or 0), 1_000_000_000)
        case inspect.FloatType():
            low = kind.ge if kind.ge is not None else kind.gt
            return NumberField(low, kind.le if kind.le is not None else kind.lt)
        case _:
            return QCheckBox()


class TrainingForm(QFormLayout):
    """Rows for all training settings; those without an effect are hidden.

    Call `refresh` once it lies in a widget: rows of a form without one would appear as windows.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.fields: dict[str, ValueField] = {}
        self._stop_early = QCheckBox("stop early")
        self._stop_early.clicked.connect(self._switch_early)
        for path, kind in _paths(Training):
            if path == "early_stopping.patience":
                self.addRow(self._stop_early)
            field = _field(kind, _STARTS.get(path))
            name = _NAMES.get(path, path.rpartition(".")[2].replace("_", " "))
            field.name(name)
            field.changed.connect(partial(self._set, path))
            self.addRow(QLabel(name), field)
            self.fields[path] = field

    def refresh(self) -> None:
        """Show the document's settings."""
        settings = self._session.document.training
        self._stop_early.setChecked(settings.early_stopping is not None)
        for path, field in self.fields.items():
            value = _get(settings, path)
            self.setRowVisible(field, _matters(settings, path))
            field.show_value(value)

    def _set(self, path: str, value: object, gesture: int) -> None:
        training = self._session.document.training
        head, _, tail = path.partition(".")
        if tail:
            value = msgspec.structs.replace(getattr(training, head), **{tail: value})
        try:
            changed = msgspec.structs.replace(training, **{head: value})
            msgspec.convert(msgspec.to_builtins(changed), Training)
        except (msgspec.ValidationError, TypeError) as error:
            self._session.notice.emit(f"Not a valid {path.replace('_', ' ')}: {error}.")
            self.refresh()
            return
        if changed != training:
            name = _NAMES.get(path, path.rpartition(".")[2].replace("_", " "))
            merge = f"training.{path}.{gesture}" if gesture else f"training.{path}"
            self._session.push(SetTraining(changed), f"Change {name}", merge)

    def _switch_early(self, on: bool) -> None:
        self._set("early_stopping", EarlyStopping() if on else None, 0)


def _paths(struct: type[msgspec.Struct], prefix: str = "") -> list[tuple[str, inspect.Type]]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    found: list[tuple[str, inspect.Type]] = []
    for field in info.fields:
        if field.name in _NESTED:
            found += _paths(_NESTED[field.name], f"{field.name}.")
        else:
            found.append((prefix + field.name, field.type))
    return found


def _get(settings: Training, path: str) -> Any:
    value: Any = settings
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _matters(settings: Training, path: str) -> bool:
    if path.startswith("early_stopping."):
        return settings.early_stopping is not None
    rule = _MATTERS.get(path)
    return rule is None or _get(settings, rule[0]) in rule[1]

"""How rows and numbers are prepared: scaling, split, seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QSpinBox, QWidget

from engine.data import Table
from engine.data.split import count_rows
from engine.errors import DataError
from graph.model.dataset import Dataset, Split

Scaling = Literal["none", "standard", "min_max"]
_SCALINGS: dict[Scaling, str] = {
    "none": "as they are",
    "standard": "mean 0, deviation 1",
    "min_max": "from 0 to 1",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What is chosen: scaling of features and targets, the split and the seed."""

    scaling: Scaling
    target_scaling: Scaling
    split: Split
    seed: int


class OptionsForm(QWidget):
    """The fields, with the rows that each split gets.

    Attributes
    ----------
    changed : Signal()
        Something was changed by hand.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scaling, self.target_scaling = _scaling(), _scaling()
        self.validation, self.test = _share(), _share()
        self.stratify = QCheckBox("equal shares of e&ach class")
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.counts = QLabel()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(10)
        places: tuple[tuple[str, QWidget, int, int], ...] = (
            ("Feature &numbers", self.scaling, 0, 0),
            ("Tar&get numbers", self.target_scaling, 1, 0),
            ("&Validation", self.validation, 0, 2),
            ("T&est", self.test, 1, 2),
            ("See&d", self.seed, 0, 4),
        )
        for text, widget, row, column in places:
            label = QLabel(text)
            label.setBuddy(widget)
            layout.addWidget(label, row, column)
            layout.addWidget(widget, row, column + 1)
        layout.addWidget(self.stratify, 1, 4, 1, 2)
        layout.addWidget(self.counts, 0, 6)
        layout.setColumnStretch(6, 1)
        for combo in (self.scaling, self.target_scaling):
            combo.currentIndexChanged.connect(self.changed)
        for spin in (self.validation, self.test, self.seed):
            spin.valueChanged.connect(self.changed)
        self.stratify.toggled.connect(self.changed)

    def take(self, dataset: Dataset) -> None:
        """Show a description's settings."""
        self.scaling.setCurrentIndex(self.scaling.findData(dataset.scaling))
        self.target_scaling.setCurrentIndex(self.target_scaling.findData(dataset.target_scaling))
        self.validation.setValue(round(100 * dataset.split.validation))
        self.test.setValue(round(100 * dataset.split.test))
        self.stratify.setChecked(dataset.split.stratify)
        self.seed.setValue(dataset.seed)

    def options(self) -> Options:
        """Return what is chosen."""
        split = Split(
            validation=self.validation.value() / 100,
            test=self.test.value() / 100,
            stratify=self.stratify.isChecked(),
        )
        return Options(
            self.scaling.currentData(), self.target_scaling.currentData(), split, self.seed.value()
        )

    def show_counts(self, table: Table | None) -> str:
        """Show how many rows each split gets; return what is wrong with that, or nothing."""
        self.counts.clear()
        if table is None:
            return ""
        try:
            counts = count_rows(table.rows, self.options().split, table.test_rows)
        except DataError as error:
            return str(error)
        texts = [f"{count:,} {name}" for name, count in counts.items() if count]
        self.counts.setText("rows: " + " · ".join(texts))
        return ""


def _scaling() -> QComboBox:
    combo = QComboBox()
    for name, text in _SCALINGS.items():
        combo.addItem(text, name)
    return combo


def _share() -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(0, 95)
    spin.setSingleStep(5)
    spin.setSuffix(" %")
    spin.setSpecialValueText("none")
    return spin

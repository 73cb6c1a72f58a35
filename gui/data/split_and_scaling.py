"""How rows and numbers are prepared: scaling, split, seed."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QSpinBox, QWidget

from engine.data import Table
from engine.data.split import count_rows
from engine.errors import DataError
from graph.model.dataset import Dataset, Split
from gui.widgets.fields import choice, follow, show, whole
from gui.widgets.layouts import captioned

_SCALINGS = {
    "none": "as they are",
    "standard": "mean 0, deviation 1",
    "min_max": "from 0 to 1",
}


class OptionsForm(QWidget):
    """The fields, with the rows that each split gets."""

    changed = Signal()  # by hand

    def __init__(self) -> None:
        super().__init__()
        self.scaling, self.target_scaling = choice(_SCALINGS), choice(_SCALINGS)
        self.validation, self.test = _share(), _share()
        self.stratify = QCheckBox("equal shares of e&ach class")
        self.seed = whole(0, 2**31 - 1, live=True)
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
            layout.addWidget(captioned(text, widget), row, column)
            layout.addWidget(widget, row, column + 1)
        layout.addWidget(self.stratify, 1, 4, 1, 2)
        layout.addWidget(self.counts, 0, 6)
        layout.setColumnStretch(6, 1)
        for field in (*(widget for _, widget, *_ in places), self.stratify):
            follow(field, lambda *_: self.changed.emit())

    def take(self, dataset: Dataset) -> None:
        """Show a description's settings."""
        show(self.scaling, dataset.scaling)
        show(self.target_scaling, dataset.target_scaling)
        show(self.validation, round(100 * dataset.split.validation))
        show(self.test, round(100 * dataset.split.test))
        show(self.stratify, dataset.split.stratify)
        show(self.seed, dataset.seed)

    def split(self) -> Split:
        """Return the chosen split."""
        return Split(
            validation=self.validation.value() / 100,
            test=self.test.value() / 100,
            stratify=self.stratify.isChecked(),
        )

    def applied(self, dataset: Dataset) -> Dataset:
        """Return a description with what is chosen."""
        return replace(
            dataset,
            scaling=self.scaling.currentData(),
            target_scaling=self.target_scaling.currentData(),
            split=self.split(),
            seed=self.seed.value(),
        )

    def show_counts(self, table: Table | None) -> str:
        """Show how many rows each split gets; return what is wrong with that, or nothing."""
        self.counts.clear()
        if table is None:
            return ""
        try:
            counts = count_rows(table.rows, self.split(), table.test_rows)
        except DataError as error:
            return str(error)
        texts = [f"{count:,} {name}" for name, count in counts.items() if count]
        self.counts.setText("rows: " + " · ".join(texts))
        return ""


def _share() -> QSpinBox:
    spin = whole(0, 95, step=5, lowest="none", live=True)
    spin.setSuffix(" %")
    return spin

"""One form for each source of data: what the data dialog shows on top.

A form knows only its own fields; which columns are features, how they are scaled and split, is
the same for all sources and asked for elsewhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from graph.model.dataset import Builtin, Csv, Dataset, Generator, Idx, Inline, Npz
from gui.data.file_field import FileField
from gui.data.inline_table import InlineTable

_DELIMITERS = {",": "comma ,", ";": "semicolon ;", "\t": "tab", "|": "bar |", " ": "blank"}
_BUILTIN = {
    "iris": "Iris: 150 flowers, 4 lengths → species",
    "wine": "Wine: 178 wines, 13 measurements → cultivar",
    "breast_cancer": "Breast cancer: 569 tumours, 30 features → diagnosis",
    "digits": "Digits: 1,797 pictures of 8 × 8 → digit",
    "diabetes": "Diabetes: 442 patients, 10 features → progression",
}
_GENERATORS = {
    "circle": "Circle: one class inside the other",
    "xor": "Xor: classes by the sign of x1 · x2",
    "gauss": "Gauss: two clouds",
    "spiral": "Spiral: two arms",
    "moons": "Moons: two half circles",
}


class SourceForm(QWidget):
    """Base of the forms.

    Attributes
    ----------
    changed : Signal()
        Something was changed by hand.
    is_newly_named : bool
        Whether another file was named; reading it guesses what was not said of it.
    """

    changed = Signal()
    title = ""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.is_newly_named = False

    def take(self, dataset: Dataset) -> None:
        """Show a description of this form's kind."""

    def dataset(self) -> Dataset:
        """Return the description of what is shown, without columns, scaling and split."""
        raise NotImplementedError

    def complete(self, dataset: Dataset) -> None:
        """Show what was guessed of the file that was named."""
        self.is_newly_named = False

    def _on_file(self) -> None:
        self.is_newly_named = True
        self.changed.emit()


class InlineForm(SourceForm):
    """A table typed in or pasted."""

    title = "Table typed in here"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.table = InlineTable()
        self.table.model.changed.connect(self.changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)

    def take(self, dataset: Dataset) -> None:
        """Show the document's table."""
        if isinstance(dataset, Inline) and dataset.columns:
            self.table.model.set_columns(dataset.columns)

    def dataset(self) -> Dataset:
        """Return the table."""
        return Inline(columns=self.table.model.columns())


class GeneratorForm(SourceForm):
    """Points made by a formula."""

    title = "Generated points"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.name = _combo(_GENERATORS)
        self.count = QSpinBox()
        self.count.setRange(2, 1_000_000)
        self.count.setValue(500)
        self.count.setSingleStep(50)
        self.noise = QDoubleSpinBox()
        self.noise.setRange(0, 10)
        self.noise.setSingleStep(0.05)
        layout = _form(self)
        layout.addRow("S&hape", self.name)
        layout.addRow("&Points", self.count)
        layout.addRow("Noise", self.noise)
        layout.addRow("", QLabel("The seed below also decides where the points lie."))
        self.name.currentIndexChanged.connect(self.changed)
        self.count.valueChanged.connect(self.changed)
        self.noise.valueChanged.connect(self.changed)

    def take(self, dataset: Dataset) -> None:
        """Show a generator's settings."""
        if isinstance(dataset, Generator):
            self.name.setCurrentIndex(self.name.findData(dataset.name))
            self.count.setValue(dataset.n)
            self.noise.setValue(dataset.noise)

    def dataset(self) -> Dataset:
        """Return the generator."""
        return Generator(
            name=self.name.currentData(), n=self.count.value(), noise=self.noise.value()
        )


class BuiltinForm(SourceForm):
    """A real set that is bundled."""

    title = "Bundled datasets"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.name = _combo(_BUILTIN)
        self.name.currentIndexChanged.connect(self.changed)
        _form(self).addRow("&Which", self.name)

    def take(self, dataset: Dataset) -> None:
        """Show a set."""
        if isinstance(dataset, Builtin):
            self.name.setCurrentIndex(self.name.findData(dataset.name))

    def dataset(self) -> Dataset:
        """Return the set."""
        return Builtin(name=self.name.currentData())


class CsvForm(SourceForm):
    """A table in a text file."""

    title = "Text table (CSV)"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = FileField(folder, "Tables (*.csv *.tsv *.txt *.data);;All files (*)", "table")
        self.delimiter = _combo(_DELIMITERS)
        self.header = QCheckBox("The first row na&mes the columns")
        self.header.setChecked(True)
        layout = _form(self)
        layout.addRow("&File", self.file)
        layout.addRow("Columns divided &by", self.delimiter)
        layout.addRow("", self.header)
        self.file.changed.connect(self._on_file)
        self.delimiter.currentIndexChanged.connect(self._on_delimiter)
        self.header.toggled.connect(self.changed)

    def take(self, dataset: Dataset) -> None:
        """Show a text table's settings."""
        if isinstance(dataset, Csv):
            self.file.edit.setText(dataset.path)
            if self.delimiter.findData(dataset.delimiter) < 0:
                self.delimiter.addItem(dataset.delimiter, dataset.delimiter)
            self.delimiter.setCurrentIndex(self.delimiter.findData(dataset.delimiter))
            self.header.setChecked(dataset.header)
            self.is_newly_named = False

    def dataset(self) -> Dataset:
        """Return the text table."""
        return Csv(
            path=self.file.path,
            delimiter=self.delimiter.currentData(),
            header=self.header.isChecked(),
        )

    def complete(self, dataset: Dataset) -> None:
        """Show the delimiter."""
        super().complete(dataset)
        if isinstance(dataset, Csv):
            with QSignalBlocker(self.delimiter):
                self.delimiter.setCurrentIndex(self.delimiter.findData(dataset.delimiter))

    def _on_delimiter(self) -> None:
        self.is_newly_named = False  # the file is read as it is said now
        self.changed.emit()


class NpzForm(SourceForm):
    """A NumPy archive."""

    title = "NumPy archive (NPZ)"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.file = FileField(folder, "NumPy archives (*.npz);;All files (*)", "archive")
        _form(self).addRow("&File", self.file)
        self.file.changed.connect(self.changed)

    def take(self, dataset: Dataset) -> None:
        """Show an archive."""
        if isinstance(dataset, Npz):
            self.file.edit.setText(dataset.path)

    def dataset(self) -> Dataset:
        """Return the archive."""
        return Npz(path=self.file.path)


class IdxForm(SourceForm):
    """Pictures and labels in the format of MNIST."""

    title = "Pictures (MNIST's IDX files)"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        layout = _form(self)
        self.files: dict[str, FileField] = {}
        for role, caption in (
            ("images", "&Pictures"),
            ("labels", "&Labels"),
            ("test_images", "Test pictures"),
            ("test_labels", "Test labels"),
        ):
            field = FileField(folder, "All files (*)", caption.replace("&", "").lower())
            layout.addRow(caption, field)
            field.changed.connect(self._on_file if role == "images" else self.changed)
            self.files[role] = field
        self.limit = QSpinBox()
        self.limit.setRange(0, 10_000_000)
        self.limit.setSingleStep(1000)
        self.limit.setSpecialValueText("all")
        self.limit.valueChanged.connect(self.changed)
        layout.addRow("First rows", self.limit)

    def take(self, dataset: Dataset) -> None:
        """Show the files of a description."""
        if isinstance(dataset, Idx):
            for role, field in self.files.items():
                field.edit.setText(getattr(dataset, role))
            self.limit.setValue(dataset.limit or 0)
            self.is_newly_named = False

    def dataset(self) -> Dataset:
        """Return the files."""
        return Idx(
            images=self.files["images"].path,
            labels=self.files["labels"].path,
            test_images=self.files["test_images"].path,
            test_labels=self.files["test_labels"].path,
            limit=self.limit.value() or None,
        )

    def complete(self, dataset: Dataset) -> None:
        """Show the files that belong to the one that was named."""
        super().complete(dataset)
        for role, field in self.files.items():
            if name := getattr(dataset, role, ""):
                field.complete(name)


FORMS: dict[type[Dataset], type[SourceForm]] = {
    Inline: InlineForm,
    Generator: GeneratorForm,
    Builtin: BuiltinForm,
    Csv: CsvForm,
    Npz: NpzForm,
    Idx: IdxForm,
}
"""The form of each kind of dataset, in the order of the dialog's list."""

assert set(FORMS) == set(get_args(Dataset))


def _combo(texts: dict[str, str]) -> QComboBox:
    combo = QComboBox()
    for data, text in texts.items():
        combo.addItem(text, data)
    return combo


def _form(form: QWidget) -> QFormLayout:
    layout = QFormLayout(form)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return layout

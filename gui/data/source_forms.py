"""One form for each source of data: what the data dialog shows on top.

A form knows only its own fields; which columns are features, how they are scaled and split, is
the same for all sources and asked for elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, get_args

from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFormLayout, QLabel, QWidget

from graph.model.dataset import Builtin, Csv, Dataset, Generator, Idx, Inline, Npz
from gui.data.inline_table import InlineTable
from gui.widgets.fields import FileField, choice, follow, read, show, whole

Field = TypeVar("Field", bound=QWidget)
_DELIMITERS = {",": "comma ,", ";": "semicolon ;", "\t": "tab", "|": "bar |", " ": "blanks"}
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
    """Base of the forms: fields named like those of a description.

    ``is_newly_named`` says that another file was named; reading it guesses what was not said of it.
    """

    changed = Signal()  # by hand
    kind: Callable[..., Dataset]
    title = ""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.is_newly_named = False
        self.fields: dict[str, QWidget] = {}
        self.rows = QFormLayout(self)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.build()

    def build(self) -> None:
        """Add the fields."""

    def add(self, name: str, caption: str, field: Field) -> Field:
        """Add a field and return it."""
        self.fields[name] = field
        self.rows.addRow(caption, field)
        follow(field, lambda *_: self._on_change(name))
        return field

    def take(self, dataset: Dataset) -> None:
        """Show a description of this form's kind."""
        for name, field in self.fields.items():
            show(field, getattr(dataset, name))

    def dataset(self) -> Dataset:
        """Return the description of what is shown, without columns, scaling and split."""
        return self.kind(**{name: read(field) for name, field in self.fields.items()})

    def complete(self, dataset: Dataset) -> None:
        """Show what was guessed of the file that was named."""
        self.is_newly_named = False

    def _on_change(self, name: str) -> None:
        if name in ("path", "images"):
            self.is_newly_named = True
        elif name == "delimiter":
            self.is_newly_named = False  # the file is read as it is said now
        self.changed.emit()


class InlineForm(SourceForm):
    """A table typed in or pasted."""

    kind, title = Inline, "Table typed in here"

    def build(self) -> None:
        """Add the table."""
        self.table = InlineTable()
        self.table.model.changed.connect(self.changed)
        self.rows.addRow(self.table)

    def take(self, dataset: Dataset) -> None:
        """Show the document's table."""
        if isinstance(dataset, Inline) and dataset.columns:
            self.table.model.set_columns(dataset.columns)

    def dataset(self) -> Dataset:
        """Return the table."""
        return Inline(columns=self.table.model.columns())


class GeneratorForm(SourceForm):
    """Points made by a formula."""

    kind, title = Generator, "Generated points"

    def build(self) -> None:
        """Add shape, number and noise."""
        self.name = self.add("name", "S&hape", choice(_GENERATORS))
        self.count = self.add("n", "&Points", whole(2, 1_000_000, 500, step=50, live=True))
        self.noise = self.add("noise", "Noise", QDoubleSpinBox(maximum=10, singleStep=0.05))
        self.rows.addRow("", QLabel("The seed below also decides where the points lie."))


class BuiltinForm(SourceForm):
    """A real set that is bundled."""

    kind, title = Builtin, "Bundled datasets"

    def build(self) -> None:
        """Add the list of sets."""
        self.add("name", "&Which", choice(_BUILTIN))


class CsvForm(SourceForm):
    """A table in a text file."""

    kind, title = Csv, "Text table (CSV)"

    def build(self) -> None:
        """Add file, delimiter and whether there is a header."""
        tables = "Tables (*.csv *.tsv *.txt *.data);;All files (*)"
        self.file = self.add("path", "&File", FileField(self.folder, tables, "table"))
        self.delimiter = self.add("delimiter", "Columns divided &by", choice(_DELIMITERS))
        self.header = self.add("header", "", QCheckBox("The first row na&mes the columns"))
        self.header.setChecked(True)

    def take(self, dataset: Dataset) -> None:
        """Show a text table's settings; its delimiter may be one that is not in the list."""
        if isinstance(dataset, Csv) and self.delimiter.findData(dataset.delimiter) < 0:
            self.delimiter.addItem(dataset.delimiter, dataset.delimiter)
        super().take(dataset)

    def complete(self, dataset: Dataset) -> None:
        """Show the delimiter, and whether there is a header."""
        super().complete(dataset)
        if isinstance(dataset, Csv):
            show(self.delimiter, dataset.delimiter)
            show(self.header, dataset.header)


class NpzForm(SourceForm):
    """A NumPy archive."""

    kind, title = Npz, "NumPy archive (NPZ)"

    def build(self) -> None:
        """Add the file."""
        archives = "NumPy archives (*.npz);;All files (*)"
        self.file = self.add("path", "&File", FileField(self.folder, archives, "archive"))


class IdxForm(SourceForm):
    """Pictures and labels in the format of MNIST."""

    kind, title = Idx, "Pictures (MNIST's IDX files)"

    def build(self) -> None:
        """Add the files and how many rows are read of them."""
        self.files = {
            role: self.add(role, caption, FileField(self.folder, "All files (*)", name))
            for role, caption, name in (
                ("images", "&Pictures", "pictures"),
                ("labels", "&Labels", "labels"),
                ("test_images", "Test pictures", "test pictures"),
                ("test_labels", "Test labels", "test labels"),
            )
        }
        limit = whole(0, 10_000_000, step=1000, lowest="all", live=True)
        self.add("limit", "First rows", limit)

    def dataset(self) -> Dataset:
        """Return the files; 0 rows are all."""
        found = super().dataset()
        return replace(found, limit=found.limit or None) if isinstance(found, Idx) else found

    def complete(self, dataset: Dataset) -> None:
        """Show the files that belong to the one that was named."""
        super().complete(dataset)
        for role, field in self.files.items():
            if not field.edit.text():
                show(field, getattr(dataset, role, ""))


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

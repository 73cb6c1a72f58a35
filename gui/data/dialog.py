"""The data dialog: where the data comes from, which columns are used, how they are prepared."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QWidget,
)

from engine.data import Table
from graph.model.dataset import Csv, Dataset
from graph.model.edits import Batch, Edit, SetDataset
from gui.data.column_nodes import data_nodes, named_columns, needed
from gui.data.columns_table import ColumnsModel, ColumnsView
from gui.data.jobs import Found, look, validated
from gui.data.scatter import PointsPreview
from gui.data.source_forms import FORMS, CsvForm, InlineForm, SourceForm
from gui.data.split_and_scaling import OptionsForm
from gui.data.table_model import TableModel
from gui.look import theme
from gui.session.session import Session
from gui.widgets.layouts import captioned, column, named, row

_ROW, _PICTURE_ROW = 24, 34  # px
_SLOW = 400  # ms of reading before it is said
_DELAY = 150  # ms of silence before the data are read again
_GUESSES, _TIP = 3, 40  # notes that are shown at most, and in the tool tip
_LOOK, _READY = "data dialog: reading", "data dialog: preparing"


class DataDialog(QDialog):
    """Chooses the data of the document; accepting it is one undo entry.

    What is wrong is said in a sentence at the bottom while one works. Reading happens in the
    background, so large files do not stop the window.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Data")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1060, 720)
        self._session = session
        self._folder = session.path.parent if session.path else Path()
        self._store = session.calculation.data.store
        self._table: Table | None = None
        self._problem = ""
        self._accepting = self._reading = False
        self._seed = 0
        self.columns = ColumnsModel()
        self.source = QComboBox()
        self.forms = QStackedWidget()
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._look)
        self._slow = QTimer(self, singleShot=True, interval=_SLOW)
        self._slow.timeout.connect(self._tell_reading)
        self._build()
        self._take(session.document.dataset)
        self._connect()
        self._look()

    # -- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        for form in FORMS.values():
            self.source.addItem(form.title)
            self.forms.addWidget(form(self._folder))
        left = QWidget()
        head = row(captioned("&Source", self.source), (self.source, 1))
        column(head, (self.forms, 1), of=left)
        top = QSplitter(Qt.Orientation.Horizontal)
        top.addWidget(left)
        top.addWidget(self._make_previews())
        top.setSizes([440, 600])
        middle = QSplitter(Qt.Orientation.Vertical)
        middle.addWidget(top)
        self.columns_view = ColumnsView(self.columns)
        middle.addWidget(self.columns_view)
        middle.setSizes([380, 210])
        self.options = OptionsForm()
        guesses = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.guesses = named(guesses, "What was guessed while reading")
        self.guesses.hide()
        parts = self.guesses, self.options, self._make_foot()
        column((middle, 1), *parts, of=self, margins=None)

    def _make_previews(self) -> QWidget:
        self.view = named(QTableView(), "Rows of the data")
        self.view.setTabKeyNavigation(False)
        self.points = PointsPreview()
        self.tabs = QTabWidget()
        self.tabs.addTab(self.view, "&Rows")
        self.tabs.addTab(self.points, "Poin&ts")
        return self.tabs

    def _make_foot(self) -> QHBoxLayout:
        self.create_nodes = QCheckBox("Create &input and target nodes")
        self.create_nodes.setToolTip("Adds a node for each column in use that has none yet")
        sentence = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.sentence = named(sentence, "What is wrong")
        buttons = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(buttons.Ok | buttons.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        return row(self.create_nodes, (self.sentence, 1), self.buttons)

    def _connect(self) -> None:
        self.source.currentIndexChanged.connect(self._on_source)
        for number in range(self.forms.count()):
            self._form(number).changed.connect(self._on_form)
        self.columns.changed.connect(self._on_columns)
        self.options.changed.connect(self._on_options)

    def _take(self, dataset: Dataset | None) -> None:
        """Show what the document says."""
        kinds = list(FORMS)
        number = kinds.index(type(dataset)) if dataset is not None else 0
        self.source.setCurrentIndex(number)
        self.forms.setCurrentIndex(number)
        if dataset is not None:
            self._form(number).take(dataset)
            self.columns.choose(dataset.features, dataset.targets)
            self.columns.encoding = dict(dataset.encoding)
            self.options.take(dataset)
        self.create_nodes.setChecked(needed(self._session.document))

    def _form(self, number: int) -> SourceForm:
        form = self.forms.widget(number)
        assert isinstance(form, SourceForm)
        return form

    @property
    def is_reading(self) -> bool:
        """Whether what is shown is not yet that of the last change."""
        return self._reading or self._timer.isActive()

    # -- following the hand ------------------------------------------------------------------

    def show_file(self, path: Path) -> None:
        """Choose a text table, as "Import CSV" does."""
        number = list(FORMS).index(Csv)
        self.source.setCurrentIndex(number)
        form = self._form(number)
        if isinstance(form, CsvForm):
            form.file.edit.setText(str(path))

    def _on_source(self, number: int) -> None:
        self.forms.setCurrentIndex(number)
        self.columns.encoding = {}
        self._on_form()

    def _on_form(self) -> None:
        self._session.background.drop(_LOOK)
        self._timer.start()

    def _on_columns(self) -> None:
        self._on_form()
        self._tell()

    def _on_options(self) -> None:
        if self.options.seed.value() != self._seed:
            self._on_form()
        self._tell()

    def _look(self) -> None:
        """Read the table as it is described now."""
        self._timer.stop()
        form = self._form(self.forms.currentIndex())
        self.tabs.setTabVisible(0, not isinstance(form, InlineForm))
        self._seed = self.options.seed.value()
        dataset = msgspec.structs.replace(
            form.dataset(), encoding=self.columns.encoding, seed=self._seed
        )
        work = partial(look, dataset, self._folder, self._store, guess=form.is_newly_named)
        self._reading = True
        self._slow.start()
        self._session.background.run(_LOOK, work, self._take_table, self._refuse, long=True)

    def _take_table(self, found: Found) -> None:
        self._reading = False
        self._table, self._problem = found.table, ""
        self._form(self.forms.currentIndex()).complete(found.dataset)
        self.columns.encoding = {
            name: encoding
            for name, encoding in self.columns.encoding.items()
            if name in found.table.columns
        }
        self.columns.show_columns(found.summaries)
        model = TableModel(found.table)
        self.view.setModel(model)
        model.setParent(self.view)
        pictures = any(column.kind == "image" for column in found.table.columns.values())
        self.view.verticalHeader().setDefaultSectionSize(_PICTURE_ROW if pictures else _ROW)
        fault = model.first_fault()
        if fault.isValid():
            self.view.scrollTo(fault)
            self.view.setCurrentIndex(fault)
        self.points.show_table(found.table, self.columns.targets)
        self._show_guesses(found.table.notes)
        self._tell()
        if self._accepting:
            self.accept()

    def _refuse(self, sentence: str) -> None:
        self._reading = self._accepting = False
        self._table = None
        self._problem = sentence
        self._show_guesses(())
        self.view.setModel(None)
        self.columns.show_columns([])
        self.points.show_table(None, ())
        self._tell()

    def _show_guesses(self, notes: Sequence[str]) -> None:
        """Say how the table was read, a line each; what does not fit is in the tool tip."""
        lines = [f"{note[:1].upper()}{note[1:]}." for note in notes]
        more = f" And {len(lines) - _GUESSES:,} more." if len(lines) > _GUESSES else ""
        self.guesses.setText("\n".join(lines[:_GUESSES]) + more)
        self.guesses.setToolTip(html.escape("\n".join(lines[:_TIP])) if more else "")
        self.guesses.setVisible(bool(lines))

    def _tell(self) -> str:
        """Show, and return, what is wrong; nothing if the data can be used."""
        counts = self.options.show_counts(self._table)
        wrong = self._problem or self.columns.fault() or counts
        warning = "" if wrong else self.columns.warning()
        self._say(wrong or warning, bad=not warning)
        return wrong

    def _tell_reading(self) -> None:
        if self._reading:
            self._say("Reading the data…", bad=False)

    def _say(self, sentence: str, *, bad: bool = True) -> None:
        colors = theme.of(self.palette())
        self.sentence.setStyleSheet(f"color: {colors.bad if bad else colors.text}")
        self.sentence.setText(sentence)

    # -- the end -----------------------------------------------------------------------------

    def accept(self) -> None:
        """Prepare the data; if that works, change the document and close, else say why not."""
        if self.is_reading:
            self._accepting = True
            if self._timer.isActive():
                self._look()
            return
        self._accepting = False
        if self._tell():
            return
        dataset = msgspec.structs.replace(
            self.options.applied(self._form(self.forms.currentIndex()).dataset()),
            features=self.columns.features,
            targets=self.columns.targets,
            encoding=self.columns.encoding,
        )
        self._say("Preparing the data…", bad=False)
        work = partial(validated, dataset, self._folder, self._store)
        self._session.background.run(_READY, work, self._finish, self._say, long=True)

    def _finish(self, dataset: Dataset) -> None:
        document = self._session.document
        edits: tuple[Edit, ...] = ()
        if dataset != document.dataset:
            edits = (SetDataset(dataset),)
        if self.create_nodes.isChecked() and self._table is not None:
            nodes = data_nodes(document, dataset, self._table.schema)
            edits += (nodes,) if nodes.edits else ()
        else:
            edits += tuple(named_columns(document, dataset))
        if not edits or self._session.push(Batch(edits), "Change data"):
            super().accept()
        else:
            self._say("The document does not take this data; see the message in the window.")

    def done(self, result: int) -> None:
        """Forget what is still being read."""
        self._timer.stop()
        for key in (_LOOK, _READY):
            self._session.background.drop(key)
        super().done(result)

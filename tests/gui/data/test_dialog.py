"""The data dialog: every source, by hand; accepting is one undo entry; faults are sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from engine.data import Column, Table
from engine.library import library
from graph.model.dataset import Builtin, Csv, Generator, Idx, Inline, Npz, Split
from graph.model.edits import AddNode, Batch, Node, RemoveNode, SetDataset, SetParam
from gui.data.column_nodes import named_columns
from gui.data.columns_table import FEATURE, TARGET
from gui.data.dialog import DataDialog
from gui.data.inline_table import InlineModel, read_block, read_cell
from gui.data.source_forms import (
    FORMS,
    CsvForm,
    GeneratorForm,
    IdxForm,
    InlineForm,
    NpzForm,
    SourceForm,
)
from gui.data.table_model import TableModel
from gui.session.session import Session

SPACE, ENTER = Qt.Key.Key_Space, Qt.Key.Key_Return


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(library())
    session.new()
    yield session
    session.close()


def opened(session: Session, qtbot: QtBot) -> DataDialog:
    dialog = DataDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(dialog, qtbot)
    return dialog


def settle(dialog: DataDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not dialog.is_reading)


def choose(dialog: DataDialog, qtbot: QtBot, form: type[SourceForm]) -> SourceForm:
    dialog.source.setCurrentIndex(list(FORMS.values()).index(form))
    settle(dialog, qtbot)
    shown = dialog.forms.currentWidget()
    assert isinstance(shown, form)
    return shown


def press_ok(dialog: DataDialog, qtbot: QtBot) -> None:
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    with qtbot.waitSignal(dialog.accepted):
        QTest.mouseClick(ok, Qt.MouseButton.LeftButton)


def test_typed_table_becomes_the_dataset_in_one_undo_entry(session: Session, qtbot: QtBot) -> None:
    dialog = opened(session, qtbot)
    assert dialog.columns.features == ("x1", "x2")
    assert dialog.columns.targets == ("y",)
    press_ok(dialog, qtbot)
    dataset = session.document.dataset
    assert isinstance(dataset, Inline)
    assert dataset.columns == {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]}
    assert set(session.document.nodes) == {"x1", "x2", "y"}
    assert session.document.param("y", "columns") == ("y",)
    x, y = session.document.positions["x1"], session.document.positions["y"]
    assert x[0] < y[0]
    assert session.undo_stack.count() == 1
    session.undo()
    assert session.document.dataset is None
    assert not session.document.nodes


def test_cancel_changes_nothing(session: Session, qtbot: QtBot) -> None:
    dialog = opened(session, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert session.document.dataset is None
    assert session.undo_stack.count() == 0


def test_generator_with_split(session: Session, qtbot: QtBot) -> None:
    dialog = opened(session, qtbot)
    form = choose(dialog, qtbot, GeneratorForm)
    assert isinstance(form, GeneratorForm)
    form.name.setCurrentIndex(form.name.findData("spiral"))
    form.count.setValue(200)
    form.noise.setValue(0.1)
    dialog.options.validation.setValue(20)
    dialog.options.seed.setValue(7)
    settle(dialog, qtbot)
    assert dialog.points.picture.points is not None
    assert dialog.points.picture.points.shape == (200, 2)
    assert dialog.options.counts.text() == "rows: 160 train · 40 validation"
    press_ok(dialog, qtbot)
    assert session.document.dataset == Generator(
        name="spiral",
        n=200,
        noise=0.1,
        seed=7,
        features=("x1", "x2"),
        targets=("y",),
        split=Split(validation=0.2),
    )


def test_features_and_targets_by_keyboard(session: Session, qtbot: QtBot) -> None:
    dialog = opened(session, qtbot)
    view, model = dialog.columns_view, dialog.columns
    view.setFocus()
    view.setCurrentIndex(model.index(1, FEATURE))
    QTest.keyClick(view, SPACE)
    assert list(model.features) == ["x1"]
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, SPACE)
    assert list(model.targets) == ["x2", "y"]
    view.setCurrentIndex(model.index(1, FEATURE))
    QTest.keyClick(view, SPACE)
    assert list(model.features) == ["x1", "x2"], "a column can be both, as an autoencoder needs it"
    assert list(model.targets) == ["x2", "y"]
    view.setCurrentIndex(model.index(0, TARGET))
    QTest.keyClick(view, SPACE)
    assert list(model.features) == ["x2"]
    for row in (0, 1, 2):
        if model.index(row, FEATURE).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked:
            view.setCurrentIndex(model.index(row, FEATURE))
            QTest.keyClick(view, SPACE)
    assert "feature" in dialog.sentence.text()


def test_text_in_a_number_column_is_a_sentence(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "exam.csv"
    path.write_text("hours,slept,passed\n1.5,7,yes\n2,abc,no\n3,8,yes\n", "utf-8")
    dialog = opened(session, qtbot)
    dialog.show_file(path)
    settle(dialog, qtbot)
    assert "row 2 (line 3 of the file), column 'slept': found 'abc'" in dialog.sentence.text()
    model = dialog.view.model()
    cell = model.index(1, 1)
    assert cell.data() == "abc"
    assert cell.data(Qt.ItemDataRole.BackgroundRole) is not None
    assert model.index(0, 1).data(Qt.ItemDataRole.BackgroundRole) is None
    assert dialog.view.currentIndex() == cell
    slept = dialog.columns.index(1, FEATURE)
    dialog.columns.setData(slept, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    settle(dialog, qtbot)
    dialog.accept()
    settle(dialog, qtbot)
    assert dialog.isVisible()
    assert "row 2" in dialog.sentence.text()
    assert session.document.dataset is None
    dialog.columns.setData(slept, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    settle(dialog, qtbot)
    press_ok(dialog, qtbot)
    dataset = session.document.dataset
    assert isinstance(dataset, Csv)
    assert (dataset.features, dataset.targets) == (("hours",), ("passed",))
    assert len(dataset.sha256) == 64


def test_csv_guesses_its_delimiter_and_shows_what_a_wrong_one_does(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a;b\n1,5;2\n3;4\n", "utf-8")
    dialog = opened(session, qtbot)
    dialog.show_file(path)
    settle(dialog, qtbot)
    form = dialog.forms.currentWidget()
    assert isinstance(form, CsvForm)
    assert form.delimiter.currentData() == ";"
    form.header.click()
    settle(dialog, qtbot)
    assert dialog.view.model().rowCount() == 3
    form.file.edit.setText(str(tmp_path / "missing.csv"))
    settle(dialog, qtbot)
    assert "missing.csv" in dialog.sentence.text()
    dialog.accept()
    settle(dialog, qtbot)
    assert dialog.isVisible()


def test_paths_are_relative_to_the_document(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "a.csv"
    path.write_text("a,b\n1,2\n3,4\n", "utf-8")
    session.save(tmp_path / "net.gradwire")
    dialog = opened(session, qtbot)
    dialog.show_file(path)
    press_ok(dialog, qtbot)
    dataset = session.document.dataset
    assert isinstance(dataset, Csv)
    assert dataset.path == "data/a.csv"
    qtbot.waitUntil(lambda: session.prepared is not None)


def test_npz(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(12.0).reshape(6, 2), y=np.arange(6.0))
    dialog = opened(session, qtbot)
    form = choose(dialog, qtbot, NpzForm)
    assert isinstance(form, NpzForm)
    form.file.edit.setText(str(path))
    press_ok(dialog, qtbot)
    dataset = session.document.dataset
    assert isinstance(dataset, Npz)
    assert (dataset.features, dataset.targets) == (("x",), ("y",))


def test_idx_names_the_other_files(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    rows = {"train": 6, "t10k": 3}
    for part, count in rows.items():
        pixels = np.arange(4 * count, dtype=np.uint8).tobytes()
        head = b"\0\0\x08\x03" + np.array([count, 2, 2], ">u4").tobytes()
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(head + pixels)
        head = b"\0\0\x08\x01" + np.array([count], ">u4").tobytes()
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(
            head + bytes([0, 1, 2] * count)[:count]
        )
    dialog = opened(session, qtbot)
    form = choose(dialog, qtbot, IdxForm)
    assert isinstance(form, IdxForm)
    form.files["images"].edit.setText(str(tmp_path / "train-images-idx3-ubyte"))
    settle(dialog, qtbot)
    assert form.files["test_labels"].edit.text().endswith("t10k-labels-idx1-ubyte")
    assert dialog.options.counts.text() == "rows: 6 train · 3 test"
    press_ok(dialog, qtbot)
    dataset = session.document.dataset
    assert isinstance(dataset, Idx)
    assert (dataset.features, dataset.targets) == (("image",), ("label",))
    assert session.document.param("image", "columns") == ("image",)


def test_opens_with_what_the_document_has(session: Session, qtbot: QtBot) -> None:
    dataset = Builtin(
        name="iris",
        features=("petal_length", "petal_width"),
        targets=("species",),
        scaling="standard",
        split=Split(test=0.2, stratify=True),
        seed=3,
    )
    session.push(SetDataset(dataset), "Data")
    dialog = opened(session, qtbot)
    assert dialog.options.test.value() == 20
    assert dialog.options.stratify.isChecked()
    assert "3 classes" in dialog.columns.index(4, 5).data()
    assert dialog.columns.features == dataset.features
    press_ok(dialog, qtbot)
    assert session.document.dataset == dataset


def test_ok_waits_for_what_is_still_being_read(session: Session, qtbot: QtBot) -> None:
    dialog = opened(session, qtbot)
    form = choose(dialog, qtbot, GeneratorForm)
    assert isinstance(form, GeneratorForm)
    form.count.setValue(123)
    press_ok(dialog, qtbot)
    dataset = session.document.dataset
    assert isinstance(dataset, Generator)
    assert dataset.n == 123


def test_shares_that_leave_nothing_to_train(session: Session, qtbot: QtBot) -> None:
    dialog = opened(session, qtbot)
    dialog.options.validation.setValue(60)
    dialog.options.test.setValue(60)
    assert "no row is left for training" in dialog.sentence.text()


@pytest.mark.parametrize("form", FORMS.values())
def test_every_field_has_a_key_of_its_own(
    session: Session, qtbot: QtBot, form: type[SourceForm]
) -> None:
    dialog = opened(session, qtbot)
    choose(dialog, qtbot, form)
    texts = [dialog.tabs.tabText(i) for i in range(2) if dialog.tabs.isTabVisible(i)]
    for tab in range(2):
        dialog.tabs.setCurrentIndex(tab)
        shown = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
        shown += [b.text() for b in dialog.findChildren(QAbstractButton) if b.isVisible()]
        keys = [text[text.index("&") + 1].lower() for text in [*texts, *shown] if "&" in text]
        assert len(keys) == len(set(keys)), keys


# -- the typed table ------------------------------------------------------------------------------


def test_typing_and_pasting_like_in_a_spreadsheet(session: Session, qtbot: QtBot) -> None:
    dialog = opened(session, qtbot)
    form = dialog.forms.currentWidget()
    assert isinstance(form, InlineForm)
    grid, model = form.table.grid, form.table.model
    grid.setFocus()
    grid.setCurrentIndex(model.index(4, 2))
    QTest.keyClick(grid, ENTER)
    assert model.rowCount() == 6, "Enter on the last row adds one"
    QGuiApplication.clipboard().setText("a\tb\n1\t2,5\n3\tcat\n")
    grid.setCurrentIndex(model.index(0, 0))
    QTest.keyClick(grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    columns = model.columns()
    assert list(columns) == ["a", "b", "y"]
    assert columns["a"][:2] == [1, 3]
    assert columns["b"][:2] == [2.5, "cat"]
    settle(dialog, qtbot)
    assert "row 5" in dialog.sentence.text(), "the new row is still empty"


def test_rows_and_columns_come_and_go(qtbot: QtBot) -> None:
    model = InlineModel()
    model.add_column()
    model.add_row()
    assert model.columns()["column4"] == [None] * 5
    model.remove_columns({0, 3})
    model.remove_rows({2, 3, 5})
    assert model.columns() == {"x2": [0, 1], "y": [0, 0]}
    assert not model.setData(model.index(0, 0), "y"), "a name that is taken"
    assert model.setData(model.index(0, 0), "x")
    assert model.setData(model.index(1, 0), "0.25")
    model.clear([model.index(0, 1), model.index(2, 1)])
    assert model.columns() == {"x": [0.25, 1], "y": [0, None]}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("", None),
        ("3", 3),
        ("-2.5", -2.5),
        ("2,5", 2.5),
        ("1e3", 1000.0),
        ("a,b", "a,b"),
        ("nan", "nan"),
    ],
)
def test_cells_mean_what_they_look_like(text: str, cell: object) -> None:
    assert read_cell(text) == cell


def test_blocks_are_divided_by_what_is_in_them() -> None:
    assert read_block("1\t2\n3\t4\n") == [["1", "2"], ["3", "4"]]
    assert read_block("1;2,5") == [["1", "2,5"]]
    assert read_block('a,"b,c"') == [["a", "b,c"]]
    assert read_block("\n") == []


def test_large_tables_make_only_the_cells_in_sight(qtbot: QtBot) -> None:
    rng = np.random.default_rng(0)
    columns = {
        "image": Column(rng.random((60_000, 16)), "image"),
        "label": Column(np.eye(3)[rng.integers(0, 3, 60_000)], "category", ("a", "b", "c")),
        "x": Column(np.full((60_000, 1), 0.5)),
    }
    model = TableModel(Table(columns))
    assert model.rowCount() == 60_000
    assert model.index(59_999, 1).data() in ("a", "b", "c")
    assert model.index(59_999, 2).data() == "0.5"
    assert not model.index(59_999, 0).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert model.first_fault() == QModelIndex()


def test_inputs_without_a_column_read_what_is_free(session: Session) -> None:
    nodes = {"a": "input", "b": "input", "t": "target"}
    edits = [AddNode(Node(name, kind)) for name, kind in nodes.items()]
    session.push(Batch(tuple(edits)), "Draw")
    data = Generator(name="moons", features=("x1", "x2"), targets=("y",))
    found = {edit.node: edit.value for edit in named_columns(session.document, data)}
    assert found == {"a": ("x1",), "b": ("x2",), "t": ("y",)}
    session.push(SetParam("a", "columns", ("x2",)), "Choose")
    found = {edit.node: edit.value for edit in named_columns(session.document, data)}
    assert found == {"b": ("x1",), "t": ("y",)}
    session.push(RemoveNode("a"), "Remove")
    found = {edit.node: edit.value for edit in named_columns(session.document, data)}
    assert found["b"] == ("x1", "x2")


def test_what_was_guessed_while_reading_is_said(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    """Prices once became one class each without a word."""
    table = tmp_path / "prices.csv"
    table.write_bytes("größe;preis;preis\n1,5;12,50 €;0\n2,25;1.000,00 €;1\n".encode("cp1252"))
    dialog = opened(session, qtbot)
    dialog.show_file(table)
    settle(dialog, qtbot)
    said = dialog.guesses.text()
    assert dialog.guesses.isVisible()
    assert "Windows-1252" in said
    assert "two columns are called 'preis'; the later one is called 'preis 2' here" in said
    assert "column 'größe' is read as numbers: 2,25 as 2.25" in said
    assert said.endswith("And 1 more.")
    assert "1.000,00 € as 1000" in dialog.guesses.toolTip()
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", "utf-8")
    dialog.show_file(tmp_path / "other.csv")
    settle(dialog, qtbot)
    assert not dialog.guesses.isVisible()

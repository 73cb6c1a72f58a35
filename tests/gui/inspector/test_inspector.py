"""The inspector: pages, editors from the declarations, live numbers, training settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QSpinBox
from pytestqt.qtbot import QtBot

from engine.headless import examples
from engine.headless.experiment import make_ready
from engine.headless.explanation import explained
from graph.model.dataset import Inline
from graph.model.edits import AddNode, Batch, Connect, Edge, Node, SetParameterValues, SetTraining
from graph.model.kinds import ParamKind
from graph.model.tensor import Tensor
from graph.model.training import EarlyStopping, Training
from gui.canvas.graph_canvas import GraphCanvas
from gui.commands import graph_commands
from gui.inspector.document_page import DocumentPage
from gui.inspector.edge_page import EdgePage
from gui.inspector.inspector import Inspector
from gui.inspector.node_page import NodePage
from gui.inspector.param_editors import EDITORS
from gui.inspector.selection_page import ManyPage
from gui.inspector.slot_editor import SlotEditor
from gui.session.session import Session
from gui.shell.dock_places import NARROW
from gui.widgets.number_field import NumberField
from gui.widgets.number_text import node_numbers, number_text

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def inspector(xor: Session, qtbot: QtBot) -> Inspector:
    inspector = Inspector(xor)
    qtbot.addWidget(inspector)
    inspector.resize(340, 700)
    inspector.show()
    return inspector


def node_page(inspector: Inspector, xor: Session, node: str) -> NodePage:
    xor.select([node])
    inspector.update_now()
    assert isinstance(inspector.page, NodePage)
    return inspector.page


def test_nodes_and_edges_say_by_which_law_and_scale_their_values_are_drawn(
    inspector: Inspector, xor: Session
) -> None:
    page = node_page(inspector, xor, "h1")
    drawn = "Initial weights: xavier uniform, ±√(6/(2 + 2)) = ±1.225 (fan-in 2, fan-out 2)"
    assert page.laws.text().splitlines() == ["Initial bias: zeros, 0", drawn]
    assert page.laws.isVisible()
    assert page.params is not None
    page.params.editors["initializer"].changed.emit("he_normal", 0)
    inspector.update_now()
    assert isinstance(inspector.page, NodePage)
    assert "he normal, standard deviation √(2/2) = 1 (fan-in 2" in inspector.page.laws.text()
    xor.push(SetParameterValues({"h1.bias": Tensor.of([0.5])}), "Set")
    inspector.update_now()
    assert "Drawn anew, bias: zeros, 0" in inspector.page.laws.text()
    xor.select((), ["h1-o"])
    inspector.update_now()
    assert isinstance(inspector.page, EdgePage)
    assert "±√(6/(2 + 1)) = ±1.414 (fan-in 2, fan-out 1)" in inspector.page.laws.text()


def test_every_kind_of_parameter_has_an_editor() -> None:
    assert set(EDITORS) == set(ParamKind)


def test_a_shared_weight_gets_a_parameter_of_its_own_again(
    inspector: Inspector, xor: Session
) -> None:
    slots = "x1-h1.weight", "x2-h1.weight"
    for selected, shared in ((["x1-h1"], False), (["x1-h1", "x2-h1"], True)):
        xor.select((), selected)
        if shared:
            graph_commands.share(xor)
        xor.select((), ["x1-h1"])
        inspector.update_now()
        (editor,) = inspector.page.findChildren(SlotEditor)
        assert editor.unshare.isVisible() is shared
    QTest.mouseClick(editor.unshare, Qt.MouseButton.LeftButton)
    assert {xor.document.parameter_name(slot) for slot in slots} > {"x1-h1.weight"}
    inspector.update_now()
    assert not editor.unshare.isVisible()
    xor.undo()
    assert len({xor.document.parameter_name(slot) for slot in slots}) == 1


def test_the_page_follows_the_selection(inspector: Inspector, xor: Session) -> None:
    assert isinstance(inspector.page, DocumentPage)
    node_page(inspector, xor, "h1")
    xor.select((), ["x1-h1"])
    inspector.update_now()
    assert isinstance(inspector.page, EdgePage)
    xor.select(["h1", "h2"])
    inspector.update_now()
    assert isinstance(inspector.page, ManyPage)
    xor.select()
    inspector.update_now()
    assert isinstance(inspector.page, DocumentPage)


def test_numbers_are_those_of_the_probe(inspector: Inspector, xor: Session) -> None:
    page = node_page(inspector, xor, "h1")
    numbers = node_numbers(xor.readings, "h1")
    assert numbers is not None
    shown = {label.accessibleName(): label.text() for label in page.findChildren(QLabel)}
    assert shown["z"] == number_text(numbers.value, 6)
    assert shown["δ"] == number_text(numbers.delta, 6)


def test_a_vector_shows_components_and_a_matrix_its_norm(session: Session, qtbot: QtBot) -> None:
    """Neither a mean over components as if it were the value."""
    assert session.open(examples.path("ng_test_network"))
    qtbot.waitUntil(lambda: session.readings is not None)
    readings = session.readings
    assert readings is not None
    inspector = Inspector(session)
    qtbot.addWidget(inspector)
    node = next(iter(readings.strips))
    strip = readings.strips[node]
    page = node_page(inspector, session, node)
    shown = {label.accessibleName(): label.text() for label in page.findChildren(QLabel)}
    for number in strip[:4]:
        assert number_text(float(number)) in shown["z"]
    assert "∂E/∂z" in shown
    assert "δ" not in shown


def test_the_help_says_the_local_derivatives(inspector: Inspector, xor: Session) -> None:
    labels = node_page(inspector, xor, "h1").findChildren(QLabel)
    text = "\n".join(label.text() for label in labels)
    assert "∂z/∂s = f′(s)" in text
    assert "∂sᵢ/∂Wₖᵢⱼ = xₖⱼ" in text


def test_an_activation_is_chosen(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    page = node_page(inspector, xor, "h1")
    assert page.params is not None
    combo = page.params.editors["activation"].findChild(QComboBox)
    assert combo is not None
    combo.setCurrentIndex(combo.findData("relu"))
    combo.activated.emit(combo.currentIndex())
    assert xor.document.param("h1", "activation") == "relu"
    xor.undo()
    inspector.update_now()
    assert combo.currentData() == "tanh"


def test_units_are_typed(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    page = node_page(inspector, xor, "h1")
    assert page.params is not None
    spin = page.params.editors["units"].findChild(QSpinBox)
    assert spin is not None
    spin.selectAll()
    QTest.keyClicks(spin, "3")
    QTest.keyClick(spin, Qt.Key.Key_Return)
    assert xor.document.param("h1", "units") == 3
    inspector.update_now()
    assert xor.value("h1.bias") is not None


def test_a_bias_is_typed_and_e_moves(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    page = node_page(inspector, xor, "h1")
    assert xor.readings is not None
    before = xor.readings.error
    field = page.slots[0].findChild(NumberField)
    assert field is not None
    field.selectAll()
    QTest.keyClicks(field, "1.5")
    QTest.keyClick(field, Qt.Key.Key_Return)
    value = xor.value("h1.bias")
    assert value is not None
    assert value.item() == 1.5
    assert xor.readings.error != before
    assert xor.undo_stack.undoText() == "Set h1.bias"


def test_scrubbing_a_weight_is_one_undo_entry(
    inspector: Inspector, xor: Session, qtbot: QtBot
) -> None:
    xor.select((), ["x1-h1"])
    inspector.update_now()
    assert isinstance(inspector.page, EdgePage)
    field = inspector.page.slots[0].findChild(NumberField)
    assert field is not None
    line, entries = field.findChild(QLineEdit), xor.undo_stack.count()
    assert line is not None
    before = xor.value("x1-h1.weight")
    place = line.rect().center()
    QTest.mousePress(line, Qt.MouseButton.LeftButton, pos=place)
    for step in range(1, 6):
        place.setX(place.x() + 8 * step)
        QTest.mouseMove(line, place)
    QTest.mouseRelease(line, Qt.MouseButton.LeftButton, pos=place)
    after = xor.value("x1-h1.weight")
    assert before is not None
    assert after is not None
    assert after.item() > before.item()
    assert xor.undo_stack.count() == entries + 1


def test_freezing(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    page = node_page(inspector, xor, "h1")
    QTest.mouseClick(page.slots[0].frozen, Qt.MouseButton.LeftButton)
    assert "h1.bias" in xor.document.frozen
    xor.undo()
    inspector.update_now()
    assert not page.slots[0].frozen.isChecked()


def test_a_value_can_be_drawn_anew(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    drawn = xor.value("x1-h1.weight")
    xor.push(SetParameterValues({"x1-h1.weight": Tensor.of([[7.0]])}), "Set")
    xor.select((), ["x1-h1"])
    inspector.update_now()
    assert isinstance(inspector.page, EdgePage)
    QTest.mouseClick(inspector.page.slots[0].forget, Qt.MouseButton.LeftButton)
    assert xor.value("x1-h1.weight") == drawn


def test_renaming_keeps_the_weights(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    page = node_page(inspector, xor, "h1")
    page.id.selectAll()
    QTest.keyClicks(page.id, "first")
    QTest.keyClick(page.id, Qt.Key.Key_Return)
    assert "first" in xor.document.nodes
    assert xor.selection.nodes == {"first"}
    inspector.update_now()
    assert isinstance(inspector.page, NodePage)
    assert inspector.page.node == "first"


def test_a_wire_is_named(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    """In the inspector, on the canvas and in formulas; undone and redone."""
    canvas = GraphCanvas(xor)
    qtbot.addWidget(canvas)
    arrays = canvas.mirror.scene.arrays
    row = arrays.edge_row["h1-o"]
    xor.select((), ["h1-o"])
    inspector.update_now()
    page = inspector.page
    assert isinstance(page, EdgePage)
    page.label.insert("v₁")  # QTest types ASCII only
    QTest.keyClick(page.label, Qt.Key.Key_Return)
    page.label.clearFocus()
    assert xor.document.edges["h1-o"].label == arrays.labels[row] == "v₁"
    found = explained(make_ready(xor.document, Path()), "gradient:h1-o.weight", 1, "1")
    assert found.expression.symbol == "∂E/∂v₁"
    theta = xor.theta
    xor.undo()
    inspector.update_now()
    assert (xor.document.edges["h1-o"].label, page.label.text()) == ("", "")
    assert arrays.labels[row] == ""
    xor.redo()
    assert arrays.labels[row] == "v₁"
    assert xor.theta is theta
    xor.select((), ["o-E"])
    inspector.update_now()
    assert isinstance(inspector.page, EdgePage)
    assert not inspector.page.label.isVisible()


def test_a_taken_id_is_refused_with_a_sentence(
    inspector: Inspector, xor: Session, qtbot: QtBot
) -> None:
    page = node_page(inspector, xor, "h1")
    page.id.selectAll()
    QTest.keyClicks(page.id, "h2")
    with qtbot.waitSignal(xor.notice):
        QTest.keyClick(page.id, Qt.Key.Key_Return)
    assert page.id.text() == "h1"


def test_columns_are_typed(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    page = node_page(inspector, xor, "x1")
    assert page.params is not None
    line = page.params.editors["columns"].findChild(QLineEdit)
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, "x1, x2")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert xor.document.param("x1", "columns") == ("x1", "x2")


def test_parameters_of_several_nodes_change_together(inspector: Inspector, xor: Session) -> None:
    xor.select(["h1", "h2"])
    inspector.update_now()
    assert isinstance(inspector.page, ManyPage)
    assert inspector.page.params is not None
    inspector.page.params.editors["activation"].changed.emit("relu", 0)
    assert {xor.document.param(node, "activation") for node in ("h1", "h2")} == {"relu"}
    xor.undo()
    assert xor.document.param("h2", "activation") == "tanh"


def test_training_settings_are_edited(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    assert isinstance(inspector.page, DocumentPage)
    form = inspector.page.training
    combo = form.fields["optimizer"].findChild(QComboBox)
    assert combo is not None
    assert not form.isRowVisible(form.fields["beta1"])
    combo.setCurrentIndex(combo.findData("adam"))
    combo.activated.emit(combo.currentIndex())
    assert xor.document.training.optimizer == "adam"
    inspector.update_now()
    assert form.isRowVisible(form.fields["beta1"])
    box = form.fields["batch_size"].findChild(QCheckBox)
    assert box is not None
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    assert xor.document.training.batch_size == 32
    form.fields["schedule.name"].changed.emit("cosine", 0)
    assert xor.document.training.schedule.name == "cosine"


def test_nonsense_settings_are_refused(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    assert isinstance(inspector.page, DocumentPage)
    with qtbot.waitSignal(xor.notice):
        inspector.page.training.fields["learning_rate"].changed.emit(0.0, 1)
    assert xor.document.training.learning_rate == 0.5


def test_title_and_notes(inspector: Inspector, xor: Session, qtbot: QtBot) -> None:
    assert isinstance(inspector.page, DocumentPage)
    page = inspector.page
    QTest.keyClicks(page.title, "Exclusive or")
    QTest.keyClick(page.title, Qt.Key.Key_Return)
    assert xor.document.title == "Exclusive or"
    page.edit.setChecked(True)
    page.editor.setPlainText("# Heading")
    page.edit.setChecked(False)
    assert xor.document.notes == "# Heading"
    inspector.update_now()
    assert page.browser.toPlainText() == "Heading"


def test_the_wheel_scrolls_and_changes_nothing(inspector: Inspector, xor: Session) -> None:
    assert isinstance(inspector.page, DocumentPage)
    combo = inspector.page.training.fields["optimizer"].findChild(QComboBox)
    assert combo is not None
    place, no = QPointF(combo.rect().center()), QPoint()
    event = QWheelEvent(
        place,
        QPointF(combo.mapToGlobal(place.toPoint())),
        no,
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(combo, event)
    assert xor.document.training.optimizer == "sgd"


@pytest.mark.parametrize("node", ["", "wide"])
def test_nothing_in_a_narrow_inspector_scrolls_sideways(
    inspector: Inspector, xor: Session, node: str
) -> None:
    training = Training(optimizer="adamw", early_stopping=EarlyStopping())
    xor.push(SetTraining(training), "Many settings")
    wide = Node("wide", "neuron", "a label that is rather long", {"units": 1200})
    edge = Edge("a_name_of_an_edge_without_any_blank", "x1", "wide", "inputs")
    xor.push(Batch((AddNode(wide), Connect(edge))), "Add")
    xor.select([node] if node else [])
    inspector.update_now()
    room = NARROW[1] - inspector.verticalScrollBar().sizeHint().width()
    assert inspector.page.minimumSizeHint().width() <= room


def text_of(inspector: Inspector, name: str) -> str:
    """Return what is shown under an accessible name; empty if it is not there."""
    labels = [one for one in inspector.page.findChildren(QLabel) if one.accessibleName() == name]
    return "".join(label.text() for label in labels if label.isVisible())


def test_an_input_is_told_in_the_units_of_the_data(session: Session, qtbot: QtBot) -> None:
    """Hours studied once stood as −1.614 alone; the first row of the table has 1 hour."""
    assert session.open(EXAMPLES / "exam.gradwire")
    qtbot.waitUntil(lambda: session.readings is not None)
    inspector = Inspector(session)
    qtbot.addWidget(inspector)
    inspector.show()
    session.set_row(0)
    session.select(["x1"])
    qtbot.waitUntil(lambda: "= 1" in text_of(inspector, "in the data"))
    session.set_row(None)  # the mean is scaled alike
    table = session.document.dataset
    assert isinstance(table, Inline)
    columns = session.document.params("x1")["columns"]
    assert isinstance(columns, tuple)
    name = str(columns[0])
    hours = [float(cell or 0) for cell in table.columns[name]]
    mean = number_text(sum(hours) / len(hours), 6)
    qtbot.waitUntil(lambda: text_of(inspector, "in the data") == f"{name} = {mean}")
    readings = session.readings
    assert readings is not None
    assert 0 < abs(readings.value[readings.nodes.index("x1")]) < 1e-15  # what rounding leaves
    assert text_of(inspector, "z") == "0"
    session.select(["h1"])
    qtbot.waitUntil(lambda: isinstance(inspector.page, NodePage) and inspector.page.node == "h1")
    assert text_of(inspector, "in the data") == ""

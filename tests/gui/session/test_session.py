"""The session: edits, undo, selection, live numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.library import library
from graph.changes import adding
from graph.model.dataset import Inline, Split
from graph.model.edits import (
    AddNode,
    Batch,
    Connect,
    Edge,
    Move,
    Node,
    RemoveNode,
    SetDataset,
    SetParameterValues,
)
from graph.model.tensor import Tensor
from gui.commands.network_builder import Blueprint, network
from gui.session.session import Session

EXAMPLES = Path(__file__).parents[3] / "examples"
XOR = Inline(
    columns={"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]},
    features=("x1", "x2"),
    targets=("y",),
)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(library())
    session.new()
    yield session
    session.close()


@pytest.fixture
def xor(session: Session) -> Session:
    batch, _ = network(session.document, Blueprint((2, 2, 1)), ("x1", "x2"), ("y",))
    session.push(Batch((SetDataset(XOR), batch)), "Build")
    return session


def test_an_edit_is_one_undo_entry(session: Session) -> None:
    assert session.push(AddNode(Node("a", "constant")), "Add")
    assert session.push(Move({"a": (1.0, 2.0)}), "Move")
    assert session.undo_stack.count() == 2
    session.undo()
    session.undo()
    assert not session.document.nodes
    session.redo()
    session.redo()
    assert session.document.positions["a"] == (1.0, 2.0)


def test_edits_with_one_key_merge(session: Session) -> None:
    session.push(AddNode(Node("a", "constant")), "Add")
    for x in range(5):
        session.push(Move({"a": (float(x), 0.0)}), "Move", merge="move.a")
    assert session.undo_stack.count() == 2
    session.undo()
    assert "a" not in session.document.positions
    session.redo()
    assert session.document.positions["a"] == (4.0, 0.0)


def test_a_refused_edit_leaves_no_entry(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.notice) as notice:
        assert not session.push(RemoveNode("nobody"), "Remove")
    assert "nobody" in notice.args[0]
    assert session.undo_stack.count() == 0


def test_what_is_gone_is_not_selected(session: Session) -> None:
    session.push(AddNode(Node("a", "constant")), "Add")
    session.select(["a", "ghost"])
    assert session.selection.nodes == {"a"}
    session.undo()
    assert not session.selection


def test_a_network_is_ready_at_once(xor: Session) -> None:
    assert xor.plan is not None
    assert xor.readings is not None
    assert xor.rows == 4
    assert xor.widths is not None


def test_a_weight_moves_the_error(xor: Session) -> None:
    assert xor.readings is not None
    before = xor.readings.error
    name = "x1-h1.weight"
    xor.push(SetParameterValues({name: Tensor.of([[3.0]])}), "Set weight")
    value = xor.value(name)
    assert value is not None
    assert value.item() == 3.0
    assert xor.readings.error != before
    xor.undo()
    assert xor.readings.error == before


def test_a_row_can_be_chosen(xor: Session) -> None:
    xor.set_row(2)
    assert xor.readings is not None
    index = xor.readings.nodes.index("x1")
    assert xor.readings.value[index] == 1.0
    xor.set_row(99)
    assert xor.row is None


def test_a_row_of_any_split_is_shown_under_its_number_in_the_data(xor: Session) -> None:
    divided = msgspec.structs.replace(XOR, split=Split(validation=0.25, test=0.25))
    xor.push(SetDataset(divided), "Divide the rows")
    assert xor.prepared is not None
    assert xor.rows == 4
    assert xor.rows_text == "mean over 2 training rows"
    for split, rows in xor.prepared.splits.items():
        for row in rows.tolist():
            xor.set_row(row)
            assert xor.rows_text == f"row {row + 1} ({split})"
            assert xor.readings is not None
            assert xor.readings.row == row
            shown = [xor.readings.value[xor.readings.nodes.index(name)] for name in ("x1", "x2")]
            assert shown == [row // 2, row % 2]


def test_an_unfinished_graph_shows_what_runs_already(xor: Session) -> None:
    loss = next(name for name, node in xor.document.nodes.items() if "error" in node.kind)
    edges = [edge.id for edge in xor.document.in_edges(loss)]
    whole = xor.readings
    assert whole is not None
    xor.push(adding.remove(xor.document, (), edges[:1]), "Disconnect")
    assert xor.plan is None
    assert xor.error is None
    part = xor.readings
    assert part is not None
    assert loss not in part.nodes
    for name, value in zip(part.nodes, part.value, strict=True):
        assert value == whole.value[whole.nodes.index(name)]
    xor.calculation.find_problems()
    assert any(loss in problem.nodes for problem in xor.problems)
    xor.run.play()
    assert not xor.run.running
    xor.push(SetParameterValues({"x1-h1.weight": Tensor.of([[3.0]])}), "Set weight")
    value = xor.value("x1-h1.weight")
    assert value is not None
    assert value.item() == 3.0
    xor.undo()
    xor.undo()
    assert xor.plan is not None
    assert xor.error == whole.error


def test_where_nothing_can_run_there_are_no_readings(xor: Session) -> None:
    xor.push(adding.remove(xor.document, xor.document.nodes), "Clear")
    assert xor.readings is None


def test_save_and_open_give_the_same(xor: Session, tmp_path: Path) -> None:
    path = tmp_path / "xor.gradwire"
    assert xor.save(path)
    assert xor.undo_stack.isClean()
    nodes = dict(xor.document.nodes)
    xor.new()
    assert xor.open(path)
    assert dict(xor.document.nodes) == nodes
    assert xor.path == path


def test_a_bad_file_changes_nothing(xor: Session, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "bad.gradwire"
    path.write_text("{", "utf-8")
    document = xor.document
    with qtbot.waitSignal(xor.notice):
        assert not xor.open(path)
    assert xor.document is document


def test_data_of_a_builtin_set_comes_from_the_background(session: Session, qtbot: QtBot) -> None:
    from graph.model.dataset import Builtin

    data = Builtin(name="iris", targets=("species",))
    with qtbot.waitSignal(session.data_changed):
        session.push(SetDataset(data), "Data")
        qtbot.waitUntil(lambda: session.prepared is not None)
    assert session.schema["species"] == 3


def test_an_edge_added_by_hand_is_read_at_once(xor: Session) -> None:
    xor.push(Connect(Edge("skip", "x1", "o", "inputs", 9)), "Connect")
    assert xor.readings is not None
    assert "skip" in xor.readings.edges


def test_an_edit_that_changes_nothing_leaves_no_entry(session: Session) -> None:
    session.push(AddNode(Node("a", "constant")), "Add")
    session.push(Move({"a": (1.0, 2.0)}), "Move")
    assert session.push(Move({"a": (1.0, 2.0)}), "Move")
    assert session.undo_stack.count() == 2


def test_nothing_is_begun_after_the_end(session: Session) -> None:
    begun: list[int] = []
    session.close()
    session.background.run("late", lambda: begun.append(1), begun.append, lambda _: None)
    assert not session.background.busy
    session.background.close()
    assert not begun


def test_play_waits_for_the_data_that_is_being_read(session: Session, qtbot: QtBot) -> None:
    assert session.open(EXAMPLES / "iris.gradwire")
    told: list[str] = []
    session.notice.connect(told.append)
    assert session.calculation.is_reading
    session.run.play()
    qtbot.waitUntil(lambda: session.run.running or session.run.last_epoch > 0)
    session.run.pause()
    assert told == []


def test_columns_are_no_problem_while_the_data_is_being_read(
    session: Session, qtbot: QtBot
) -> None:
    """For seconds a sound example was said to have a problem, its nodes ringed in red."""
    assert session.open(EXAMPLES / "iris.gradwire")
    assert session.calculation.is_reading
    session.calculation.find_problems()
    assert session.problems == []
    qtbot.waitUntil(lambda: session.prepared is not None)
    session.calculation.find_problems()
    assert session.problems == []

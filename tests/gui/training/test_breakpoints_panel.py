"""The breakpoints panel: conditions stop the run, places stop the cursor, and both say why."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from engine.native import prepare
from graph.changes import adding
from graph.model.edits import SetLabel, SetParameterValues, SetTraining
from graph.model.tensor import Tensor
from graph.model.training import Training
from gui.canvas import tooltips
from gui.canvas.geometry.shapes import HEIGHT, WIDTH
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.model.hit_test import Hit, HitKind
from gui.look import theme
from gui.session.session import Session
from gui.shell.window import Window
from gui.training.breakpoints_panel import BreakpointsPanel


@pytest.fixture
def panel(xor: Session, qtbot: QtBot) -> BreakpointsPanel:
    panel = BreakpointsPanel(xor)
    qtbot.addWidget(panel)
    return panel


def choose(panel: BreakpointsPanel, key: str, number: float | None = None) -> None:
    panel.sort.setCurrentIndex(panel.sort.findData(key))
    if number is not None:
        panel.number.setValue(number)
    panel.add.click()


def test_a_condition_stops_the_run_and_says_why(
    panel: BreakpointsPanel, xor: Session, qtbot: QtBot
) -> None:
    xor.push(SetTraining(Training(epochs=100_000, learning_rate=0.5)), "Settings")
    choose(panel, "large", 1e-9)
    assert panel.list.item(0).text() == "|gradient| > 1e−09"
    xor.run.play()
    qtbot.waitUntil(lambda: xor.run.hit is not None)
    assert not xor.run.running
    assert xor.run.updates == 1
    assert ", above 1e-09; its largest part was at “" in panel.why.text()
    assert "update 1 (epoch 1)" in panel.why.text()
    assert len(xor.selection.edges) + len(xor.selection.nodes) == 1


def test_a_condition_can_be_of_one_weight(panel: BreakpointsPanel, xor: Session) -> None:
    xor.select((), ["h1-o"])
    choose(panel, "large", 0.0)
    assert panel.list.item(0).text() == "h1 → o.weight: |gradient| > 0"
    xor.run.step()
    assert xor.run.hit is not None
    assert xor.run.hit.place == "h1-o.weight"
    xor.select()
    choose(panel, "large", 1.0)
    assert panel.list.item(1).text() == "|gradient| > 1"


def test_what_is_selected_is_offered_where_it_fits(panel: BreakpointsPanel, xor: Session) -> None:
    def offered() -> list[str | None]:
        return [panel.of.itemData(i) for i in range(panel.of.count())]

    panel.sort.setCurrentIndex(panel.sort.findData("silent"))
    xor.select(["h1"])
    assert offered() == [None, "h1"]
    xor.select(["x1"])
    assert offered() == [None]
    panel.sort.setCurrentIndex(panel.sort.findData("large"))
    xor.select(["h1"])
    assert offered() == [None, "h1.bias"]
    xor.select(["h1", "h2"])
    assert offered() == [None]
    panel.sort.setCurrentIndex(panel.sort.findData("rises"))
    xor.select(["h1"])
    assert not panel.of.isEnabled()


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_the_cursor_stands_where_the_run_stopped(
    panel: BreakpointsPanel, xor: Session, qtbot: QtBot, engine: str
) -> None:
    if engine == "native":
        prepare("float64")
        xor.kernels.start("float64")
        qtbot.waitUntil(lambda: xor.kernels.ready("float64"))
    settings = Training(epochs=100_000, learning_rate=0.5, batch_size=1)
    xor.push(SetTraining(settings), "Settings")
    xor.select((), ["h1-o"])
    choose(panel, "large", 0.0)
    choose(panel, "rises", 1e6)
    xor.select()
    reached: list[str] = []
    panel.reached.connect(reached.append)
    xor.run.speed = math.inf
    xor.run.play()
    qtbot.waitUntil(lambda: xor.run.hit is not None)
    assert xor.run.engine == engine
    assert panel.why.text().startswith(
        "Breakpoint after update 1 (epoch 1, batch 1 of 4): in it |g| was "
    )
    assert "“h1 → o.weight”" in panel.why.text()
    assert xor.stepper.at is not None
    assert xor.stepper.at.edge == "h1-o" or xor.stepper.at.parameter == "h1-o.weight"
    assert xor.run.shown_update == 1
    assert xor.selection.edges == {"h1-o"}
    assert reached == ["h1", "o"]
    assert [panel.list.item(i).font().bold() for i in range(2)] == [True, False]
    panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    xor.run.step()
    assert xor.run.hit is None
    assert (xor.run.updates, panel.why.text()) == (2, "")
    assert not panel.list.item(0).font().bold()


def test_only_the_unit_that_was_chosen_is_looked_at(panel: BreakpointsPanel, xor: Session) -> None:
    dead = SetParameterValues(
        {
            "x1-h2.weight": Tensor.of([[0.0]]),
            "x2-h2.weight": Tensor.of([[0.0]]),
            "h2.bias": Tensor.of([0.5]),
        }
    )
    xor.push(dead, "h2 says the same in all rows")
    xor.push(SetTraining(Training(learning_rate=1e-300)), "Standing still")
    xor.select(["h1"])
    choose(panel, "silent", 2)
    assert panel.list.item(0).text() == "h1: is silent in all rows for 2 updates"
    xor.run.step()
    xor.run.step()
    assert xor.run.hit is None
    xor.select(["h2"])
    choose(panel, "silent", 2)
    xor.run.step()
    xor.run.step()
    assert xor.run.hit is not None
    assert xor.run.hit.place == "h2"
    assert xor.stepper.lit_node == "h2"


def test_what_is_added_while_it_trains_stops_it(
    panel: BreakpointsPanel, xor: Session, qtbot: QtBot
) -> None:
    xor.run.play()
    qtbot.waitUntil(lambda: xor.run.epoch > 3)
    choose(panel, "large", 1e9)
    assert xor.run.running
    choose(panel, "large", 0.0)
    qtbot.waitUntil(lambda: xor.run.hit is not None)
    assert not xor.run.running
    assert [panel.list.item(i).font().bold() for i in range(2)] == [False, True]


def test_places_are_called_what_they_are_called_now(panel: BreakpointsPanel, xor: Session) -> None:
    xor.select(["h1"])
    choose(panel, "large", 1.0)
    xor.stepper.break_at("h1", on=True)
    xor.push(SetLabel("h1", "first"), "Rename")
    texts = [panel.list.item(i).text() for i in range(2)]
    assert texts == ["first.bias: |gradient| > 1", "the cursor comes to first"]


def test_what_is_not_ticked_does_not_stop(panel: BreakpointsPanel, xor: Session) -> None:
    choose(panel, "large", 0.0)
    panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert xor.run.breakpoints == ()
    xor.run.step()
    assert xor.run.hit is None
    panel.list.item(0).setCheckState(Qt.CheckState.Checked)
    xor.run.step()
    assert xor.run.hit is not None
    panel.list.setCurrentRow(0)
    panel.remove.click()
    assert panel.list.count() == 0
    assert xor.run.breakpoints == ()


def test_a_hit_is_of_its_moment_alone(panel: BreakpointsPanel, xor: Session, qtbot: QtBot) -> None:
    choose(panel, "large", 0.0)
    xor.stepper.pace = 0.001
    xor.stepper.play()
    qtbot.waitUntil(lambda: not xor.stepper.playing)
    assert xor.run.hit is not None
    assert xor.run.updates == 1
    xor.select(["h1"])
    xor.undo()
    assert xor.run.hit is None
    assert panel.why.text() == ""
    assert xor.selection.nodes == {"h1"}


def test_playing_slowly_stands_still_at_a_place(
    panel: BreakpointsPanel, xor: Session, qtbot: QtBot
) -> None:
    xor.stepper.break_at("h1", on=True)
    assert panel.list.item(0).text() == "the cursor comes to h1"
    xor.stepper.pace = 0.001
    xor.stepper.play()
    qtbot.waitUntil(lambda: not xor.stepper.playing)
    assert xor.stepper.at is not None
    assert "h1" in {xor.stepper.at.node, xor.stepper.lit_node}
    assert xor.selection.nodes == {"h1"}
    assert panel.list.item(0).font().bold()
    xor.stepper.rest()
    assert not panel.list.item(0).font().bold()
    xor.stepper.break_at("h1", on=False)
    assert panel.list.item(0).checkState() == Qt.CheckState.Unchecked


def test_break_here_is_a_command(xor_window: Window) -> None:
    session = xor_window.session
    session.select(["h1"])
    xor_window.actions_by_id.update_now()
    xor_window.actions_by_id["train.break"].trigger()
    assert session.stepper.breaks == {"h1"}
    assert xor_window.breakpoints.list.count() == 1
    session.new()
    assert not session.stepper.breaks
    assert xor_window.breakpoints.list.count() == 0


def ticks(panel: BreakpointsPanel) -> dict[str, bool]:
    items = [panel.list.item(place) for place in range(panel.list.count())]
    return {item.text(): item.checkState() == Qt.CheckState.Checked for item in items}


def test_what_is_of_a_removed_place_goes_and_comes_back_on_undo(
    panel: BreakpointsPanel, xor: Session
) -> None:
    choose(panel, "large", 100.0)
    xor.select(["h1"])
    choose(panel, "silent", 5.0)
    xor.stepper.break_at("h1", on=True)
    xor.stepper.break_at("x1-h1", on=True)
    xor.stepper.break_at("o", on=True)
    panel.list.item(3).setCheckState(Qt.CheckState.Unchecked)
    before = ticks(panel)
    assert len(before) == 5
    xor.push(adding.remove(xor.document, ["h1"]), "Remove h1")
    assert panel.list.count() == 2
    assert xor.stepper.breaks == {"o"}
    assert len(xor.run.breakpoints) == 1
    xor.undo()
    assert ticks(panel) == before
    assert xor.stepper.breaks == {"h1", "o"}
    assert len(xor.run.breakpoints) == 2
    xor.redo()
    assert panel.list.count() == 2


def test_they_are_remembered_for_the_file_and_leave_the_document_clean(
    xor_window: Window, tmp_path: Path
) -> None:
    session, panel = xor_window.session, xor_window.breakpoints
    path, other = tmp_path / "net.gradwire", tmp_path / "other.gradwire"
    session.save(path)
    choose(panel, "large", 12.5)
    session.stepper.break_at("h1", on=True)
    session.stepper.break_at("h2", on=True)
    panel.list.item(2).setCheckState(Qt.CheckState.Unchecked)
    before = ticks(panel)
    assert session.undo_stack.isClean()
    session.save(other)
    session.stepper.break_at("o", on=True)
    session.new()
    assert panel.list.count() == 0
    session.open(path)
    assert ticks(panel) == before
    assert session.stepper.breaks == {"h1"}
    assert len(session.run.breakpoints) == 1
    session.open(other)
    assert len(ticks(panel)) == len(before) + 1


def dots(canvas: GraphCanvas, at: QPointF) -> tuple[int, int]:
    """Return how many pixels near a point are red, and how many of the point's colour."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    red = QColor(theme.of(canvas.palette()).bad).rgb()
    x, y = round(at.x()), round(at.y())
    near = [image.pixel(x + i, y + k) for i in range(-9, 10) for k in range(-9, 10)]
    return near.count(red), int(image.pixel(x, y) == red)


def test_breakpoints_are_marked_on_the_canvas_hollow_when_they_are_off(
    panel: BreakpointsPanel, xor: Session, qtbot: QtBot
) -> None:
    canvas = GraphCanvas(xor)
    qtbot.addWidget(canvas)
    canvas.resize(900, 600)
    canvas.show()
    canvas.fit()
    arrays = canvas.arrays
    x, y = arrays.position[arrays.node_row["h1"]].tolist()
    corner = QPointF(*canvas.camera.to_widget(x - WIDTH / 2 + 2, y - HEIGHT / 2 + 2))
    middle = QPointF(canvas.point_of(Hit(HitKind.EDGE, "x1-h1")))
    assert dots(canvas, corner)[0] == dots(canvas, middle)[0] == 0
    xor.stepper.break_at("h1", on=True)
    xor.select((), ["x1-h1"])
    choose(panel, "large", 2.0)
    xor.select()
    assert dots(canvas, corner)[1] == 1
    assert dots(canvas, middle)[1] == 1
    assert "the cursor comes to h1" in tooltips.describe(xor, canvas.scene, Hit(HitKind.NODE, "h1"))
    assert "|gradient| &gt; 2" in tooltips.describe(xor, canvas.scene, Hit(HitKind.EDGE, "x1-h1"))
    for number in range(panel.list.count()):
        panel.list.item(number).setCheckState(Qt.CheckState.Unchecked)
    for at in (corner, middle):
        around, inside = dots(canvas, at)
        assert around > 10
        assert not inside
    assert "breakpoint, off" in tooltips.describe(xor, canvas.scene, Hit(HitKind.NODE, "h1"))
    for _ in range(panel.list.count()):
        panel.list.setCurrentRow(0)
        panel.remove.click()
    assert dots(canvas, corner)[0] == dots(canvas, middle)[0] == 0

"""Collapsed groups: one box that is moved, selected, opened; the document's nodes stay as they are.

The network is x → h → y, y and t → loss, and a free node f; h and y are in the group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graph.changes import adding
from graph.model.edits import Group, SetGroups
from gui.canvas import tooltips
from gui.canvas.export_picture import picture, prepared, write
from gui.canvas.geometry.camera import Camera
from gui.canvas.geometry.shapes import WIDTH
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.model.hit_test import Hit, HitKind
from gui.look import theme
from gui.session.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.gui.canvas.conftest import Hand

MIDDLE = (375.0, 0.0)  # between h and y


@pytest.fixture
def closed(small: Session, canvas: GraphCanvas) -> Session:
    small.push(SetGroups((Group("g", "hidden layer", ("h", "y"), None, collapsed=True),)), "Group")
    small.undo_stack.clear()
    return small


def double_click(canvas: GraphCanvas, hand: Hand, place: tuple[float, float]) -> None:
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0), hand.at(*place))


def test_a_box_stands_for_its_nodes(closed: Session, canvas: GraphCanvas, hand: Hand) -> None:
    arrays = canvas.scene.arrays
    assert canvas.hit(hand.at(*MIDDLE)) == Hit(HitKind.GROUP, "g")
    assert canvas.hit(hand.at(*hand.node("h"))).part is not HitKind.NODE
    assert arrays.shown.tolist() == [node not in ("h", "y") for node in arrays.nodes]
    into, out, inside = (arrays.edge_row[edge] for edge in ("x-h", "y-loss", "h-y"))
    assert arrays.control[into, 3].tolist() == [MIDDLE[0] - WIDTH / 2, 0.0]
    assert arrays.control[out, 0].tolist() == [MIDDLE[0] + WIDTH / 2, 0.0]
    assert (arrays.low[inside] > arrays.high[inside]).all()
    assert "2" in tooltips.describe(closed, canvas.scene, Hit(HitKind.GROUP, "g"))


def test_a_press_selects_all_its_nodes_and_a_drag_moves_them(
    closed: Session, canvas: GraphCanvas, hand: Hand
) -> None:
    before = {node: hand.node(node) for node in ("h", "y", "x")}
    hand.drag(MIDDLE, (MIDDLE[0] + 50, MIDDLE[1] + 30))
    assert closed.selection.nodes == {"h", "y"}
    for node in ("h", "y"):
        assert hand.node(node) == (before[node][0] + 50, before[node][1] + 30)
    assert hand.node("x") == before["x"]
    assert closed.undo_stack.count() == 1
    assert canvas.hit(hand.at(MIDDLE[0] + 50, MIDDLE[1] + 30)) == Hit(HitKind.GROUP, "g")


def test_a_band_over_the_box_selects_its_nodes(
    closed: Session, canvas: GraphCanvas, hand: Hand
) -> None:
    hand.drag((280, -80), (440, 70))
    assert closed.selection.nodes == {"h", "y"}
    assert closed.selection.edges == set()


def test_a_double_click_opens_it_and_one_on_the_title_closes_it(
    closed: Session, canvas: GraphCanvas, hand: Hand
) -> None:
    double_click(canvas, hand, MIDDLE)
    assert not closed.document.groups[0].collapsed
    assert closed.undo_stack.count() == 1
    arrays = canvas.scene.arrays
    assert arrays.shown.all()
    assert arrays.position[arrays.node_row["h"]].tolist() == list(hand.node("h"))
    frame = arrays.frame(("h", "y"))
    assert frame is not None
    title = (frame[0] + 30, frame[1] + 8)
    double_click(canvas, hand, title)
    assert closed.document.groups[0].collapsed
    closed.undo_stack.undo()
    assert not closed.document.groups[0].collapsed


def test_wires_are_not_connected_to_a_closed_group(
    closed: Session, canvas: GraphCanvas, hand: Hand, qtbot: QtBot
) -> None:
    edges = set(closed.document.edges)
    with qtbot.waitSignal(closed.notice) as said:
        hand.drag(hand.output("f"), (MIDDLE[0] + 10, MIDDLE[1] + 20))
    assert "hidden layer" in said.args[0]
    assert set(closed.document.edges) == edges


def test_wires_at_the_box_can_be_selected_and_those_inside_cannot(
    closed: Session, canvas: GraphCanvas, hand: Hand
) -> None:
    hand.click((187.0, 0.0))
    assert closed.selection.edges == {"x-h"}
    canvas.session.select(edges=["h-y"])  # from the outline: nothing is drawn, nothing fails
    canvas.grab()


@pytest.mark.parametrize("scale", [0.1, 0.3, 0.5, 1.0])
def test_boxes_are_drawn_at_every_zoom(
    closed: Session, canvas: GraphCanvas, scale: float, tmp_path: Path
) -> None:
    canvas.set_camera(Camera(scale, 150, 250))
    x, y = (round(v) for v in canvas.camera.to_widget(MIDDLE[0] - WIDTH * 0.3, MIDDLE[1] + 8))
    assert canvas.grab().toImage().pixelColor(x, y).name() != theme.LIGHT.background
    assert isinstance(canvas.view, Viewport)


def test_pictures_show_boxes(closed: Session, canvas: GraphCanvas, tmp_path: Path) -> None:
    write(closed.document, tmp_path / "a.svg", "svg")
    drawing = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "hidden layer" in drawing
    assert "2 nodes" in drawing
    assert ">h<" not in drawing
    assert not picture(prepared(closed.document), canvas.size()).isNull()


def test_a_group_inside_a_closed_one_is_neither_drawn_nor_hit(
    closed: Session, canvas: GraphCanvas, hand: Hand
) -> None:
    outer = Group("o", "outer", ("x",), None, collapsed=True)
    inner = Group("i", "inner", ("h", "y"), "o")
    closed.push(SetGroups((outer, inner)), "Nest")
    arrays = canvas.scene.arrays
    assert [box.id for box in arrays.boxes] == ["o"]
    assert len(np.unique(arrays.position[~arrays.shown], axis=0)) == 1
    center = tuple(arrays.position[arrays.node_row["h"]].tolist())
    assert canvas.hit(hand.at(*center)) == Hit(HitKind.GROUP, "o")


def test_bundled_wires_carry_no_numbers(closed: Session, canvas: GraphCanvas) -> None:
    arrays = canvas.scene.arrays
    rows = np.arange(len(arrays.edges))
    assert not arrays.bundled(rows)[arrays.edge_row["x-h"]]
    closed.push(SetGroups((Group("g", "all", ("h", "x"), None, collapsed=True),)), "Group")
    closed.push(adding.connect(closed.document, "x", "y", "inputs")[0], "Connect")
    arrays = canvas.scene.arrays
    bundled = arrays.bundled(np.arange(len(arrays.edges)))
    assert {arrays.edges[row] for row in np.flatnonzero(bundled)} >= {"h-y", "x-y"}
    assert "y-loss" not in {arrays.edges[row] for row in np.flatnonzero(bundled)}

"""Matrices on wires and inputs that are pictures: what is drawn, and the entry under the mouse."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.canvas import export_picture, tooltips
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.layers.node_sprites import DISC
from gui.canvas.model.hit_test import Hit, HitKind
from gui.look import theme
from gui.session.session import Session

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def digits(session: Session, qtbot: QtBot) -> GraphCanvas:
    """Return a canvas over the digits, at the fourth of them."""
    canvas = GraphCanvas(session)
    qtbot.addWidget(canvas)
    canvas.resize(1100, 600)
    canvas.show()
    session.open(EXAMPLES / "digits.gradwire")
    qtbot.waitUntil(lambda: session.readings is not None)
    session.set_row(3)
    qtbot.waitUntil(lambda: session.readings is not None and session.readings.row == 3)
    canvas.fit()
    return canvas


def number(line: str, html: str) -> float:
    """Return the number of a line of a tool tip."""
    found = re.search(rf"<td>{re.escape(line)}&nbsp;&nbsp;</td><td>([^<]*)</td>", html)
    assert found, html
    return float(found[1].replace("−", "-"))


@pytest.mark.parametrize(("key", "name"), [("weight", "W"), ("gradient", "∂E/∂W")])
def test_the_matrix_of_a_wire_is_beside_its_number(
    digits: GraphCanvas, key: str, name: str
) -> None:
    session = digits.session
    assert key in ("weight", "gradient")
    session.show_on_edges(key)  # type: ignore[arg-type]  # narrowed above
    image = digits.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert session.plan is not None
    assert session.readings is not None
    colors = theme.of(digits.palette())
    scale = colors.values if key == "weight" else colors.gradients
    shades = {color.rgb() for color in theme.colors(scale)}
    assert len(digits.scene.wire_pictures) == 2
    for picture in digits.scene.wire_pictures:
        edge = digits.arrays.edges[picture.row]
        place = session.plan.parameters.find(f"{edge}.weight")
        assert place is not None
        vector = session.readings.theta if key == "weight" else session.readings.theta_gradient
        matrix = vector[place.offset : place.offset + place.size].reshape(place.shape)
        row, column = 1, place.shape[1] - 2
        box = picture.box
        x = box.left() + (column + 0.5) / place.shape[1] * box.width()
        y = box.top() + (row + 0.5) / place.shape[0] * box.height()
        assert digits.hit(QPointF(x, y)) == Hit(HitKind.EDGE, edge)
        tip = tooltips.describe(session, digits.scene, Hit(HitKind.EDGE, edge), over=QPointF(x, y))
        entry = float(matrix[row, column])
        assert number(f"{name}[1,{column}]", tip) == pytest.approx(entry, rel=1e-8)
        assert f"full colour of {name}" in tip
        inside = box.toRect().adjusted(1, 1, -1, -1)
        drawn = [
            image.pixel(x, y)
            for x in range(inside.left(), inside.right())
            for y in range(inside.top(), inside.bottom())
        ]
        strange = sum(color not in shades for color in drawn)
        assert strange < 0.05 * len(drawn)
        assert len(set(drawn)) > 5


def test_no_matrix_is_on_a_wire_that_shows_values_or_messages(digits: GraphCanvas) -> None:
    for shown in ("value", "message"):
        digits.session.show_on_edges(shown)
        digits.grab()
        assert digits.scene.wire_pictures == []


def test_an_input_that_is_a_picture_is_drawn_as_one(digits: GraphCanvas) -> None:
    session, (x, y) = digits.session, digits.session.document.positions["x"]
    pixels = next(
        columns[0].reshape(8, 8)
        for columns in session.calculation.probing.columns.values()
        if columns.shape == (1, 64)
    )
    image = digits.grab().toImage()
    shades = {color.rgb() for color in theme.colors(theme.of(digits.palette()).values)}
    for row, column in ((0, 2), (3, 5), (7, 7)):
        left = DISC.x() - 20 + (column + 0.5) * 5
        top = DISC.y() - 20 + (row + 0.5) * 5
        at = QPointF(*digits.camera.to_widget(x + left, y + top)).toPoint()
        assert image.pixel(at) in shades
        QApplication.sendEvent(
            digits, QHelpEvent(QHelpEvent.Type.ToolTip, at, digits.mapToGlobal(at))
        )
        name = f"z[{8 * row + column}], pixel [{row},{column}]"
        assert number(name, QToolTip.text()) == pytest.approx(float(pixels[row, column]), rel=1e-8)
    QToolTip.hideText()


def test_a_click_on_a_matrix_selects_its_wire(digits: GraphCanvas) -> None:
    digits.grab()
    picture = digits.scene.wire_pictures[0]
    at: QPoint = picture.box.center().toPoint()
    QTest.mouseClick(digits, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert digits.session.selection.edges == {digits.arrays.edges[picture.row]}


def test_an_exported_drawing_has_the_pictures(digits: GraphCanvas, tmp_path: Path) -> None:
    session = digits.session
    export_picture.write(session.document, tmp_path / "with.svg", "svg", session.readings)
    drawn = ET.parse(tmp_path / "with.svg").getroot()
    images = [element for element in drawn.iter() if element.tag.endswith("image")]
    strips, wires, inputs = 8, 2, 1  # z and ∂E/∂z of x, h, scores and digit
    assert len(images) == strips + wires + inputs


def test_what_rounding_leaves_of_a_mean_that_is_zero_is_zero(digits: GraphCanvas) -> None:
    """∂E/∂scores of softmax and cross-entropy sums to 0: the wire once said mean −1.4e−18."""
    session, scene = digits.session, digits.scene
    session.show_on_edges("message")
    readings = session.readings
    assert readings is not None
    (edge,) = [one.id for one in session.document.edges.values() if one.source == "o"]
    raw = readings.message[readings.edges.index(edge)]
    assert 0 < abs(raw) < 1e-16
    assert scene.shading.wire[scene.arrays.edge_row[edge]] == 0
    others = [e.id for e in session.document.edges.values() if e.source in ("x", "h")]
    for other in others:
        shown = scene.shading.wire[scene.arrays.edge_row[other]]
        assert shown == readings.message[readings.edges.index(other)] != 0

"""The sum that grows over the node where the cursor of an update stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from engine.analysis.score import Phase
from graph.model.edits import AddNode, Batch, Connect, Edge, Edit, Node, SetParam
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.layers.digit_glyphs import text
from gui.canvas.layers.node_plates import NodePlate
from gui.look import theme
from gui.session.session import Session

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def two_outputs(session: Session, qtbot: QtBot) -> GraphCanvas:
    """Return a canvas over a unit that passes its value on to two others, at its third row."""
    canvas = GraphCanvas(session)
    qtbot.addWidget(canvas)
    canvas.resize(1000, 600)
    canvas.show()
    session.open(EXAMPLES / "dolhansky_3_outputs.gradwire")
    qtbot.waitUntil(lambda: session.readings is not None)
    session.set_row(2)
    canvas.fit()
    return canvas


def accent_pixels(canvas: GraphCanvas) -> int:
    """Return how many pixels over the node i has the colour of the cursor."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    x, y = canvas.camera.to_widget(*canvas.session.document.positions["i"])
    above = int(y - 39 * canvas.camera.scale)
    accent = QColor(theme.of(canvas.palette()).accent).rgb()
    return sum(
        image.pixel(int(x) + across, down) == accent
        for across in range(-50, 50)
        for down in range(above - 24, above - 6)
    )


def test_a_sum_of_messages_grows_on_the_node_where_they_arrive(two_outputs: GraphCanvas) -> None:
    session, scene = two_outputs.session, two_outputs.scene
    whole = session.readings
    assert whole is not None
    row = scene.arrays.node_row["i"]
    before = accent_pixels(two_outputs)
    shares = []
    for edge in ("i-k", "i-j"):  # the last reader first
        session.stepper.run_to(edge)
        at, target = session.stepper.at, session.document.edges[edge].target
        assert at is not None
        assert at.phase is Phase.BACKWARD
        weight = whole.weight[whole.edges.index(edge)]
        shares.append(weight * whole.delta[whole.nodes.index(target)])
        assert scene.growing == NodePlate(row, f"Σ {text(sum(shares))} ({len(shares)} of 2)")
    assert accent_pixels(two_outputs) > before + 100
    session.stepper.forward()
    z, delta = (a[whole.nodes.index("i")] for a in (whole.value, whole.delta))
    assert scene.growing == NodePlate(row, f"∂E/∂z {text(delta / (z * (1 - z)))}")
    session.stepper.forward()
    assert session.stepper.at is not None
    assert session.stepper.at.quantity == "delta:i"
    assert scene.growing is None
    session.stepper.rest()
    assert scene.growing is None


def test_the_losses_add_up_to_the_error_one_by_one(two_outputs: GraphCanvas) -> None:
    session, scene = two_outputs.session, two_outputs.scene
    loss = next(node.id for node in session.document.nodes.values() if "error" in node.kind)
    first, second = (e for e in session.document.in_edges(loss))
    more: list[Edit] = [
        AddNode(Node("second", session.document.nodes[loss].kind)),
        Connect(Edge("a", first.source, "second", first.port)),
        Connect(Edge("b", second.source, "second", second.port)),
        SetParam("second", "importance", 3.0),
    ]
    session.push(Batch(tuple(more)), "Add a loss")
    whole = session.readings
    assert whole is not None
    value = whole.value[whole.nodes.index(loss)]
    session.stepper.run_to(loss)
    while session.stepper.phase is not Phase.LOSS:
        session.stepper.forward()
    texts = []
    while session.stepper.phase is Phase.LOSS:
        assert scene.growing is not None
        texts.append(scene.growing.text)
        session.stepper.forward()
    assert texts[1] == f"Σ importance · z {text(4 * value)} (2 of 2)"
    assert texts[2] == f"E {text(whole.error)}" == f"E {text(4 * value)}"

"""A canvas over a small network at known places, and a hand for the mouse.

The network is x → h → y, y and t → loss, and a free node f.
"""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from graph.changes import adding
from graph.model.dataset import Inline
from graph.model.edits import AddNode, Batch, Connect, Edge, Edit, Move, Node, SetDataset
from gui.canvas.geometry.camera import Camera
from gui.canvas.geometry.shapes import WIDTH
from gui.canvas.graph_canvas import GraphCanvas
from gui.session.session import Session

_DATA = Inline(columns={"a": [0.0, 1.0], "b": [1.0, 0.0]}, features=("a",), targets=("b",))
_NODES = {
    "x": ("input", {"columns": ("a",)}, (0.0, 0.0)),
    "h": ("neuron", {}, (250.0, 0.0)),
    "y": ("neuron", {}, (500.0, 0.0)),
    "t": ("target", {"columns": ("b",)}, (500.0, 150.0)),
    "loss": ("half_squared_error", {}, (750.0, 0.0)),
    "f": ("sigmoid", {}, (250.0, 200.0)),
}
_EDGES = (
    Edge("x-h", "x", "h"),
    Edge("h-y", "h", "y"),
    Edge("y-loss", "y", "loss", "prediction"),
    Edge("t-loss", "t", "loss", "target"),
)
_NO_KEYS = Qt.KeyboardModifier.NoModifier


class Hand:
    """Points at places of the scene and presses buttons there."""

    def __init__(self, canvas: GraphCanvas) -> None:
        self._canvas = canvas

    def at(self, x: float, y: float) -> QPoint:
        return QPointF(*self._canvas.camera.to_widget(x, y)).toPoint()

    def node(self, name: str) -> tuple[float, float]:
        x, y = self._canvas.session.document.positions[name]
        return x, y

    def output(self, name: str) -> tuple[float, float]:
        x, y = self.node(name)
        return x + WIDTH / 2, y

    def port(self, name: str, port: str = "inputs") -> tuple[float, float]:
        arrays = self._canvas.scene.arrays
        return arrays.input_port(arrays.node_row[name], port)

    def press(
        self,
        place: tuple[float, float],
        keys: Qt.KeyboardModifier = _NO_KEYS,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        QTest.mousePress(self._canvas, button, keys, self.at(*place))

    def move(self, place: tuple[float, float]) -> None:
        QTest.mouseMove(self._canvas, self.at(*place))

    def release(
        self,
        place: tuple[float, float],
        keys: Qt.KeyboardModifier = _NO_KEYS,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        QTest.mouseRelease(self._canvas, button, keys, self.at(*place))

    def click(self, place: tuple[float, float], keys: Qt.KeyboardModifier = _NO_KEYS) -> None:
        self.press(place, keys)
        self.release(place, keys)

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        keys: Qt.KeyboardModifier = _NO_KEYS,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        self.press(start, keys, button)
        for step in (0.3, 0.7, 1.0):
            x = start[0] + (end[0] - start[0]) * step
            y = start[1] + (end[1] - start[1]) * step
            self.move((x, y))
        self.release(end, keys, button)


@pytest.fixture
def small(session: Session) -> Session:
    """Return a session with the network of this folder's tests."""
    nodes: list[Edit] = [AddNode(Node(n, kind, "", dict(p))) for n, (kind, p, _) in _NODES.items()]
    wires = [Connect(edge) for edge in _EDGES]
    places = Move({name: at for name, (_, _, at) in _NODES.items()})
    session.push(Batch((SetDataset(_DATA), *nodes, *wires, places)), "Build")
    session.undo_stack.clear()
    return session


@pytest.fixture
def canvas(small: Session, qtbot: QtBot) -> GraphCanvas:
    canvas = GraphCanvas(small)
    qtbot.addWidget(canvas)
    canvas.resize(1200, 700)
    canvas.show()
    canvas.set_camera(Camera(1.0, 150.0, 250.0))
    return canvas


@pytest.fixture
def hand(canvas: GraphCanvas) -> Hand:
    return Hand(canvas)


def run_once(canvas: GraphCanvas, qtbot: QtBot) -> Session:
    """Take the free node away, so that nothing is missing, and wait for the numbers."""
    session = canvas.session
    session.push(adding.remove(session.document, ["f"]), "Delete")
    session.undo_stack.clear()
    qtbot.waitUntil(lambda: session.readings is not None)
    return session

"""Tool tips say what the backward pass keeps at a node and multiplies at a wire."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.model.hit_test import Hit, HitKind
from gui.session.session import Session

EXAMPLES = Path(__file__).parents[3] / "examples"
Tip = Callable[[Hit], str]


@pytest.fixture
def tip(session: Session, qtbot: QtBot) -> Tip:
    """Return what rests the mouse on a node or wire of the digits and reads the tool tip."""
    canvas = GraphCanvas(session)
    qtbot.addWidget(canvas)
    canvas.resize(1100, 600)
    canvas.show()
    session.open(EXAMPLES / "digits.gradwire")
    qtbot.waitUntil(lambda: session.plan is not None and session.readings is not None)
    canvas.fit()

    def rest(hit: Hit) -> str:
        at: QPoint = canvas.point_of(hit)
        QTest.mouseMove(canvas, at)
        qtbot.waitUntil(lambda: canvas.mirror.costs.of(session.plan) is not None)
        event = QHelpEvent(QHelpEvent.Type.ToolTip, at, canvas.mapToGlobal(at))
        QApplication.sendEvent(canvas, event)
        text = QToolTip.text().replace("&nbsp;", " ")
        QToolTip.hideText()
        return text

    return rest


def test_a_wire_says_what_is_multiplied_from_either_side(tip: Tip) -> None:
    """64 → 64 (ReLU) → 10: θ before the second matrix has 64·64 + 64 entries."""
    text = tip(Hit(HitKind.EDGE, "h-o"))
    assert "(1 × 10)·(10 × 64): 640, and ∂E/∂W 640" in text
    assert f"(10 × 64)·(64 × 4,160): {10 * 64 * 4160:,}" in text
    first = tip(Hit(HitKind.EDGE, "x-h"))
    assert "no message is needed: 0, and ∂E/∂W 4,096" in first
    assert "no parameter lies before: 0" in first


def test_a_node_says_what_is_kept_and_for_whom(tip: Tip) -> None:
    """ReLU′ asks for the sign of s; ∂E/∂W of the next layer for z."""
    text = tip(Hit(HitKind.NODE, "h"))
    assert "s is kept, used by  </td><td>its own derivative<" in text
    assert "z is kept, used by  </td><td>scores<" in text
    assert "kept for the backward pass  </td><td>nothing<" in tip(Hit(HitKind.NODE, "E"))

"""Displays that were false once, with the steps that showed it, in the whole window.

Rows are those of the list of bugs; those that have a test elsewhere:

4, 20: ``tests/engine/analysis/test_depth.py`` (means over rows, branches); 5: the same (silent);
9: ``session/test_training_run.py`` (going on from a frame); 10: ``views/test_views.py`` (a split
without rows); 13: ``training/test_run_bar.py`` (the keys go back to the canvas);
17: ``inspector/test_inspector.py`` (components); 18, 23: ``views/test_film_cursor.py``;
22: ``views/test_paths.py``; all numbers at once: ``test_one_cursor.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from graph.model.edits import SetTraining
from gui.canvas.layers.wire_labels import wire_text
from gui.shell.window import Window
from gui.views.predictions import PredictionsView
from gui.widgets.number_text import number_text

EXAMPLES = Path(__file__).parents[3] / "examples"


def opened(window: Window, name: str, row: int | None = None) -> Window:
    assert window.session.open(EXAMPLES / f"{name}.gradwire")
    if row is not None:
        window.run_bar.row.setValue(row)
    return window


def explained(window: Window, qtbot: QtBot, quantity: str) -> tuple[float, str]:
    """Return the number and the text of an explanation."""
    panel = window.explanation
    window.raise_dock("explanation")
    panel.ask(quantity)

    def is_there() -> bool:
        answer = panel.page.answer
        return answer is not None and answer.quantity == quantity

    qtbot.waitUntil(is_there)
    assert panel.page.answer is not None
    return panel.page.answer.value, panel.text()


@pytest.mark.heavy("a whole window")
def test_the_penalty_is_a_term_of_its_own(window: Window, qtbot: QtBot) -> None:
    """Row 1: row 1 of Ng's test network once said z·δ = 0.5403 · 0.7939 = 0.829."""
    opened(window, "ng_test_network_regularised", 1)
    session = window.session
    readings = session.readings
    assert readings is not None
    found = [
        edge for place, edge in enumerate(readings.edges)
        if readings.gradient[place] == pytest.approx(0.829, abs=5e-4)
    ]  # fmt: skip
    (edge,) = found
    wire = session.document.edges[edge]
    z = readings.value[readings.nodes.index(wire.source)]
    delta = readings.delta[readings.nodes.index(wire.target)]
    value, text = explained(window, qtbot, f"gradient:{edge}.weight")
    assert value == pytest.approx(z * delta + 0.4, abs=1e-9)
    assert "1.33333 · 0.3" in text  # λ/m · Θ


@pytest.mark.heavy("a whole window")
def test_a_shared_weight_has_a_share_for_each_wire(window: Window, qtbot: QtBot) -> None:
    """Row 2: rnn_unrolled, row 3: both wires once showed the whole −0.05372 as their product."""
    opened(window, "rnn_unrolled", 3)
    document = window.session.document
    edges = [
        edge.id for edge in document.edges.values()
        if edge.source.startswith("h") and edge.target.startswith("h")
    ]  # fmt: skip
    names = {document.parameter_name(f"{edge}.weight") for edge in edges}
    assert len(edges) > 1
    assert len(names) == 1
    value, text = explained(window, qtbot, f"gradient:{names.pop()}")
    readings = window.session.readings
    assert readings is not None
    node = {name: place for place, name in enumerate(readings.nodes)}
    shares = [
        readings.value[node[document.edges[edge].source]]
        * readings.delta[node[document.edges[edge].target]]
        for edge in edges
    ]
    assert value == pytest.approx(sum(shares), rel=1e-9)
    assert "+" in text


@pytest.mark.heavy("a whole window")
def test_e_in_the_run_bar_is_of_what_is_shown(window: Window) -> None:
    """Row 6: after a row was chosen, a frame was shown or a weight typed, E stayed as it was."""
    opened(window, "dolhansky_3_outputs")
    for _ in range(20):
        window.run_bar.step.click()
    session = window.session
    changes: tuple[Callable[[], object], ...] = (
        lambda: window.run_bar.row.setValue(3),
        lambda: session.run.show_frame(7),
        lambda: window.run_bar.row.setValue(0),
    )
    for change in changes:
        before = window.run_bar.error.text()
        change()
        assert session.error is not None
        assert window.run_bar.error.text() == number_text(session.error)
        assert window.run_bar.error.text() != before


@pytest.mark.heavy("a whole window")
def test_wires_show_what_was_chosen(window: Window) -> None:
    """Row 7: with key 2 the numbers on the wires stayed weights."""
    opened(window, "xor")
    scene = window.canvas.scene
    for shown in ("weight", "value", "message", "gradient"):
        window.session.show_on_edges(shown)
        readings = window.session.readings
        assert readings is not None
        for place, edge in enumerate(readings.edges):
            row = scene.arrays.edge_row[edge]
            source = window.session.document.edges[edge].source
            of = readings.value[readings.nodes.index(source)]
            number = of if shown == "value" else getattr(readings, shown)[place]
            assert scene.shading.wire[row] == pytest.approx(number, abs=1e-12, nan_ok=True)
            written = wire_text(scene.arrays, scene.shading, row, {})
            if abs(number) > 1e-3:
                assert float(written.replace("−", "-")) == pytest.approx(number, rel=0.05)


@pytest.mark.heavy("a whole window")
def test_one_row_is_no_mean(window: Window, qtbot: QtBot) -> None:
    """Row 16: mazur has one row, and was explained as the mean over 1 rows."""
    opened(window, "mazur")
    assert window.session.rows_text == "row 1 (train)"
    _, text = explained(window, qtbot, "gradient:h1-o1.weight")
    assert "ean over" not in text
    assert text.splitlines()[1].startswith("Row 1")


@pytest.mark.heavy("a whole window")
def test_a_weight_node_shows_its_weight_and_gradient(window: Window) -> None:
    """Row 8: W = 0.4 and ∂c/∂W = −4.2 of four_diagrams stood on no part of the screen."""
    opened(window, "four_diagrams")
    scene = window.canvas.scene
    of_weights = [
        dict(one.parts(number_text))
        for parameters in scene.parameters.values()
        for one in parameters
        if one.symbol == "W"
    ]
    assert {"W": "0.4", "∂E/∂W": "−4.2"} in of_weights


@pytest.mark.heavy("a whole window")
@pytest.mark.parametrize("split", ["train", "test"])
def test_a_row_of_the_predictions_is_the_row_that_is_shown(
    window: Window, qtbot: QtBot, split: str
) -> None:
    """Rows 11, 12: row 6 was "row 4" elsewhere, and a row of the test split was not shown."""
    opened(window, "digits")
    qtbot.waitUntil(lambda: window.session.prepared is not None)
    window.raise_dock("predictions")
    view = window.docks["predictions"].widget()
    assert isinstance(view, PredictionsView)
    qtbot.waitUntil(lambda: view.is_built)
    view.split.setCurrentText(split)
    view.split.activated.emit(view.split.currentIndex())
    qtbot.waitUntil(lambda: view.found is not None and view.model.rowCount() > 5)
    place = view.table.model().index(5, 0)
    where = view.table.visualRect(place).center()
    QTest.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    shown = view.table.model().data(place)
    assert window.session.rows_text == f"row {shown} ({split})"
    assert window.run_bar.row.value() == int(shown)


@pytest.mark.heavy("a whole window")
def test_the_scale_of_gradients_is_that_of_wires_with_weights(window: Window) -> None:
    """Row 15: the legend of Ng's test network ended at ±20, from wires that have no weight."""
    opened(window, "ng_test_network")
    window.session.show_on_edges("gradient")
    readings = window.session.readings
    assert readings is not None
    largest = np.nanmax(np.abs(readings.gradient))
    assert largest <= window.canvas.scene.shading.edge_scale < 2.6 * largest  # 1, 2, 5, 10 …


@pytest.mark.heavy("a whole window")
def test_the_end_of_a_training_covers_no_node(window: Window, qtbot: QtBot) -> None:
    """Row 19: a banner "Training finished" covered the top node of the spiral for seconds."""
    opened(window, "xor")
    settings = replace(window.session.document.training, epochs=3)
    window.session.push(SetTraining(settings), "Epochs")
    window.show_canvas()
    window.run_bar.play.click()
    qtbot.waitUntil(lambda: window.status.currentMessage().startswith("Training finished"))
    assert not window.notices.isVisible()

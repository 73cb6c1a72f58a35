"""Where a δ comes from: worked out beside the window, shown for what is selected now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.analysis import delta_terms
from engine.interpreter.interpreter import backward, forward
from graph.changes.removal import remove
from graph.model.edits import SetParam, SetParameterValues
from graph.model.tensor import Tensor
from gui.inspector.explanation_panel import Explanation
from gui.look import theme
from gui.session.session import Session
from gui.widgets.number_text import edge_numbers, node_numbers, number_text


@pytest.fixture
def panel(xor: Session, qtbot: QtBot) -> Explanation:
    panel = Explanation(xor)
    qtbot.addWidget(panel)
    panel.show()
    xor.set_row(1)
    qtbot.waitUntil(lambda: xor.readings is not None and xor.readings.row == 1)
    return panel


class Gate:
    """Holds the analysis up until it is opened, and remembers which threads did it."""

    def __init__(self, analysis: Callable[..., Any]) -> None:
        self._analysis = analysis
        self.threads: list[threading.Thread] = []
        self.begun, self.opened = threading.Event(), threading.Event()

    def __call__(self, *args: Any) -> Any:
        self.threads.append(threading.current_thread())
        self.begun.set()
        self.opened.wait()
        return self._analysis(*args)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(delta_terms.delta_terms)
    monkeypatch.setattr(delta_terms, "delta_terms", gate)
    yield gate
    gate.opened.set()


def text(panel: Explanation) -> str:
    return panel.browser.toPlainText()


def shown(panel: Explanation, qtbot: QtBot, words: str) -> str:
    qtbot.waitUntil(lambda: words in text(panel))
    return text(panel)


def delta(session: Session, node: str) -> str:
    numbers = node_numbers(session.readings, node)
    assert numbers is not None
    return number_text(numbers.delta)


def test_without_a_selection_it_says_what_to_select(panel: Explanation) -> None:
    panel.update_now()
    assert text(panel) == "Select a node or an edge to see where its δ comes from."


def test_a_delta_is_taken_apart(panel: Explanation, xor: Session, qtbot: QtBot) -> None:
    xor.select(["h1"])
    told = shown(panel, qtbot, "Σ = ∂E/∂z")
    plan, theta = xor.plan, xor.theta
    assert plan is not None
    assert theta is not None
    columns = xor.calculation.probing.columns
    back = backward(plan, theta, forward(plan, theta, columns))
    assert "Row 2 (train)." in told
    assert number_text(back.deltas[plan.nets["h1"]].item()) in told
    assert number_text(back.deltas[plan.outputs["h1"]].item()) in told
    message = edge_numbers(xor.readings, "h1-o")
    assert message is not None
    assert f"w·δ = {number_text(message.weight)}" in told
    z = forward(plan, theta, columns).values[plan.outputs["h1"]].item()
    numbers = f"1 − {z:.4g}² = {1 - z * z:.4g}"
    assert f"f′(s) = 1 − tanh(s)² = {numbers}" in told


def test_an_edge_without_weight_shows_the_local_derivative(
    panel: Explanation, xor: Session, qtbot: QtBot
) -> None:
    loss = next(n.id for n in xor.document.nodes.values() if n.kind.endswith("error"))
    prediction, target = xor.document.in_edges(loss)
    xor.select(edges=[prediction.id])
    readings = xor.readings
    y, t = (node_numbers(readings, edge.source) for edge in (prediction, target))
    assert y is not None
    assert t is not None
    difference = f"{y.value - t.value:.4g}".replace("-", "−")
    assert f"∂E/∂ŷⱼ = ŷⱼ − tⱼ = {y.value:.4g} − {t.value:.4g} = {difference}" in text(panel)
    xor.set_row(None)
    assert shown(panel, qtbot, "Mean over 4 training rows.").endswith("∂E/∂ŷⱼ = ŷⱼ − tⱼ")


def test_the_mean_is_not_taken_apart(panel: Explanation, xor: Session, qtbot: QtBot) -> None:
    xor.set_row(None)
    xor.select(["h1"])
    assert delta(xor, "h1") in shown(panel, qtbot, "Mean over 4 training rows.")


def test_links_lead_on(panel: Explanation, xor: Session, qtbot: QtBot) -> None:
    xor.select(["h1"])
    shown(panel, qtbot, "Σ = ∂E/∂z")
    panel.browser.anchorClicked.emit(QUrl("edge:h1-o"))
    assert xor.selection.edges == {"h1-o"}
    assert "∂E/∂w" in text(panel)


def test_links_follow_the_theme(
    panel: Explanation, xor: Session, qtbot: QtBot, qapp: QApplication
) -> None:
    xor.select(["h1"])
    shown(panel, qtbot, "→")
    cursor = panel.browser.document().find("→")
    light = cursor.charFormat().foreground().color()
    theme.apply(qapp, "dark")
    try:
        assert qapp.palette().link().color() != light
        cursor = panel.browser.document().find("→")
        qtbot.waitUntil(
            lambda: cursor.charFormat().foreground().color() == qapp.palette().link().color()
        )
    finally:
        theme.apply(qapp, "light")


def test_it_is_worked_out_in_the_background(
    panel: Explanation, xor: Session, qtbot: QtBot, gate: Gate
) -> None:
    gate.opened.set()
    xor.select(["h1"])
    shown(panel, qtbot, "Σ = ∂E/∂z")
    assert gate.threads
    assert threading.main_thread() not in gate.threads


def test_nothing_is_shown_of_another_selection(
    panel: Explanation, xor: Session, qtbot: QtBot, gate: Gate
) -> None:
    xor.select(["h1"])
    qtbot.waitUntil(gate.begun.is_set)
    xor.select(["h2"])
    assert text(panel) == ""
    gate.opened.set()
    assert "δ(h2)" in shown(panel, qtbot, "Σ = ∂E/∂z")
    assert "δ(h1)" not in text(panel)


def test_nothing_is_shown_of_an_older_document(
    panel: Explanation, xor: Session, qtbot: QtBot, gate: Gate
) -> None:
    seen: list[str] = []
    panel.browser.textChanged.connect(lambda: seen.append(text(panel)))
    xor.select(["h1"])
    qtbot.waitUntil(gate.begun.is_set)
    before = delta(xor, "h1")
    xor.push(SetParameterValues({"h1-o.weight": Tensor.of([[3.5]])}), "Set")
    qtbot.waitUntil(lambda: delta(xor, "h1") != before)
    gate.opened.set()
    shown(panel, qtbot, delta(xor, "h1"))
    assert not any(before in told for told in seen)


def test_what_is_shown_stays_until_there_is_something_newer(
    panel: Explanation, xor: Session, qtbot: QtBot, gate: Gate
) -> None:
    gate.opened.set()
    xor.select(["h1"])
    told = shown(panel, qtbot, "Σ = ∂E/∂z")
    gate.opened.clear()
    before = delta(xor, "h1")
    xor.push(SetParameterValues({"h1-o.weight": Tensor.of([[3.5]])}), "Set")
    panel.update_now()
    assert text(panel) == told
    gate.opened.set()
    qtbot.waitUntil(lambda: delta(xor, "h1") != before)
    shown(panel, qtbot, delta(xor, "h1"))


def test_a_network_that_cannot_run_any_more_has_no_numbers(
    panel: Explanation, xor: Session, qtbot: QtBot
) -> None:
    xor.select(["h1"])
    shown(panel, qtbot, "Σ = ∂E/∂z")
    xor.push(remove(xor.document, ["x1", "x2"]), "Remove")
    shown(panel, qtbot, "Its numbers appear once the network can run.")


def test_a_node_of_many_components(panel: Explanation, xor: Session, qtbot: QtBot) -> None:
    xor.push(SetParam("h1", "units", 3), "Units")
    xor.select(["h1"])
    told = shown(panel, qtbot, "Σ = ∂E/∂z")
    assert xor.readings is not None
    for component in xor.readings.delta_strips["h1"]:
        assert number_text(float(component), 3) in told

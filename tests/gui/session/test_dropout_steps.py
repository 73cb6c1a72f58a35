"""Stepping through an update with dropout, and with frozen parameters."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.arrays.aliases import Array
from engine.interpreter.interpreter import Interpreter
from graph.model.edits import (
    AddNode,
    Batch,
    Connect,
    Disconnect,
    Edge,
    Node,
    SetFrozen,
    SetParameterValues,
    SetTraining,
)
from graph.model.tensor import Tensor
from graph.model.training import Training
from gui.session.session import Session
from gui.shell.window import Window


def theta(session: Session) -> Array:
    assert session.theta is not None
    return session.theta.copy()


def drop_h1(session: Session) -> None:
    """Let h1 go through a dropout on its way to o; two rows an update."""
    document = session.document
    edge = document.edges["h1-o"]
    session.push(
        Batch(
            (
                Disconnect(edge.id),
                AddNode(Node("drop", "dropout", "", {"rate": 0.5})),
                Connect(Edge("h1-drop", "h1", "drop", "x")),
                Connect(Edge("drop-o", "drop", "o", edge.port, edge.order)),
                SetTraining(Training(learning_rate=0.5, epochs=1_000, batch_size=2, seed=3)),
            )
        ),
        "Dropout",
    )


def test_the_noise_is_that_of_the_update_the_run_makes(xor_window: Window, qtbot: QtBot) -> None:
    session = xor_window.session
    drop_h1(session)
    stepper, dropped = session.stepper, set()
    for _ in range(12):
        ahead = session.run.next_update()
        assert ahead is not None
        assert session.plan is not None
        assert session.prepared is not None
        columns = session.prepared.batch(session.plan.columns, ahead.next_rows)
        before = theta(session)
        interpreter = Interpreter(session.plan)
        run = interpreter.forward(before, columns, ahead.next_noise)
        gradient = interpreter.backward(before, run).gradient
        out = run.values[session.plan.outputs["drop"]][:, 0]
        dropped |= set((out == 0).tolist())
        while (
            stepper.stop is None or stepper.score is None or stepper.stop + 1 < len(stepper.score)
        ):
            stepper.forward()
        shown = session.readings
        assert shown is not None
        assert "with the dropout of this update" in session.rows_text
        assert xor_window.canvas.scene.unit == session.rows_text
        assert shown.value[shown.nodes.index("drop")] == pytest.approx(out.mean(), abs=1e-12)
        assert shown.theta_gradient == pytest.approx(gradient, rel=1e-9, abs=1e-12)
        for place, row in enumerate(ahead.next_rows.tolist()):  # a row has its share of the noise
            session.set_row(row)
            of_row = session.readings
            assert of_row is not None
            value = of_row.value[of_row.nodes.index("drop")]
            assert value == pytest.approx(out[place], abs=1e-12)
        session.set_row(None)
        stepper.forward()
        moved = theta(session) - before
        assert moved == pytest.approx(-0.5 * gradient, rel=1e-9, abs=1e-12)
        assert "dropout" not in session.rows_text
    assert dropped == {True, False}


def test_a_row_that_is_not_in_the_update_has_no_noise(xor_window: Window) -> None:
    session = xor_window.session
    drop_h1(session)
    session.stepper.finish_phase()
    ahead = session.run.next_update()
    assert ahead is not None
    other = next(row for row in range(4) if row not in ahead.next_rows)
    session.set_row(other)
    shown = session.readings
    assert shown is not None
    assert shown.value[shown.nodes.index("drop")] == shown.value[shown.nodes.index("h1")]
    assert session.rows_text.endswith("without dropout")


def test_the_explanation_has_the_noise_too(xor_window: Window, qtbot: QtBot) -> None:
    session, panel = xor_window.session, xor_window.explanation
    drop_h1(session)
    xor_window.raise_dock("explanation")
    for _ in range(6):
        session.stepper.run_to("drop")
        shown = session.readings
        assert shown is not None
        value = float(shown.value[shown.nodes.index("drop")])

        def explained(value: float = value) -> bool:
            answer = panel.page.answer
            return (
                answer is not None
                and answer.quantity == "value:drop"
                and (answer.value == pytest.approx(value, abs=1e-12))
            )

        panel.ask("value:drop")
        qtbot.waitUntil(explained)
        session.stepper.finish()


def test_a_frozen_value_set_by_hand_comes_back(xor: Session) -> None:
    """Going back over updates brings back what a frozen parameter was, and what it was set to."""
    settings = msgspec.structs.replace(xor.document.training, optimizer="momentum", batch_size=2)
    xor.push(Batch((SetFrozen({"h1.bias": True}), SetTraining(settings))), "Freeze")
    states = [theta(xor)]
    for number in range(1, 7):
        if number == 4:
            xor.push(SetParameterValues({"h1.bias": Tensor.of([2.5])}), "By hand")
            states[-1] = theta(xor)
        xor.stepper.finish()
        states.append(theta(xor))
    assert xor.value("h1.bias") == 2.5
    for number in (5, 4, 3, 2, 1, 0):
        xor.stepper.back()
        while xor.stepper.stop is not None:
            xor.stepper.back()
        expected = states[number].copy()
        if number == 3:  # where it was set by hand: before or after that, nothing in between
            bias = xor.calculation.parameter("h1.bias")
            assert bias is not None
            assert theta(xor)[bias.offset] in (2.5, states[2][bias.offset])
            expected[bias.offset] = theta(xor)[bias.offset]
        assert np.array_equal(theta(xor), expected), number

"""What untrained parameters were drawn as stays, until they are drawn anew on purpose."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from graph.changes import adding
from graph.files.storage import dumps
from graph.model.edits import Batch, SetParam, SetParameterValues
from graph.model.tensor import Tensor
from gui.canvas.graph_canvas import GraphCanvas
from gui.jobs.job_queue import Background
from gui.session import derived_state
from gui.session.session import Session


def shown(session: Session) -> dict[str, list[float]]:
    """Return the parameters' present values by name."""
    plan = session.calculation.shown
    assert plan is not None
    found = {parameter.name: session.value(parameter.name) for parameter in plan.parameters}
    return {name: value.ravel().tolist() for name, value in found.items() if value is not None}


def from_file(session: Session) -> dict[str, list[float]]:
    """Return the parameters that the command line would start with."""
    plan = compile_document(session.document, session.schema)
    theta = initial(plan, session.document, session.document.training.seed)
    return {p.name: theta[p.offset : p.offset + p.size].tolist() for p in plan.parameters}


def splice(session: Session) -> None:
    """Put a neuron into the wire from x1 to h1 and double another: other fans change by that."""
    document = session.document
    inserted, node = adding.insert_on_edge(document, "x1-h1", "neuron", (0.0, 0.0))
    wire, _ = adding.connect(document, "x1", "h2", "inputs")
    assert session.push(Batch((inserted, wire)), f"Insert {node}")


def test_an_edit_elsewhere_leaves_drawn_values_alone(xor: Session) -> None:
    before = shown(xor)
    splice(xor)
    after = shown(xor)
    kept = before.keys() & after.keys()
    assert kept < after.keys()
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    fresh = from_file(xor)
    assert any(fresh[name] != after[name] for name in kept)  # the fans did change
    new = after.keys() - kept
    assert {name: after[name] for name in new} == {name: fresh[name] for name in new}


def test_undo_and_redo_bring_back_what_was_shown(xor: Session) -> None:
    states = [shown(xor)]
    splice(xor)
    states.append(shown(xor))
    xor.push(adding.remove(xor.document, ["h2"]), "Delete")
    states.append(shown(xor))
    for state in states[1::-1]:
        xor.undo()
        assert shown(xor) == state
    for state in states[1:]:
        xor.redo()
        assert shown(xor) == state


def test_the_canvas_shows_the_kept_weights(xor: Session, qtbot: QtBot) -> None:
    canvas = GraphCanvas(xor)
    qtbot.addWidget(canvas)
    before = shown(xor)
    splice(xor)
    arrays, weight = canvas.scene.arrays, canvas.scene.shading.weight
    for edge in ("x2-h1", "x1-h2", "h1-o"):
        assert weight[arrays.edge_row[edge]] == before[f"{edge}.weight"][0]


def test_what_trains_is_what_was_shown(xor: Session) -> None:
    splice(xor)
    before, readings, training = shown(xor), xor.readings, xor.document.training
    assert readings is not None
    assert training.optimizer == "sgd"
    gradients = dict(zip(readings.edges, readings.gradient.tolist(), strict=True))
    xor.run.step()
    after = shown(xor)
    for edge in ("x1-h1", "x2-h1", "x1-h2", "h1-o"):
        name = f"{edge}.weight"
        stepped = before[name][0] - training.learning_rate * gradients[edge]
        assert after[name] == [pytest.approx(stepped, rel=1e-12)]
    xor.undo()
    assert shown(xor) == before


def test_reset_after_a_run_draws_anew_and_undo_takes_that_back(xor: Session) -> None:
    splice(xor)
    kept = shown(xor)
    xor.run.step()
    trained = shown(xor)
    xor.run.reset()
    assert shown(xor) == from_file(xor) != kept
    xor.undo()
    assert shown(xor) == trained
    xor.undo()
    assert shown(xor) == kept
    xor.redo()
    xor.redo()
    assert shown(xor) == from_file(xor)


def test_reset_without_a_run_draws_anew_if_older_values_are_shown(xor: Session) -> None:
    entries = xor.undo_stack.count()
    xor.run.reset()
    assert xor.undo_stack.count() == entries
    splice(xor)
    kept = shown(xor)
    xor.run.reset()
    assert shown(xor) == from_file(xor) != kept
    xor.undo()
    assert shown(xor) == kept


def test_randomise_draws_anew_each_time(xor: Session) -> None:
    before = shown(xor)
    xor.run.randomise()
    assert shown(xor) == from_file(xor) != before
    xor.undo()
    assert shown(xor) == before
    splice(xor)
    spliced = shown(xor)
    xor.run.randomise()
    assert shown(xor) == from_file(xor)
    xor.undo()
    assert shown(xor) == spliced


def test_another_initializer_draws_anew(xor: Session) -> None:
    before = shown(xor)
    xor.push(SetParam("h1", "initializer", "zeros"), "Set initializer")
    assert shown(xor)["x1-h1.weight"] == [0.0]
    xor.undo()
    assert shown(xor) == before


def test_a_value_that_is_forgotten_is_what_it_was_drawn_as(xor: Session) -> None:
    before = shown(xor)
    xor.push(SetParameterValues({"x1-h1.weight": Tensor.of([[3.0]])}), "Set")
    splice(xor)
    xor.push(SetParameterValues({"x2-h1.weight": None}), "Forget")
    assert shown(xor)["x2-h1.weight"] == before["x2-h1.weight"]


def test_what_is_only_drawn_is_not_saved(xor: Session) -> None:
    splice(xor)
    assert not xor.document.parameters
    assert '"values"' not in dumps(xor.document)


def test_another_document_draws_as_the_command_line_does(xor: Session) -> None:
    splice(xor)
    kept = shown(xor)
    xor.new(xor.document)
    assert shown(xor) == from_file(xor) != kept


def test_it_holds_for_graphs_that_are_compiled_in_the_background(
    xor: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = shown(xor)
    monkeypatch.setattr(derived_state, "_AT_ONCE", 0)
    background: Background = xor.background
    splice(xor)
    qtbot.waitUntil(lambda: xor.plan is not None and not background.busy)
    after = shown(xor)
    assert all(after[name] == before[name] for name in before.keys() & after.keys())
    xor.undo()
    qtbot.waitUntil(lambda: xor.plan is not None and not background.busy)
    assert shown(xor) == before

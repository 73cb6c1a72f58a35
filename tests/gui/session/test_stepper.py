"""The cursor inside an update: forwards, backwards, to a place, and what is known there."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.analysis.score import Phase
from engine.arrays.aliases import Array
from engine.interpreter.probe import probe
from graph.model.edits import SetTraining
from gui.session.session import Session


def steps(session: Session, count: int) -> None:
    """Step forward through so many whole updates."""
    for _ in range(count):
        for _ in range(len(session.stepper.score or ())):
            session.stepper.forward()
            assert session.stepper.stop is not None
        session.stepper.forward()
        assert session.stepper.stop is None


def theta(session: Session) -> Array:
    assert session.theta is not None
    return session.theta


def settings(session: Session, **changes: object) -> None:
    training = msgspec.structs.replace(session.document.training, **changes)
    session.push(SetTraining(training), "Settings")


def test_at_each_stop_only_what_is_known_is_shown(xor: Session) -> None:
    stepper, whole = xor.stepper, xor.readings
    assert whole is not None
    assert stepper.score is not None
    for stop in stepper.score:
        stepper.forward()
        assert stepper.at == stop
        shown = xor.readings
        assert shown is not None
        kind, _, place = stop.quantity.partition(":")
        known = {
            "s": (shown.net, whole.net, whole.nodes),
            "value": (shown.value, whole.value, whole.nodes),
            "loss": (shown.value, whole.value, whole.nodes),
            "message": (shown.message, whole.message, whole.edges),
            "delta": (shown.delta, whole.delta, whole.nodes),
        }.get(kind)
        if known is not None:
            index = known[2].index(place)
            assert known[0][index] == known[1][index]
        for numbers, start in (
            (shown.value, stepper.score.value_from),
            (shown.net, stepper.score.net_from),
            (shown.delta, stepper.score.delta_from),
            (shown.message, stepper.score.message_from),
        ):
            assert not np.isfinite(numbers[start > stop.index]).any()
        assert (xor.error is None) == (stop.index < stepper.score.error_from)


def test_going_on_from_the_last_stop_makes_the_update(xor: Session) -> None:
    before = theta(xor)
    steps(xor, 1)
    assert xor.run.shown_update == 1
    after = theta(xor)
    xor.undo()
    assert np.array_equal(theta(xor), before)
    xor.run.step()
    assert np.array_equal(theta(xor), after)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "rmsprop"])
def test_updates_back_are_the_states_before_bit_for_bit(xor: Session, optimizer: str) -> None:
    settings(xor, optimizer=optimizer, batch_size=2)
    thetas = [theta(xor)]
    for _ in range(5):
        steps(xor, 1)
        thetas.append(theta(xor))
    stepper = xor.stepper
    assert stepper.score is not None
    for number in (4, 3, 2, 1, 0):
        stepper.back()
        assert stepper.stop == len(stepper.score) - 1
        while stepper.stop is not None:
            stepper.back()
        assert xor.run.shown_update == number
        assert np.array_equal(theta(xor), thetas[number])
    for number in range(1, 6):
        stepper.finish()
        assert np.array_equal(theta(xor), thetas[number])


def test_the_numbers_are_those_of_the_rows_of_the_update(xor: Session) -> None:
    settings(xor, batch_size=2, shuffle=True)
    xor.stepper.next_phase()
    trainer = xor.run.next_update()
    assert trainer is not None
    assert xor.rows_text == "mean over the 2 rows of this update, batch 1 of 2"
    assert xor.prepared is not None
    assert xor.plan is not None
    xor.stepper.run_to("h1")
    columns = xor.prepared.batch(xor.plan.columns, trainer.next_rows)
    expected = probe(xor.plan, theta(xor), columns, xor.document.training, 4, None, 0)
    shown = xor.readings
    assert shown is not None
    place = shown.nodes.index("h1")
    assert shown.net[place] == pytest.approx(expected.net[place], rel=1e-12)


def test_running_to_a_place_stops_there_each_time(xor: Session) -> None:
    seen = []
    for _ in range(5):
        xor.stepper.run_to("h1")
        assert xor.stepper.at is not None
        seen.append(xor.stepper.at.quantity)
    assert seen[:4] == ["s:h1", "value:h1", "gradient:h1", "delta:h1"]
    xor.stepper.run_to("h1-o")
    assert xor.stepper.at is not None
    assert xor.stepper.at.edge == "h1-o" or xor.stepper.at.parameter == "h1-o.weight"


def test_phases_follow_each_other(xor: Session) -> None:
    seen = []
    for _ in range(5):
        xor.stepper.next_phase()
        seen.append(xor.stepper.phase)
    assert seen == [Phase.FORWARD, Phase.LOSS, Phase.BACKWARD, Phase.GRADIENTS, Phase.UPDATE]
    xor.stepper.finish_phase()
    assert xor.stepper.score is not None
    assert xor.stepper.stop == len(xor.stepper.score) - 1
    xor.stepper.next_phase()
    assert xor.stepper.stop is None
    assert xor.run.shown_update == 1


def test_a_bias_is_called_a_bias(xor: Session) -> None:
    symbols: dict[str, str] = {}
    for _ in range(len(xor.stepper.score or ()) or 100):
        xor.stepper.forward()
        if xor.stepper.at is None:
            break
        if xor.stepper.number is not None:
            symbols[xor.stepper.at.quantity] = xor.stepper.number.symbol
    assert symbols["gradient:o.bias"] == "∂E/∂b"
    assert symbols["gradient:h1-o.weight"] == "∂E/∂w"
    assert symbols["update:o.bias"] == "b⁺"


def test_new_values_show_as_they_are_updated(xor: Session) -> None:
    before = {name: xor.value(name) for name in ("h1-o.weight", "x1-h1.weight")}
    steps(xor, 1)
    after = {name: xor.value(name) for name in before}
    xor.stepper.back()
    while xor.stepper.at and xor.stepper.at.quantity != "update:h1-o.weight":
        xor.stepper.back()
    assert xor.value("h1-o.weight") == after["h1-o.weight"]
    assert xor.value("x1-h1.weight") == before["x1-h1.weight"]
    readings = xor.readings
    assert readings is not None
    assert readings.weight[readings.edges.index("h1-o")] == after["h1-o.weight"]


def test_it_goes_on_by_itself_until_it_is_stopped(xor: Session, qtbot: QtBot) -> None:
    xor.stepper.pace = 0.001
    xor.stepper.play()
    qtbot.waitUntil(lambda: xor.run.shown_update >= 2)
    xor.stepper.play()
    stop = xor.stepper.stop
    assert not xor.stepper.playing
    assert xor.stepper.stop == stop


def test_training_leaves_the_update(xor: Session) -> None:
    xor.stepper.next_phase()
    xor.run.play()
    assert xor.stepper.stop is None
    xor.run.pause()


def test_a_penalty_is_a_share_of_its_own_in_a_gradient(xor: Session) -> None:
    settings(xor, l2=2.0)
    readings = xor.readings
    assert readings is not None
    edge = readings.edges.index("h1-o")
    whole, weight = readings.gradient[edge], readings.weight[edge]
    share = 2.0 / 4 * weight  # λ/m·w, four rows
    xor.stepper.run_to("h1-o.weight")
    at, number = xor.stepper.at, xor.stepper.number
    assert at is not None
    assert at.phase is Phase.GRADIENTS
    assert number is not None
    assert number.number == pytest.approx(whole - share, abs=1e-12)
    assert (number.arrived, number.total) == (1, 2)
    assert xor.readings is not None
    assert xor.readings.gradient[edge] == pytest.approx(whole - share, abs=1e-12)
    assert not xor.stepper.knows("gradient:h1-o.weight")
    xor.stepper.run_to("h1-o.weight")
    at, number = xor.stepper.at, xor.stepper.number
    assert at is not None
    assert at.phase is Phase.PENALTY
    assert number is not None
    assert number.number == pytest.approx(share, abs=1e-12)
    assert number.sum_so_far == pytest.approx(whole, abs=1e-12)
    assert xor.readings.gradient[edge] == pytest.approx(whole, abs=1e-12)
    assert xor.stepper.knows("gradient:h1-o.weight")

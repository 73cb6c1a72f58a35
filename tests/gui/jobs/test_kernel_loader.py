"""The fast engine gets ready behind the window; until then, and without it, NumPy trains."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

import engine.native
from engine.compiler.compile import compile_document
from engine.library import library
from engine.native import Unsupported
from engine.native.lowering import lower
from engine.training import Trainer
from graph.model.document import Document
from graph.model.edits import SetParameterValues, SetTraining
from graph.model.tensor import Tensor
from graph.model.training import Training
from gui.jobs.kernel_loader import Kernels
from gui.session.session import Session
from gui.shell.window import Window

CONTAINS = Qt.MatchFlag.MatchContains
SLOW = ("-c", "import time; time.sleep(60)")
BROKEN = ("-c", "raise SystemExit('no compiler')")


@pytest.fixture(scope="module", autouse=True)
def code() -> None:
    """Have the machine code; the first time on a machine this compiles."""
    engine.native.prepare("float64")


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that nothing was compiled yet."""
    monkeypatch.setattr(engine.native, "ready", lambda _dtype: False)


@pytest.fixture
def kernels(qtbot: QtBot) -> Iterator[Kernels]:
    kernels = Kernels()
    yield kernels
    kernels.close()


def test_what_was_compiled_is_read_at_once(kernels: Kernels, qtbot: QtBot) -> None:
    with qtbot.waitSignal(kernels.changed):
        kernels.start("float64")
    assert kernels.ready("float64")
    assert not kernels.note
    assert not kernels.problem


def test_a_run_waits_for_code_that_is_being_read(kernels: Kernels) -> None:
    kernels.start("float64")
    assert kernels.engine("float64") == "native"


def test_without_a_start_numpy_trains(kernels: Kernels) -> None:
    kernels.want("float64")
    assert kernels.engine("float64") == "numpy"


def test_while_it_compiles_numpy_trains(missing: None, kernels: Kernels, qtbot: QtBot) -> None:
    kernels.command = SLOW
    with qtbot.waitSignal(kernels.changed):
        kernels.start("float64")
    assert "NumPy trains what is not compiled yet" in kernels.note
    assert kernels.engine("float64") == "numpy"
    kernels.close()
    assert not kernels.note


def test_what_needs_no_missing_kernel_is_native_while_the_rest_compiles(
    missing: None, kernels: Kernels, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels.command = SLOW
    with qtbot.waitSignal(kernels.changed):
        kernels.start("float64")
    plan, training = compile_document(Document(library()), {}), Training()
    assert kernels.engine("float64", plan, training) == "native"
    monkeypatch.setattr(engine.native, "uncompiled", lambda *_, **__: ["loop"])
    assert kernels.engine("float64", plan, training) == "numpy"


def test_a_failed_compile_is_told(missing: None, kernels: Kernels, qtbot: QtBot) -> None:
    kernels.command = BROKEN
    kernels.start("float64")
    qtbot.waitUntil(lambda: bool(kernels.problem))
    assert not kernels.note
    assert kernels.engine("float64") == "numpy"
    assert not kernels.ready("float64")


def test_code_that_cannot_be_kept_is_told(missing: None, kernels: Kernels, qtbot: QtBot) -> None:
    kernels.command = ("-c", "pass")
    kernels.start("float64")
    qtbot.waitUntil(lambda: bool(kernels.problem))
    assert kernels.engine("float64") == "numpy"


def test_nothing_is_compiled_that_could_not_be_kept(
    missing: None, kernels: Kernels, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.native, "kept", lambda: False)
    kernels.command = SLOW
    with qtbot.waitSignal(kernels.changed):
        kernels.start("float64")
    assert kernels.problem
    assert not kernels.note


def test_a_program_that_cannot_be_started_is_told(
    missing: None, kernels: Kernels, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    kernels.start("float64")
    qtbot.waitUntil(lambda: bool(kernels.problem))


def test_what_has_just_been_compiled_is_used(
    kernels: Kernels, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(engine.native, "ready", lambda _dtype: next(answers))
    kernels.command = ("-c", "pass")
    with qtbot.waitSignal(kernels.prepared):
        kernels.start("float64")
    assert kernels.engine("float64") == "native"


def test_the_window_tells_that_it_compiles(missing: None, xor_window: Window, qtbot: QtBot) -> None:
    session = xor_window.session
    session.kernels.command = SLOW
    session.kernels.start("float64")
    qtbot.waitUntil(lambda: "fast engine" in xor_window.status.work.text())
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 5)
    session.run.pause()


def test_the_window_lists_why_there_is_no_fast_engine(
    missing: None, xor_window: Window, qtbot: QtBot
) -> None:
    xor_window.session.kernels.command = BROKEN
    xor_window.session.kernels.start("float64")
    problems = xor_window.problems.list
    qtbot.waitUntil(lambda: problems.count() == 1)
    assert "NumPy trains" in problems.item(0).text()
    assert xor_window.status.problems.text() == "1 hint"


# -- training and reading on it --------------------------------------------------------------


@pytest.fixture
def native(xor: Session) -> Session:
    """Return the session of `xor` on the fast engine."""
    xor.kernels.start("float64")
    assert xor.kernels.engine("float64") == "native"
    return xor


def trained(session: Session, qtbot: QtBot, *, pauses: bool) -> list[float]:
    """Train 40 epochs from the start and return θ; ``pauses`` stands still by the way."""
    session.run.reset()
    if pauses:
        session.run.step()
        session.run.speed = 500.0
        session.run.play()
        qtbot.waitUntil(lambda: session.run.epoch > 3)
        session.run.pause()
        session.run.speed = None
    with qtbot.waitSignal(session.news, check_params_cb=lambda text: "finished" in text):
        session.run.play()
    assert session.run.epoch == 40
    assert session.theta is not None
    return [float(number) for number in session.theta]


def test_the_same_seed_gives_the_same_bits(native: Session, qtbot: QtBot) -> None:
    settings = Training(learning_rate=0.5, epochs=40, batch_size=3)
    native.push(SetTraining(settings), "Forty epochs")
    theta, plan, data = native.theta, native.plan, native.prepared
    assert theta is not None
    assert plan is not None
    assert data is not None
    alone = Trainer(plan, data, settings, theta, engine="native")
    assert [record.epoch for record in alone.run()] == list(range(41))
    through = trained(native, qtbot, pauses=False)
    assert native.run.engine == "native"
    assert through == alone.theta.tolist()
    assert trained(native, qtbot, pauses=True) == through
    assert native.run.history is not None
    assert native.run.history.snapshot().epochs.tolist() == list(range(41))


def test_a_run_keeps_its_engine_until_it_is_reset(xor: Session, qtbot: QtBot) -> None:
    engines = [engine_of(xor)]
    xor.kernels.start("float64")
    qtbot.waitUntil(lambda: xor.kernels.ready("float64"))
    engines.append(engine_of(xor))
    xor.run.reset()
    engines.append(engine_of(xor))
    assert engines == ["numpy", "numpy", "native"]


def engine_of(session: Session) -> str | None:
    """Make a step, and return what made it."""
    session.run.step()
    return session.run.engine


def test_a_weight_set_by_hand_is_trained_on(native: Session, qtbot: QtBot) -> None:
    native.run.play()
    qtbot.waitUntil(lambda: native.run.epoch > 5)
    native.push(SetParameterValues({"x1-h1.weight": Tensor.of([[50.0]])}), "Set weight")
    start = native.run.epoch
    qtbot.waitUntil(lambda: native.run.epoch > start + 20)
    native.run.pause()
    value = native.value("x1-h1.weight")
    assert value is not None
    assert 45 < value.item() < 55


def test_readings_are_those_of_numpy(xor: Session, qtbot: QtBot) -> None:
    before = xor.readings
    assert before is not None
    xor.kernels.start("float64")
    qtbot.waitUntil(lambda: xor.kernels.ready("float64"))
    xor.set_row(None)
    after = xor.readings
    assert after is not None
    assert after is not before
    assert after.error == pytest.approx(before.error, rel=1e-12)
    np.testing.assert_allclose(after.value, before.value, rtol=1e-12)
    np.testing.assert_allclose(after.message, before.message, rtol=1e-10)


def test_an_operation_without_kernel_is_named(
    monkeypatch: pytest.MonkeyPatch, xor_window: Window, qtbot: QtBot
) -> None:
    session = xor_window.session
    session.kernels.start("float64")
    assert session.kernels.engine("float64") == "native"

    def refuse(*_: object, **__: object) -> None:
        raise Unsupported(("sigmoid",))

    monkeypatch.setattr(lower, "fuse", refuse)
    session.run.step()
    assert session.run.engine == "numpy"
    texts = [item.text() for item in xor_window.problems.list.findItems("", CONTAINS)]
    assert len(texts) == 1
    assert "sigmoid" in texts[0]
    assert session.readings is not None

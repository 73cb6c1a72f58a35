"""Going on from a checkpoint gives the bits of never having stopped; its file is safe."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import count, islice
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import DivergedError
from engine.native.api.training_calls import Updater
from engine.training import Block, Checkpoint, Trainer
from engine.training.checkpoint_file import RunIdentity, SavedRun, read_checkpoint, write_checkpoint
from graph.errors import FileError
from graph.model.training import EarlyStopping, OptimizerName, Schedule, Training

Build = Callable[..., Any]
SCHEDULES = (
    Schedule(),
    Schedule(name="cosine", warmup=2),
    Schedule(name="one_cycle"),
    Schedule(name="step", every=3),
    Schedule(name="plateau", patience=1),
)
ENDS: tuple[dict[str, Any], ...] = (
    {},
    {"early_stopping": EarlyStopping(patience=2)},
    {"target_loss": 0.07},
)


def identity(trainer: Trainer) -> RunIdentity:
    parameters = tuple((one.name, one.shape, one.trainable) for one in trainer.plan.parameters)
    return RunIdentity(parameters, "graph", "data", trainer.settings, trainer.engine)


def through_a_file(trainer: Trainer, path: Path, history: Block | None = None) -> SavedRun:
    write_checkpoint(path, SavedRun(identity(trainer), trainer.checkpoint(), history))
    return read_checkpoint(path)


def same(one: Checkpoint, other: Checkpoint) -> bool:
    arrays = [(c.theta, c.previous, c.watch.best_theta, *c.memory) for c in (one, other)]
    rest = [
        (c.epoch, c.batch, c.batches, c.updates, c.optimizer, c.count, c.plateau, c.stopped,
         c.watch.best, c.watch.waited, c.rate, c.gradient_norm)
        for c in (one, other)
    ]  # fmt: skip
    bits = [[None if a is None else (a.dtype, a.tobytes()) for a in found] for found in arrays]
    return bits[0] == bits[1] and rest[0] == rest[1]


@pytest.mark.parametrize("engine", ["numpy", "native"])
@given(
    optimizer=st.sampled_from(get_args(OptimizerName)),
    schedule=st.sampled_from(SCHEDULES),
    end=st.sampled_from(ENDS),
    batch_size=st.sampled_from((None, 7, 20)),
    dropout=st.sampled_from((0.0, 0.3)),
    dtype=st.sampled_from(("float64", "float32")),
    frozen=st.sampled_from(((), ("h.bias",))),
    cuts=st.lists(st.integers(0, 25), max_size=3),
    block_mode=st.booleans(),
)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
def test_a_run_cut_anywhere_has_the_bits_of_a_whole_one(
    build: Build, tmp_path: Path, engine: Any, cuts: list[int], block_mode: bool, **drawn: Any
) -> None:
    problem = build(dropout=drawn["dropout"], frozen=drawn["frozen"], validation=0.2)
    lbfgs = drawn["optimizer"] == "lbfgs"
    training = Training(
        optimizer=drawn["optimizer"],
        schedule=drawn["schedule"],
        batch_size=None if lbfgs else drawn["batch_size"],
        dtype=drawn["dtype"],
        learning_rate=0.02,
        epochs=10,
        clip_norm=0.5,
        l2=0.1,
        **drawn["end"],
    )
    made = problem.plan, problem.data, training, problem.theta
    whole = Trainer(*made, engine=engine)
    whole.block_mode = block_mode
    expected = list(whole.run())
    part = Trainer(*made, engine=engine)
    found = list(islice(part.run(), 1))
    for updates in cuts:
        for _ in range(updates):
            before = part.epoch
            if part.stopped:
                break
            part.interrupt()
            found += part.run()
            assert part.epoch - before <= 1
        saved = through_a_file(part, tmp_path / "one.checkpoint")
        assert same(saved.checkpoint, part.checkpoint())
        part = Trainer(*made, start=saved.checkpoint, engine=engine)
    part.block_mode = block_mode
    found += part.run()
    assert found == expected
    assert part.theta.tobytes() == whole.theta.tobytes()
    assert (part.stopped, part.updates) == (whole.stopped, whole.updates)


def test_a_stop_before_the_first_update_of_a_call_leaves_the_bits_as_they_are(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = build()
    training = Training(optimizer="adam", learning_rate=0.02, epochs=20, batch_size=7)
    made = problem.plan, problem.data, training, problem.theta
    whole, cut = Trainer(*made), Trainer(*made)
    expected, found = list(whole.run()), list[Any]()
    report, calls = Updater._report, count()

    def stopped_now_and_then(updater: Updater, *args: Any) -> Any:
        found = report(updater, *args)
        if next(calls) % 3 == 1:
            cut.interrupt()
        return found

    monkeypatch.setattr(Updater, "_report", stopped_now_and_then)
    while not cut.stopped:
        found += cut.run()
    assert next(calls) > 20
    assert found == expected
    assert same(whole.checkpoint(), cut.checkpoint())


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_divergence_after_a_checkpoint_keeps_the_same_parameters(build: Build, engine: Any) -> None:
    problem = build(activation="square", scale=10.0)
    training = Training(learning_rate=10.0, epochs=100, batch_size=7)
    made = problem.plan, problem.data, training, problem.theta
    whole = Trainer(*made, engine=engine)
    with pytest.raises(DivergedError) as caught:
        list(whole.run())
    for updates in range(1, whole.updates + 1):
        part = Trainer(*made, engine=engine)
        next(part.run())
        for _ in range(updates):
            part.step()
        again = Trainer(*made, start=part.checkpoint(), engine=engine)
        with pytest.raises(DivergedError) as raised:
            list(again.run())
        assert str(raised.value) == str(caught.value)
        assert again.theta.tobytes() == whole.theta.tobytes()


def test_with_other_batches_the_epoch_begins_anew(build: Build) -> None:
    problem = build()
    made = problem.plan, problem.data
    part = Trainer(*made, Training(batch_size=6, epochs=5), problem.theta)
    next(part.run())
    for _ in range(7):
        part.step()
    fewer = Training(batch_size=30, epochs=5)
    again = Trainer(*made, fewer, problem.theta, start=part.checkpoint())
    assert (again.epoch, again.batch, again.batches) == (0, 0, 2)
    assert [record.epoch for record in again.run()] == [1, 2, 3, 4, 5]


def test_the_history_comes_back_to_the_bit(build: Build, tmp_path: Path) -> None:
    trainer = build(validation=0.2).trainer(epochs=12, learning_rate=0.01)
    blocks = list(trainer.blocks())
    saved = through_a_file(trainer, tmp_path / "c", Block.joined(blocks))
    assert saved.history is not None
    assert saved.history.records() == [one for block in blocks for one in block.records()]


def test_a_damaged_file_is_refused_in_one_sentence(build: Build, tmp_path: Path) -> None:
    trainer, path = build().trainer(epochs=3, optimizer="adam"), tmp_path / "c"
    blocks = list(trainer.blocks())
    through_a_file(trainer, path, Block.joined(blocks))
    good = path.read_bytes()
    rng = np.random.default_rng(0)
    spoilt = [good[:-1], good + b"x", b"", b"gradwire checkpoint 2\n" + good[22:]]
    for place, bit in rng.integers(0, (len(good), 8), (200, 2)).tolist():
        flipped = bytearray(good)
        flipped[place] ^= 1 << bit
        spoilt.append(bytes(flipped))
    spoilt += [good[: int(place)] for place in rng.integers(0, len(good), 50)]
    for content in spoilt:
        path.write_bytes(content)
        with pytest.raises(FileError, match="no checkpoint") as raised:
            read_checkpoint(path)
        assert str(raised.value).count("\n") == 0


def test_sizes_that_do_not_fit_are_refused(build: Build, tmp_path: Path) -> None:
    """Also with a right digest: nobody but a forger writes them."""
    trainer, path = build().trainer(epochs=3, optimizer="adam"), tmp_path / "c"
    through_a_file(trainer, path)
    good = path.read_bytes()[:-32]
    for before, after in (
        (b"[23]", b"[22]"),
        (b"[23]", b"[23000000000]"),
        (b'"batch":0', b'"batch":9'),
        (b'"optimizer":"adam","stopped"', b'"optimizer":"sgd","stopped"'),
        (b'"epoch":0', b'"epoch":-1'),
    ):
        assert before in good
        content = good.replace(before, after)
        head = len(content) - len(good) + int.from_bytes(good[22:30], "little")
        content = content[:22] + head.to_bytes(8, "little") + content[30:]
        path.write_bytes(content + hashlib.sha256(content).digest())
        with pytest.raises(FileError, match="no checkpoint"):
            read_checkpoint(path)

"""The memory of an update: against the arrays of a real run, and against counts by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine.analysis.cost.step_memory import (
    StepMemory,
    batch_rows,
    node_numbers,
    optimizer_arrays,
    step_memory,
)
from engine.analysis.score_stops import score_of
from engine.compiler.compile import compile_document
from engine.data import prepare
from engine.interpreter.interpreter import Interpreter
from engine.interpreter.parameter_vector import initial
from engine.library import library
from engine.training import Trainer
from graph.files.storage import load

EXAMPLES = Path(__file__).parents[4] / "examples"


def memory(name: str, **settings: object) -> tuple[StepMemory, Trainer]:
    document = load(EXAMPLES / f"{name}.gradwire", library())
    assert document.dataset is not None
    data = prepare(document.dataset)
    plan = compile_document(document, data.schema)
    training = replace(document.training, **settings)
    theta = initial(plan, document, 1)
    trainer = Trainer(plan, data, training, theta, engine="numpy")
    rows = batch_rows(training, len(data.splits["train"]))
    return step_memory(score_of(document, plan), training, rows), trainer


@pytest.mark.parametrize("name", ["xor", "digits", "iris", "gated", "residual", "rnn_unrolled"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_values_and_deltas_are_the_bytes_of_a_real_run(name: str, dtype: str) -> None:
    found, trainer = memory(name, dtype=dtype)
    plan = found.score.plan
    theta = trainer.theta.astype(dtype)
    rows = trainer.next_rows
    assert found.rows == len(rows)
    document = load(EXAMPLES / f"{name}.gradwire", library())
    assert document.dataset is not None
    columns = prepare(document.dataset).batch(plan.columns, rows)
    interpreter = Interpreter(plan)
    run = interpreter.forward(theta, columns)
    back = interpreter.backward(theta, run)
    parts = found.by_part
    values = sum(parts.get(part, 0) for part in ("z", "s", "inside"))
    assert values == sum(value.shape[1] * len(rows) * value.itemsize for value in run.values)
    units = sum(back.deltas[slot].nbytes for slot in plan.nets.values())
    counted = sum(found.by_place[node]["δ"] for node in plan.nets if "δ" in found.by_place[node])
    assert counted == units
    assert parts["parameter"] == theta.nbytes
    assert parts["gradient"] == back.gradient.nbytes


@pytest.mark.parametrize(
    "optimizer", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "rprop"]
)
def test_optimizer_memory_is_that_of_a_real_trainer(optimizer: str) -> None:
    found, trainer = memory("iris", optimizer=optimizer)
    trainer.step()
    kept = sum(array.nbytes for array in trainer.checkpoint().memory)
    assert found.by_part.get("optimizer", 0) == kept


def test_lbfgs_remembers_up_to_its_whole_memory() -> None:
    found, trainer = memory("iris", optimizer="lbfgs", batch_size=None)
    for _ in range(30):
        trainer.step()
    arrays = trainer.checkpoint().memory
    assert len(arrays) == optimizer_arrays(trainer.settings)
    assert found.by_part["optimizer"] == sum(array.nbytes for array in arrays)


def test_xor_counted_by_hand() -> None:
    """4 rows; x1, x2, y, E: one number each; h1, h2, o: z, s, two w·z and b."""
    found, _ = memory("xor")
    numbers = node_numbers(found.score.plan)
    assert (numbers["h1"].z, numbers["h1"].s, numbers["h1"].inside) == (1, 1, 3)
    assert found.by_part["z"] == 7 * 4 * 8
    assert found.by_part["s"] == 3 * 4 * 8
    assert found.by_part["parameter"] == found.by_part["gradient"] == 9 * 8
    assert "optimizer" not in found.by_part


def test_memory_rises_forward_and_falls_on_the_way_back() -> None:
    """A chain of n units: z and s pile up until E, then every δ lets go of one of each."""
    found, _ = memory("vanishing_sigmoid_chain")
    score, needed = found.score, found.needed
    error = score.error_from
    values = [i for i in range(error) if score[i].quantity.startswith("value:h")]
    assert (np.diff(needed[values]) > 0).all()
    assert needed.argmax() >= values[-1]
    deltas = [i for i in range(len(score)) if score[i].quantity.startswith("delta:h")]
    assert found.freed_before(0) == 0
    freed = [found.freed_before(i) for i in (error, deltas[0], deltas[-1], len(score) - 1)]
    assert freed == sorted(freed)
    assert freed[-1] > freed[0]
    assert needed.max() <= found.total


def test_at_every_stop_what_is_known_is_needed_or_freed() -> None:
    found, _ = memory("digits")
    end = len(found.score)
    for stop in range(end):
        known = sum(one.numbers for one in found.kept if one.first <= stop)
        assert known * found.itemsize == found.needed[stop] + found.freed_before(stop)
    assert all(-1 <= one.first <= one.last <= end for one in found.kept)


def test_half_the_bytes_and_a_copy_of_the_parameters() -> None:
    """Mixed precision: a parameter takes 2 + 4 bytes, Adam's memory 4 each, all else 2."""
    found, _ = memory("digits")
    size = found.score.plan.size
    others = found.total // 8 - size - 2 * size
    assert found.in_precision(8) == found.total
    assert found.in_precision(2) == found.total // 4
    assert found.in_precision(2, 4) == others * 2 + size * 6 + 2 * size * 4

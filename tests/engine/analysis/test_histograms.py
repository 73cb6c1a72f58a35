"""Histograms of a film's moments, against NumPy's and against networks computed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.histograms import counted_values as counting
from engine.analysis.histograms.bins import FrameValues, common_edges, count_in, histograms
from engine.analysis.histograms.counted_values import (
    HistogramQuantity,
    HistogramScope,
    counted_values,
    evenly,
    frame_values,
)
from engine.analysis.histograms.frame_order import coarse_to_fine, spread_frames
from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.data import Prepared, prepare
from engine.interpreter.evaluation import evaluate
from engine.interpreter.parameter_vector import initial
from engine.library import library
from engine.plan.plan import Plan
from engine.training import Film, Trainer
from graph.files.storage import load
from graph.model.document import Document
from graph.model.training import Training

EXAMPLES = Path(__file__).parents[3] / "examples"
NETWORK, HIDDEN = HistogramScope(), HistogramScope("hidden")


class Example:
    """An example at its first parameters."""

    def __init__(self, name: str) -> None:
        self.document: Document = load(EXAMPLES / f"{name}.gradwire", library())
        assert self.document.dataset is not None
        self.data: Prepared = prepare(self.document.dataset, EXAMPLES)
        self.plan: Plan = compile_document(self.document, self.data.schema)
        self.theta: Array = initial(self.plan, self.document, self.document.training.seed)
        self.m = len(self.data.splits["train"])

    def values(
        self,
        quantity: HistogramQuantity,
        scope: HistogramScope = NETWORK,
        split: Literal["train", "test"] = "train",
    ) -> FrameValues:
        training = self.document.training
        of_what = split, quantity, scope, training.l1, training.l2
        return frame_values(counted_values(self.plan, self.data, *of_what), self.theta)

    def entries(self, *names: str) -> Array:
        table = self.plan.parameters
        found = [table.find(name) for name in names]
        parts = [self.theta[p.offset : p.offset + p.size] for p in found if p is not None]
        return np.concatenate(parts)


def spread(values: list[float] | Array) -> FrameValues:
    return FrameValues.of(np.array(values, np.float64))


# -- which values ---------------------------------------------------------------------------------


def test_every_moment_of_a_film_is_numpys_histogram_of_its_theta() -> None:
    xor, film = Example("xor"), Film()
    settings = Training(learning_rate=0.5, epochs=40)
    trainer = Trainer(xor.plan, xor.data, settings, xor.theta, callbacks=(film,))
    list(trainer.run())
    assert len(film.frames) > 30
    is_bias = np.repeat(xor.plan.parameters.is_bias, xor.plan.parameters.sizes)
    for quantity, chosen in (("weight", ~is_bias), ("bias", is_bias)):
        counted = counted_values(xor.plan, xor.data, "train", quantity, NETWORK)  # type: ignore[arg-type]  # a literal
        frames = [frame_values(counted, one.theta) for one in film.frames]
        found = histograms(frames)
        assert not found.outside.any(), "in a small network nothing is left out"
        for frame, counts, values in zip(film.frames, found.counts, frames, strict=True):
            theta = frame.theta[chosen]
            assert counts.tolist() == np.histogram(theta, found.edges)[0].tolist()
            assert values.mean == pytest.approx(theta.mean(), rel=1e-12)
            assert values.deviation == pytest.approx(theta.std(), rel=1e-12)


def test_xor_computed_by_hand() -> None:
    """Every row counts, δ is that of the row and not its share of the mean."""
    xor = Example("xor")

    def sigmoid(s: Array) -> Array:
        return 1 / (1 + np.exp(-s))

    edges = xor.document.edges.values()
    into = {node: [e for e in edges if e.target == node] for node in xor.plan.nets}
    (last,) = [n for n in into if all(e.source in into for e in into[n])]
    hidden = [node for node in into if node != last]
    columns = xor.data.batch(xor.plan.columns)
    inputs = [e.source for e in into[hidden[0]]]
    x = np.concatenate([columns[name] for name in ("x1", "x2")], axis=1)
    assert inputs == ["x1", "x2"]
    w1 = np.array([[xor.entries(f"{e.id}.weight")[0] for e in into[h]] for h in hidden])
    b1 = xor.entries(*(f"{h}.bias" for h in hidden))
    w2 = np.array([xor.entries(f"{e.id}.weight")[0] for e in into[last]])
    s1 = x @ w1.T + b1
    z1 = sigmoid(s1)
    s2 = z1 @ w2 + xor.entries(f"{last}.bias")
    z2 = sigmoid(s2)
    target = columns["y"][:, 0]
    d2 = (z2 - target) * z2 * (1 - z2)
    d1 = d2[:, None] * w2 * z1 * (1 - z1)
    for quantity, inner, outer in (("s", s1, s2), ("z", z1, z2), ("delta", d1, d2)):
        both = np.sort(np.concatenate([inner.ravel(), outer]))
        assert xor.values(quantity).values == pytest.approx(both, rel=1e-12)  # type: ignore[arg-type]  # a literal
        found = xor.values(quantity, HIDDEN).values  # type: ignore[arg-type]  # a literal
        assert found == pytest.approx(np.sort(inner.ravel()), rel=1e-12)
    m = len(x)
    slopes = np.concatenate([(d1.T @ x / m).ravel(), d2 @ z1 / m])
    assert xor.values("weight gradient").values == pytest.approx(np.sort(slopes), rel=1e-12)
    slopes = np.append(d1.mean(axis=0), d2.mean())
    assert xor.values("bias gradient").values == pytest.approx(np.sort(slopes), rel=1e-12)


def test_many_rows_in_blocks_are_the_same_as_all_at_once() -> None:
    digits = Example("digits")
    rows = digits.data.splits["train"]
    assert len(rows) > 3 * counting._ROWS
    columns = digits.data.batch(digits.plan.columns, rows)
    found = evaluate(digits.document, digits.plan, digits.theta, columns)
    units = [found["nodes"][node] for node in digits.plan.nets]
    nets = np.concatenate([np.ravel(unit["net"]) for unit in units])
    deltas = np.concatenate([np.ravel(unit["delta"]) for unit in units]) * len(rows)
    assert digits.values("s").values == pytest.approx(np.sort(nets), rel=1e-9, abs=1e-12)
    assert digits.values("delta").values == pytest.approx(np.sort(deltas), rel=1e-9, abs=1e-12)
    slopes = [
        np.ravel(parameter["gradient"])
        for name, parameter in found["parameters"].items()
        if name.endswith("weight")
    ]
    expected = np.sort(np.concatenate(slopes))
    assert digits.values("weight gradient").values == pytest.approx(expected, rel=1e-8, abs=1e-12)


def test_penalties_are_in_the_gradients() -> None:
    example = Example("ng_test_network_regularised")
    assert example.document.training.l2 > 0
    columns = example.data.batch(example.plan.columns, example.data.splits["train"])
    found = evaluate(example.document, example.plan, example.theta, columns)
    parameters = found["parameters"].items()
    is_bias = {one.name: one.is_bias for one in example.plan.parameters}
    slopes = [np.ravel(one["gradient"]) for name, one in parameters if not is_bias[name]]
    expected = np.sort(np.concatenate(slopes))
    assert example.values("weight gradient").values == pytest.approx(expected, rel=1e-9)


def test_a_selection_is_counted_with_its_incoming_weights() -> None:
    xor = Example("xor")
    edges = xor.document.edges.values()
    node = next(e.target for e in edges if e.source == "x1")
    into = [f"{e.id}.weight" for e in edges if e.target == node]
    other = next(e for e in edges if e.target in xor.plan.nets and e.target != node)
    unit = HistogramScope("selection", frozenset({node, "not there"}))
    both = HistogramScope("selection", frozenset({node}), frozenset({other.id, "not there"}))
    expected = np.sort(xor.entries(*into))
    assert xor.values("weight", unit).values.tolist() == expected.tolist()
    expected = np.sort(xor.entries(*into, f"{other.id}.weight"))
    assert xor.values("weight", both).values.tolist() == expected.tolist()
    assert xor.values("bias", unit).values.tolist() == xor.entries(f"{node}.bias").tolist()
    assert len(xor.values("z", unit).values) == xor.m
    inputs = HistogramScope("selection", frozenset({"x1"}))
    expected = np.sort(xor.data.batch(["x1"])["x1"].ravel())
    assert xor.values("z", inputs).values.tolist() == expected.tolist()
    for quantity in ("s", "weight"):
        counted = counted_values(xor.plan, xor.data, "train", quantity, inputs)
        assert counted.is_empty


def test_what_is_no_unit_has_no_delta_but_a_derivative() -> None:
    xor = Example("xor")
    inputs = HistogramScope("selection", frozenset({"x1"}))
    counted = counted_values(xor.plan, xor.data, "train", "delta", inputs)
    assert not counted.is_delta
    columns = xor.data.batch(xor.plan.columns)
    found = evaluate(xor.document, xor.plan, xor.theta, columns)
    expected = np.sort(np.ravel(found["nodes"]["x1"]["gradient"])) * xor.m
    assert xor.values("delta", inputs).values == pytest.approx(expected, rel=1e-12)
    assert counted_values(xor.plan, xor.data, "train", "delta", NETWORK).is_delta


def test_a_network_without_units_is_all_between_data_and_losses() -> None:
    drawn = Example("four_diagrams")
    assert not len(drawn.plan.nets)
    counted = counted_values(drawn.plan, drawn.data, "train", "z", NETWORK)
    kinds = {drawn.document.nodes[node].kind for node in counted.nodes}
    assert kinds == {"weight"}
    assert not counted_values(drawn.plan, drawn.data, "train", "z", HIDDEN).nodes


def test_very_many_rows_are_chosen_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    digits = Example("digits")
    monkeypatch.setattr(counting, "_VALUES", 5_000)
    counted = counted_values(digits.plan, digits.data, "train", "z", NETWORK)
    width = sum(digits.plan.widths[digits.plan.outputs[node]] for node in counted.nodes)
    assert counted.rows == 5_000 // width
    assert counted.of_rows == digits.m
    assert len(digits.values("z").values) == counted.rows * width
    first = digits.data.batch(digits.plan.columns, digits.data.splits["train"][:1])
    for name, column in counted.columns.items():
        assert np.array_equal(column[:1], first[name])
    assert evenly(np.arange(10), 3).tolist() == [0, 4, 9]


def test_a_split_without_rows_is_empty() -> None:
    xor = Example("xor")
    assert counted_values(xor.plan, xor.data, "test", "z", NETWORK).is_empty
    assert not counted_values(xor.plan, xor.data, "test", "weight", NETWORK).is_empty
    assert not len(xor.values("z", split="test").values)


# -- bins -----------------------------------------------------------------------------------------

FINITE = st.floats(-1e12, 1e12)


@given(st.lists(st.lists(FINITE, max_size=30), min_size=1, max_size=5))
def test_counts_are_those_of_numpy_and_none_is_lost(samples: list[list[float]]) -> None:
    frames = [spread(sample) for sample in samples]
    found = histograms(frames)
    edges = found.edges
    assert (np.diff(edges) > 0).all()
    assert len(edges) <= 64
    for sample, counts, outside in zip(samples, found.counts, found.outside, strict=True):
        inside = np.clip(np.array(sample), edges[0], edges[-1])
        assert counts.tolist() == np.histogram(inside, edges)[0].tolist()
        assert counts.sum() == len(sample)
        assert outside == sum(x < edges[0] or x > edges[-1] for x in sample)


def test_what_lies_far_off_is_counted_at_the_ends() -> None:
    values = np.append(np.random.default_rng(0).normal(size=2_000), [1e6, -1e6, 2e6])
    found = histograms([spread(values), spread([0.5])])
    assert -6 < found.edges[0] < -2
    assert 2 < found.edges[-1] < 6
    beyond = (values < found.edges[0]) | (values > found.edges[-1])
    assert found.outside.tolist() == [int(beyond.sum()), 0]
    assert found.counts.sum(axis=1).tolist() == [2_003, 1]
    assert found.shares.sum(axis=1) == pytest.approx([1, 1])


def test_edges_are_round_and_zero_is_one_of_them() -> None:
    edges = common_edges([spread([-0.37, 0.0, 1.93])])
    width = edges[1] - edges[0]
    assert width == pytest.approx(0.05)
    assert np.abs(edges / width - np.round(edges / width)).max() < 1e-9
    assert 0.0 in edges.tolist()
    assert edges[0] <= -0.37
    assert edges[-1] >= 1.93


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5, 1e-200, 1e200])
def test_all_values_alike(value: float) -> None:
    frame = spread([value] * 4)
    edges = common_edges([frame])
    counts, outside = count_in(frame, edges)
    assert counts.max() == 4
    assert len(counts) >= 8
    assert not outside
    assert frame.deviation == 0 or value == 1e200
    assert frame.zeros == (4 if value == 0 else 0)


def test_what_is_not_finite_is_counted_apart() -> None:
    frame = spread([np.nan, 1.0, np.inf, -np.inf, 0.0, -0.0])
    assert frame.values.tolist() == [0, 0, 1]
    assert (frame.not_finite, frame.zeros) == (3, 2)
    nothing = spread([np.nan])
    assert np.isnan(nothing.mean)
    assert histograms([nothing]).counts.sum() == 0


# -- which moments --------------------------------------------------------------------------------


@given(st.integers(1, 700))
def test_frames_are_chosen_evenly_and_stay_chosen(count: int) -> None:
    chosen = spread_frames(count, 60)
    assert 1 <= len(chosen) <= 60
    assert len(chosen) == count or len(chosen) > 29
    later = set(spread_frames(count + 1, 60))
    assert later >= set(chosen) or later - {count} <= set(chosen)


@given(st.integers(0, 70))
def test_all_come_and_a_few_far_apart_come_first(count: int) -> None:
    order = coarse_to_fine(count)
    assert sorted(order) == list(range(count))
    gaps = np.diff(sorted(order[:16]))
    assert gaps.max(initial=0) <= max(1, count // 6)

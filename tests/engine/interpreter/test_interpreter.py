"""Forward and backward: published numbers, E and its parts, noise, refusals."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from engine.arrays.counter_stream import Stream
from engine.compiler.compile import compile_document
from engine.declaration.op import Array
from engine.errors import DataError
from engine.interpreter.interpreter import Interpreter, backward, forward
from engine.interpreter.objective_terms import (
    ObjectiveTerms,
    add_penalty_gradient,
    objective_terms,
    penalty_gradient,
)
from engine.interpreter.parameter_vector import initial, trainable_mask, views
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.edits import AddNode, Node, SetFrozen, SetParam
from tests.engine.documents import Columns, draw, mazur, ng, widths


def _ready(drawn: tuple[Document, Columns]) -> tuple[Plan, Array, Columns]:
    document, columns = drawn
    plan = compile_document(document, widths(columns))
    return plan, initial(plan, document, 0), columns


def _named(plan: Plan, flat: Array) -> dict[str, float]:
    parameters = zip(plan.parameters, views(plan, flat), strict=True)
    return {p.name: float(view.sum()) for p, view in parameters}


def test_mazur() -> None:
    document, columns = mazur()
    document.apply(SetFrozen(dict.fromkeys(("h1.bias", "h2.bias", "o1.bias", "o2.bias"), True)))
    plan, theta, _ = _ready((document, columns))
    run = forward(plan, theta, columns)
    assert objective_terms(plan, theta, run).total == pytest.approx(0.298371109, abs=5e-10)
    gradient = backward(plan, theta, run).gradient
    assert _named(plan, gradient)["h1-o1.weight"] == pytest.approx(0.082167041, abs=5e-10)

    theta -= 0.5 * gradient * trainable_mask(plan)
    after = _named(plan, theta)
    assert after["i1-h1.weight"] == pytest.approx(0.149780716, abs=5e-10)
    assert after["h1-o1.weight"] == pytest.approx(0.358916480, abs=5e-10)
    assert after["h1.bias"] == 0.35
    total = objective_terms(plan, theta, forward(plan, theta, columns)).total
    assert total == pytest.approx(0.291027773694, abs=5e-13)


def test_mazur_after_ten_thousand_updates() -> None:
    plan, theta, columns = _ready(mazur())
    for _ in range(10_000):
        gradient = backward(plan, theta, forward(plan, theta, columns)).gradient
        gradient[[p.offset for p in plan.parameters if p.is_bias]] = 0
        theta -= 0.5 * gradient
    total = objective_terms(plan, theta, forward(plan, theta, columns)).total
    assert total == pytest.approx(3.510187783e-05, rel=1e-9)


def test_ng() -> None:
    plan, theta, columns = _ready(ng())
    run = forward(plan, theta, columns)
    plain = objective_terms(plan, theta, run, m=3)
    assert plain.total == pytest.approx(7.406969856065749, rel=1e-14)
    assert plain.penalty == 0
    penalised = objective_terms(plan, theta, run, l2=4, m=3)
    assert penalised.total == pytest.approx(19.473636522732416, rel=1e-14)
    assert penalised.penalty == pytest.approx(19.473636522732416 - 7.406969856065749)
    assert penalised.losses == plain.losses


def test_the_delta_of_sigmoid_and_cross_entropy_is_o_minus_t() -> None:
    plan, theta, columns = _ready(ng())
    run = forward(plan, theta, columns)
    back = backward(plan, theta, run)
    difference = (run.values[plan.outputs["a3"]] - columns["y"]) / 3
    np.testing.assert_allclose(back.deltas[plan.nets["a3"]], difference, rtol=1e-12, atol=1e-15)


def test_penalty_gradient() -> None:
    plan, theta, _ = _ready(ng())
    gradient = np.zeros_like(theta)
    add_penalty_gradient(plan, theta, gradient, l1=0.5, l2=4.0, m=3)
    weights = np.array([not p.is_bias for p in plan.parameters for _ in range(p.size)])
    np.testing.assert_allclose(gradient, weights * (0.5 + 4 * theta) / 3, rtol=1e-15)


def test_a_penalty_node_is_part_of_e() -> None:
    document, columns = ng()
    document.apply(AddNode(Node("R", "l2_penalty", "", {"coefficient": 4 / 3})))
    plan, theta, _ = _ready((document, columns))
    run = forward(plan, theta, columns)
    found = objective_terms(plan, theta, run)
    assert found.total == pytest.approx(19.473636522732416, rel=1e-14)
    assert found.losses["R"] == pytest.approx(found.penalty)
    by_node = backward(plan, theta, run).gradient
    document, columns = ng()
    plan, theta, _ = _ready((document, columns))
    by_setting = backward(plan, theta, forward(plan, theta, columns)).gradient
    add_penalty_gradient(plan, theta, by_setting, l1=0, l2=4, m=3)
    np.testing.assert_allclose(by_node, by_setting, rtol=1e-13)


def test_the_gradient_of_all_penalties_is_their_difference_quotient() -> None:
    document, columns = ng()
    document.apply(AddNode(Node("R", "l2_penalty", "", {"coefficient": 4 / 3})))
    document.apply(AddNode(Node("S", "l1_penalty", "", {"coefficient": 0.25})))
    plan, theta, _ = _ready((document, columns))
    found, step = penalty_gradient(plan, theta, 0.5, 4.0, 3), 1e-6
    for place in range(len(theta)):
        moved = [theta.copy(), theta.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        runs = [forward(plan, one, columns) for one in moved]
        above, below = (
            objective_terms(plan, one, at, 0.5, 4.0, 3).penalty
            for one, at in zip(moved, runs, strict=True)
        )
        assert found[place] == pytest.approx((above - below) / (2 * step), abs=1e-7)


def test_importance_scales_e_but_not_the_loss() -> None:
    document, columns = ng()
    document.apply(SetParam("J", "importance", 0.5))
    plan, theta, _ = _ready((document, columns))
    run = forward(plan, theta, columns)
    found = objective_terms(plan, theta, run)
    assert found == ObjectiveTerms(found.losses["J"] / 2, found.losses, 0.0)
    np.testing.assert_allclose(backward(plan, theta, run).deltas[plan.outputs["J"]], 0.5 / 3)


def test_frozen_parameters_have_gradients() -> None:
    document, columns = mazur()
    plan, theta, _ = _ready((document, columns))
    free = backward(plan, theta, forward(plan, theta, columns)).gradient
    document.apply(SetFrozen({p.name: True for p in plan.parameters}))
    plan, theta, _ = _ready((document, columns))
    frozen = backward(plan, theta, forward(plan, theta, columns)).gradient
    assert np.array_equal(free, frozen)
    assert np.all(free != 0)


def test_nothing_flows_to_what_reaches_no_loss() -> None:
    _, columns = mazur()
    aside = draw(
        {"x": ("input", {"columns": ("x1",)}), "n": "neuron", "s": "step", "after": "tanh"},
        ["x n", "n s", "s after"],
    )
    plan = compile_document(aside, widths(columns))
    theta = initial(plan, aside, 0)
    run = forward(plan, theta, columns)
    back = backward(plan, theta, run)
    assert all(np.array_equal(d, np.zeros((1, 1))) for d in back.deltas)
    assert not back.gradient.any()
    assert all(message is None for messages in back.messages for message in messages)
    assert objective_terms(plan, theta, run) == ObjectiveTerms(0.0, {}, 0.0)


def test_step_sends_nothing_back() -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "n": ("neuron", {"activation": "step"}),
            "t": ("target", {"columns": ("t",)}),
            "E": "half_squared_error",
        },
        ["x n", "n E:prediction", "t E:target"],
    )
    columns = {"x": np.array([[2.0]]), "t": np.array([[5.0]])}
    plan, theta, _ = _ready((document, columns))
    back = backward(plan, theta, forward(plan, theta, columns))
    assert back.deltas[plan.outputs["n"]].item() != 0
    assert back.deltas[plan.nets["n"]].item() == 0
    assert not back.gradient.any()


def test_float32_stays_float32() -> None:
    document, columns = ng()
    plan = compile_document(document, widths(columns))
    theta = initial(plan, document, 0, dtype=np.float32)
    run = forward(plan, theta, columns)
    back = backward(plan, theta, run)
    arrays = [*run.values, *back.deltas, back.gradient]
    arrays += [m for messages in back.messages for m in messages if m is not None]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert objective_terms(plan, theta, run).total == pytest.approx(7.406969856065749, rel=1e-6)


def test_dropout_needs_a_generator() -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "d": ("dropout", {"rate": 0.5}),
            "t": ("target", {"columns": ("x",)}),
            "E": "squared_error",
        },
        ["x d", "d E:prediction", "t E:target"],
    )
    columns = {"x": np.arange(1.0, 41.0).reshape(4, 10)}
    plan, theta, _ = _ready((document, columns))
    quiet = forward(plan, theta, columns).values[plan.outputs["d"]]
    assert np.array_equal(quiet, columns["x"])
    noisy = forward(plan, theta, columns, Stream(1))
    kept = noisy.values[plan.outputs["d"]] != 0
    assert 5 < kept.sum() < 35
    again = forward(plan, theta, columns, Stream(1))
    assert np.array_equal(again.values[plan.outputs["d"]], noisy.values[plan.outputs["d"]])
    # the derivative uses the mask of its own forward run
    delta = backward(plan, theta, noisy).messages[plan.outputs["d"]][0]
    assert delta is not None
    assert not delta[~kept].any()


def test_yield_gil_is_called_on_the_way() -> None:
    plan, theta, columns = _ready(mazur())
    yields: list[None] = []
    interpreter = Interpreter(plan, lambda: yields.append(None))
    run = interpreter.forward(theta, columns)
    assert len(yields) >= 2
    interpreter.backward(theta, run)
    assert len(yields) >= 4


def test_a_run_writes_into_nothing_it_was_given() -> None:
    plan, theta, columns = _ready(mazur())
    theta.flags.writeable = False
    for column in columns.values():
        column.flags.writeable = False
    run = forward(plan, theta, columns)
    before = [value.copy() for value in run.values]
    first = backward(plan, theta, run)
    second = backward(plan, theta, run)
    assert all(np.array_equal(a, b) for a, b in zip(before, run.values, strict=True))
    assert np.array_equal(first.gradient, second.gradient)


def test_a_run_leaves_nothing_of_theta_in_the_plan() -> None:
    plan, theta, columns = _ready(mazur())
    run = forward(plan, theta, columns)
    backward(plan, theta, run)
    alive = weakref.ref(theta)
    del theta, run
    gc.collect()
    assert alive() is None


def test_an_interpreter_follows_theta_changed_in_place() -> None:
    plan, theta, columns = _ready(mazur())
    interpreter = Interpreter(plan)
    interpreter.forward(theta, columns)
    theta += 0.25
    found, fresh = interpreter.forward(theta, columns), forward(plan, theta.copy(), columns)
    assert all(np.array_equal(a, b) for a, b in zip(found.values, fresh.values, strict=True))
    other = theta + 1
    again, fresh = interpreter.forward(other, columns), forward(plan, other, columns)
    assert all(np.array_equal(a, b) for a, b in zip(again.values, fresh.values, strict=True))


def test_rerun_computes_only_what_is_named() -> None:
    plan, theta, columns = _ready(mazur())
    run = forward(plan, theta, columns)
    moved = theta.copy()
    moved[plan.parameters[plan.weights["h2-o2"]].offset] += 1
    o2 = plan.outputs["o2"]
    later = [i for i in range(len(plan.steps)) if plan.steps[i].owner in ("o2", "e2")]
    partial = Interpreter(plan).rerun(moved, run, later)
    whole = forward(plan, moved, columns)
    assert all(np.array_equal(a, b) for a, b in zip(partial.values, whole.values, strict=True))
    assert run.values[o2].item() != partial.values[o2].item()


def test_overflow_is_a_result_not_a_warning() -> None:
    document = draw(
        {"x": ("input", {"columns": ("x",)}), "e": "exp", "q": "square", "d": "subtract"},
        ["x e", "e q", "q d:a", "q d:b"],
    )
    plan = compile_document(document, {"x": 1})
    run = forward(plan, np.zeros(0), {"x": np.array([[1e3]])})
    assert run.values[plan.outputs["q"]].item() == np.inf
    assert np.isnan(run.values[plan.outputs["d"]].item())


def test_components_are_found_in_their_column() -> None:
    document = draw({"x": ("input", {"columns": ("image[2]", "image[0]")})}, [])
    plan = compile_document(document, {"image": 3})
    image = np.arange(6.0).reshape(2, 3)
    theta = initial(plan, document, 0)
    whole = forward(plan, theta, {"image": image})
    parts = forward(plan, theta, {"image[2]": image[:, 2:], "image[0]": image[:, :1]})
    assert np.array_equal(whole.values[0], [[2, 0], [5, 3]])
    assert np.array_equal(whole.values[0], parts.values[0])


def test_a_graph_without_data_has_one_row() -> None:
    document = draw({"c": ("constant", {"value": (1.0, 2.0)}), "n": "neuron"}, ["c n"])
    plan = compile_document(document, {})
    assert forward(plan, initial(plan, document, 0), {}).rows == 1


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"x1": None}, "no column 'x1'"),
        ({"x1": np.zeros((2, 1))}, "different numbers of rows"),
        (dict.fromkeys(("x1", "x2", "y1", "y2"), np.zeros((0, 1))), "no rows"),
        ({"x1": np.zeros((1, 2))}, "'i1' was compiled for width 1"),
    ],
)
def test_data_that_does_not_fit(change: dict[str, Array | None], text: str) -> None:
    plan, theta, columns = _ready(mazur())
    given = {**columns, **change}
    with pytest.raises(DataError, match=text):
        forward(plan, theta, {name: x for name, x in given.items() if x is not None})

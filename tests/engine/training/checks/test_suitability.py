"""Losses that get what they are not defined for, and the remedies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.declaration.loss import LossOp
from engine.declaration.op import Array
from engine.library import ops
from graph.model.edits import SetDataset, SetParam, SetParameterValues
from graph.model.tensor import Tensor
from tests.engine.documents import draw
from tests.engine.training.checks.classifiers import classifier, cycle, found, notes

COLOURS = cycle("red", "green", "blue")
YES_NO = cycle(0, 1)

SOUND: dict[str, tuple[str, list[Any], dict[str, Any]]] = {
    "scores and classes": ("cross_entropy", COLOURS, {"units": 3}),
    "log_softmax and classes": (
        "negative_log_likelihood",
        COLOURS,
        {"units": 3, "after": "log_softmax"},
    ),
    "divergence": ("kl_divergence", COLOURS, {"units": 3, "activation": "log_softmax"}),
    "log_softmax before a softmax": (
        "cross_entropy",
        COLOURS,
        {"units": 3, "after": "log_softmax"},
    ),
    "yes or no": ("binary_cross_entropy", YES_NO, {"activation": "sigmoid"}),
    "a node of its own": ("binary_cross_entropy", YES_NO, {"after": "sigmoid"}),
    "an identity after it": (
        "binary_cross_entropy",
        YES_NO,
        {"activation": "sigmoid", "after": "identity"},
    ),
    "classes as yes or no": (
        "binary_cross_entropy",
        COLOURS,
        {"units": 3, "activation": "softmax"},
    ),
    "logits": ("binary_cross_entropy_logits", YES_NO, {}),
    "soft labels": ("binary_cross_entropy_logits", cycle(0.1, 0.9), {}),
    "scaled to 0 … 1": ("binary_cross_entropy_logits", cycle(-1, 1), {"target_scaling": "min_max"}),
    "margin": ("hinge", cycle(-1, 1), {}),
    "margin of a tanh": ("hinge", cycle(-1, 1), {"activation": "tanh"}),
    "regression": ("mean_squared_error", cycle(0.2, 1.5, -3.1), {}),
    "relu regression": ("huber", cycle(0.2, 1.5, 3.1), {"activation": "relu"}),
}


@pytest.mark.parametrize("case", SOUND)
def test_what_suits_is_let_alone(case: str) -> None:
    loss, y, options = SOUND[case]
    assert found(classifier(loss, y, **options)) == []


WRONG: dict[str, tuple[str, list[Any], dict[str, Any], str, tuple[str, ...]]] = {
    "class numbers from 1": (
        "cross_entropy",
        cycle(1, 2, 3),
        {},
        "error",
        ("class numbers 1, 2 and 3", "'t'", "one-hot"),
    ),
    "class numbers from 0": (
        "cross_entropy",
        cycle(0, 1, 2, 3),
        {},
        "error",
        ("class numbers 0, 1, 2 and 3", "one-hot"),
    ),
    "one output, yes or no": (
        "cross_entropy",
        YES_NO,
        {},
        "error",
        ("one number", "binary cross entropy logits"),
    ),
    "class numbers into NLL": (
        "negative_log_likelihood",
        cycle(1, 2, 3),
        {"after": "log_softmax"},
        "error",
        ("one-hot",),
    ),
    "classes encoded as numbers": (
        "cross_entropy",
        COLOURS,
        {"encoding": {"y": "number"}},
        "error",
        ("0, 1 and 2", "one-hot"),
    ),
    "plus and minus one": (
        "binary_cross_entropy",
        cycle(-1, 1),
        {"activation": "sigmoid"},
        "error",
        ("gets −1 from 't'", "from 0 to 1", "hinge"),
    ),
    "plus and minus one into logits": (
        "binary_cross_entropy_logits",
        cycle(-1, 1),
        {},
        "error",
        ("gets −1 from 't'",),
    ),
    "percent": (
        "binary_cross_entropy",
        cycle(0, 25, 70, 100),
        {"activation": "sigmoid"},
        "error",
        ("25, 70 and 100", "scale the target"),
    ),
    "classes into yes or no": (
        "binary_cross_entropy",
        cycle(1, 2, 3),
        {"activation": "sigmoid"},
        "error",
        ("2 and 3", "one-hot"),
    ),
    "standardised yes or no": (
        "binary_cross_entropy_logits",
        YES_NO,
        {"target_scaling": "standard"},
        "error",
        ("do not scale",),
    ),
    "scores": (
        "binary_cross_entropy",
        YES_NO,
        {"scale": 9.0},
        "error",
        ("from 'o'", "needs probabilities", "put a sigmoid before it", "entropy logits"),
    ),
    "tanh": (
        "binary_cross_entropy",
        YES_NO,
        {"activation": "tanh"},
        "error",
        ("put a sigmoid before it",),
    ),
    "softmax twice": (
        "cross_entropy",
        COLOURS,
        {"units": 3, "after": "softmax"},
        "warning",
        ("applies the softmax itself", "'f'", "take the softmax away"),
    ),
    "softmax twice in a neuron": (
        "cross_entropy",
        COLOURS,
        {"units": 3, "activation": "softmax"},
        "warning",
        ("'o'",),
    ),
    "sigmoid before softmax": (
        "cross_entropy",
        COLOURS,
        {"units": 3, "activation": "sigmoid"},
        "warning",
        ("the sigmoid in 'o'",),
    ),
    "relu before softmax": (
        "cross_entropy",
        COLOURS,
        {"units": 3, "activation": "relu"},
        "warning",
        ("numbers from 0 on",),
    ),
    "sigmoid twice": (
        "binary_cross_entropy_logits",
        YES_NO,
        {"activation": "sigmoid"},
        "warning",
        ("take the sigmoid away", "binary cross entropy"),
    ),
    "sigmoid twice, handed on": (
        "binary_cross_entropy_logits",
        YES_NO,
        {"activation": "sigmoid", "after": "identity"},
        "warning",
        ("the sigmoid in 'o'",),
    ),
    "probabilities into KL": (
        "kl_divergence",
        COLOURS,
        {"units": 3, "after": "softmax"},
        "error",
        ("from 'f' (softmax)", "logarithms", "log softmax in its place"),
    ),
    "probabilities into NLL": (
        "negative_log_likelihood",
        COLOURS,
        {"units": 3, "activation": "softmax"},
        "error",
        ("from 'o' (softmax)", "logarithms"),
    ),
    "scores into NLL": (
        "negative_log_likelihood",
        COLOURS,
        {"units": 3},
        "error",
        ("put a log softmax before it",),
    ),
    "yes or no in hinge": (
        "hinge",
        YES_NO,
        {},
        "warning",
        ("gets 0 from 't'", "−1 and 1", "binary cross entropy logits"),
    ),
    "sigmoid in hinge": (
        "hinge",
        cycle(-1, 1),
        {"activation": "sigmoid"},
        "warning",
        ("both signs",),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_suit_is_named_with_its_remedy(case: str) -> None:
    loss, y, options, severity, words = WRONG[case]
    document = classifier(loss, y, **options)
    (problem,) = found(document)
    assert problem.severity == severity
    assert all(word in problem.message for word in words), problem.message
    assert "'E'" in problem.message
    assert "E" in problem.nodes
    for remedy in problem.remedies:
        back = document.apply(remedy.edit)
        assert not [one for one in found(document) if one.severity == "error"], remedy.text
        document.apply(back)
    if problem.remedies:
        document.apply(problem.remedies[0].edit)
        assert found(document) == [], problem.remedies[0].text


@pytest.mark.parametrize("case", ["class numbers from 1", "sigmoid twice", "probabilities into KL"])
def test_there_is_an_edit_that_mends_it(case: str) -> None:
    loss, y, options, _, _ = WRONG[case]
    assert found(classifier(loss, y, **options))[0].remedies


def test_scores_that_happen_to_look_like_probabilities_are_a_warning() -> None:
    document = classifier("binary_cross_entropy", YES_NO)
    zeros = Tensor.of([[0.0] * 4])
    values = {"h-o.weight": zeros, "o.bias": Tensor.of([0.5])}
    document.apply(SetParameterValues(values))
    (problem,) = found(document)
    assert problem.severity == "warning"
    assert "nothing keeps 'o' between 0 and 1" in problem.message


def test_a_softmax_by_hand_is_recognised_by_its_numbers() -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("a", "b")}),
            "o": ("neuron", {"units": 3, "activation": "exp"}),
            "one": ("constant", {"value": (1.0, 1.0, 1.0)}),
            "sum": "dot",
            "p": "divide",
            "t": ("target", {"columns": ("y",)}),
            "E": "cross_entropy",
        },
        ["x o", "o sum:a", "one sum:b", "o p:a", "sum p:b", "p E:prediction", "t E:target"],
    )
    document.apply(SetDataset(classifier("cross_entropy", COLOURS, units=3).dataset))
    (problem,) = found(document)
    assert "'p' gives probabilities already" in problem.message


def test_several_single_outputs_are_looked_at_one_by_one() -> None:
    nodes = {f"o{k}": ("neuron", {"activation": "sigmoid"}) for k in range(3)}
    document = draw(
        {
            "x": ("input", {"columns": ("a", "b")}),
            **nodes,
            "j": "concat",
            "t": ("target", {"columns": ("y",)}),
            "E": "cross_entropy",
        },
        [*(f"x {o}" for o in nodes), *(f"{o} j" for o in nodes), "j E:prediction", "t E:target"],
    )
    dataset = classifier("cross_entropy", COLOURS, units=3).dataset
    document.apply(SetDataset(dataset))
    (problem,) = found(document)
    assert "the sigmoid in 'o0'" in problem.message


def test_a_loss_that_counts_nothing_is_not_judged() -> None:
    document = classifier("binary_cross_entropy", cycle(-1, 1), activation="sigmoid")
    document.apply(SetParam("E", "importance", 0.0))
    assert found(document) == []


def test_large_columns_and_saturated_units_are_notes() -> None:
    document = classifier("mean_squared_error", cycle(100.0, 250.0, 421.5), scale=500.0)
    texts = [note.message for note in notes(document)]
    assert any("'x' reads 'a'" in text and "standardise the inputs" in text for text in texts)
    assert any("'t' reads 'y' (up to 421.5)" in text for text in texts)
    assert any("'h' is saturated" in text for text in texts)
    while mending := [remedy for note in notes(document) for remedy in note.remedies]:
        document.apply(mending[0].edit)
    assert notes(document) == []


def test_classes_in_one_number_are_a_note_under_a_distance() -> None:
    (note,) = notes(classifier("half_squared_error", cycle(1, 2, 3)))
    assert "1, 2 and 3" in note.message
    assert notes(classifier("half_squared_error", cycle(0, 1))) == []
    assert notes(classifier("half_squared_error", cycle(1.0, 2.5, 3.0))) == []


@pytest.mark.parametrize("kind", sorted(ops()))
def test_no_operation_leaves_the_bounds_it_declares(kind: str) -> None:
    op = ops()[kind]
    if op.bounds is None:
        return
    numbers = np.random.default_rng(1).normal(size=(50, 6)) * np.logspace(-3, 3, 50)[:, None]
    with np.errstate(all="ignore"):
        out: Array = op.forward(numbers)
    known = out[~np.isnan(out)]
    assert known.min() >= op.bounds[0]
    assert known.max() <= op.bounds[1]


def test_losses_name_kinds_that_exist() -> None:
    losses = [op for op in ops().values() if isinstance(op, LossOp)]
    for op in losses:
        for kind in filter(None, (op.needs.applies, op.needs.after, *op.needs.instead.values())):
            assert kind in ops()
    assert {op.spec.kind for op in losses if op.needs.target != "any"} >= {"cross_entropy", "hinge"}

"""Factors that gradients share: computed once, they are those of the texts' derivations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.analysis.explanation import Explainer, Quantity
from engine.headless.experiment import make_ready, read_document

EXAMPLES = Path(__file__).parents[4] / "examples"


def explainer(name: str) -> Explainer:
    path = EXAMPLES / f"{name}.gradwire"
    ready = make_ready(read_document(path), path.parent)
    return Explainer(ready.document, ready.plan, ready.theta, ready.columns(np.array([0])), 1)


def shared(name: str, parameter: str) -> dict[str, set[str]]:
    found = explainer(name).reuse(Quantity("gradient", parameter))
    return {one.factor.quantity: {other.quantity for other in one.others} for one in found}


@pytest.mark.parametrize(
    ("name", "parameter", "expected"),
    [
        (  # Raschka: (o − t)·o(1 − o) is in ∂E/∂w₁, ∂E/∂w₂ and ∂E/∂b
            "raschka_logistic",
            "x1-o.weight",
            {"delta:o": {"gradient:x2-o.weight", "gradient:o.bias"}},
        ),
        (  # Dolhansky, case 3: δ(k) is in Δw of i → k and in δ(i); zᵢ goes to both units
            "dolhansky_3_outputs",
            "i-k.weight",
            {"delta:k": {"delta:i"}, "value:i": {"gradient:i-j.weight"}},
        ),
    ],
)
def test_they_are_those_of_the_texts(
    name: str, parameter: str, expected: dict[str, set[str]]
) -> None:
    assert shared(name, parameter) == expected


@pytest.mark.parametrize("name", ["mazur", "xor", "exam", "rnn_unrolled"])
def test_each_of_them_can_be_explained_and_has_the_factor(name: str) -> None:
    explains = explainer(name)
    plan = make_ready(read_document(EXAMPLES / f"{name}.gradwire"), EXAMPLES).plan
    for parameter in plan.parameters.names:
        for reuse in explains.reuse(Quantity("gradient", parameter)):
            for other in reuse.others:
                found = explains.explain(other.quantity, 9)
                assert reuse.factor.quantity.partition("[")[0] in quantities(found), other


def quantities(found: object) -> set[str]:
    terms = getattr(found, "terms", ())
    own = {getattr(found, "quantity", "").partition("[")[0]}
    return own.union(*(quantities(term) for term in terms))

"""Symbols are those of the blackboard: names that a file gives, else indices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.analysis.explanation import Explainer
from engine.analysis.explanation.formats import latex, text_lines
from engine.headless.experiment import make_ready, read_document
from graph.model.edits import SetEdgeLabel

EXAMPLES = Path(__file__).parents[4] / "examples"


def explainer(name: str, **labels: str) -> Explainer:
    path = EXAMPLES / f"{name}.gradwire"
    document = read_document(path)
    for edge, label in labels.items():
        document.apply(SetEdgeLabel(edge.replace("_", "-"), label))
    experiment = make_ready(document, path.parent)
    columns = experiment.columns(np.arange(1))
    return Explainer(document, experiment.plan, experiment.theta, columns, experiment.m)


@pytest.mark.parametrize(
    ("name", "quantity", "symbol"),
    [
        ("raschka_logistic", "gradient:x1-o.weight", "∂E/∂w₁"),
        ("raschka_logistic", "gradient:x2-o.weight", "∂E/∂w₂"),
        ("dolhansky_1_chain", "gradient:j-k.weight", "∂E/∂wⱼₖ"),
        ("dolhansky_3_outputs", "gradient:i-k.weight", "∂E/∂wᵢₖ"),
        ("mazur", "update:h1-o1.weight", "w₅⁺"),
        ("ng_test_network", "gradient:x2-h1.weight", "∂E/∂Θ₁₂⁽¹⁾"),
        ("rnn_unrolled", "gradient:u", "∂E/∂u"),
        ("raschka_two_layers", "gradient:W1.weight[0,1]", "∂E/∂W₁[0,1]"),
        ("raschka_two_layers", "gradient:b2.bias", "∂E/∂b₂"),
        ("raschka_two_layers", "value:W2", "W₂·h"),
        ("four_diagrams", "gradient:O.weight", "∂E/∂W"),
        ("xor", "gradient:x1-h1.weight", "∂E/∂w(x₁ → h₁)"),
    ],
)
def test_parameters_have_the_names_of_the_texts(name: str, quantity: str, symbol: str) -> None:
    assert explainer(name).explain(quantity).symbol == symbol


def test_a_name_goes_where_the_weight_goes() -> None:
    found = explainer("xor", h1_o="v₁").explain("delta:h1")
    assert [factor.symbol for factor in found.terms[1].terms[0].terms] == ["v₁", "δ(ŷ)"]


def test_without_names_the_ends_are_the_index() -> None:
    text = latex(explainer("xor").explain("delta:h1"))
    assert r"\delta_{h_{1}} &= " in text
    assert r"w_{h_{1}\to \hat{y}}\cdot \delta_{\hat{y}}" in text


def test_the_loss_e_is_no_factor() -> None:
    """∂E/∂ŷ = ŷ − t: there is no further ∂E/∂E."""
    found = explainer("xor").explain("gradient:o", 3)
    assert [term.symbol for term in found.terms] == ["message(ŷ → E)"]
    assert [factor.symbol for factor in found.terms[0].terms] == ["∂E/∂ŷ"]


def test_the_slope_of_a_loss_is_written_with_the_names_of_the_nodes() -> None:
    found = explainer("raschka_logistic").explain("delta:o")
    assert any(line.startswith("∂E/∂o = o − t = ") for line in text_lines(found))
    assert r"\frac{\partial E}{\partial o} &= o - t = " in latex(found)


def test_of_a_vector_the_names_have_the_index_of_the_component() -> None:
    found = explainer("ng_test_network").explain("gradient:a[1]", 2)
    told = "\n".join(text_lines(found))
    assert "(h(x)[1] − y[1])/(h(x)[1]·(1 − h(x)[1]))" in told
    assert "ŷ" not in told

"""Paths: all of them add up to the gradient, each is the product along its edges."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path as File
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.explanation import Explainer, parse_quantity
from engine.analysis.explanation.paths.largest_paths import Paths, paths_of
from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.errors import DataError
from engine.headless.experiment import Experiment, make_ready, read_document
from engine.interpreter.parameter_vector import initial
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.edits import SetTraining
from graph.model.training import Training
from tests.engine.random_documents import RandomDocument

EXAMPLES = File(__file__).parents[5] / "examples"
MANY = 100_000
Made: TypeAlias = tuple[Document, Plan, Array, Mapping[str, Array]]


def opened(name: str) -> Experiment:
    path = EXAMPLES / f"{name}.gradwire"
    return make_ready(read_document(path), path.parent)


def found(experiment: Experiment, name: str, rows: int = 1, most: int = MANY) -> Paths:
    columns = experiment.columns(np.arange(rows))
    made = experiment.document, experiment.plan, experiment.theta, columns
    return paths_of(*made, parse_quantity(f"paths:{name}"), most)


def explained(experiment: Experiment, name: str, rows: int = 1) -> float:
    columns = experiment.columns(np.arange(rows))
    made = experiment.document, experiment.plan, experiment.theta, columns
    return Explainer(*made, experiment.m).explain(name).value


def add_up(paths: Paths, expected: float) -> None:
    """Check that all paths were found, and that they are the gradient."""
    assert len(paths.largest) == paths.count
    contributions = [path.contribution for path in paths.largest]
    size = max(map(abs, contributions), default=0.0)
    room = 1e-12 * size * max(len(contributions), 1) + 1e-15
    assert math.fsum(contributions) == pytest.approx(expected, rel=1e-12, abs=room)
    assert paths.gradient == pytest.approx(expected, rel=1e-12, abs=room)
    if paths.rows == 1:
        for path in paths.largest:
            product = math.prod(factor.value for factor in path.factors)
            assert product == pytest.approx(path.contribution, rel=1e-12, abs=1e-15)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([1, 3]), st.booleans())
def test_on_random_graphs_they_add_up(seed: int, rows: int, of_a_node: bool) -> None:
    """Vectors, shared weights, several losses, one row and means; of E and of other numbers."""
    drawn = RandomDocument(seed, 8)
    document = drawn.document
    document.apply(SetTraining(Training()))
    plan = compile_document(document, drawn.schema)
    theta = initial(plan, document, seed)
    columns = {name: column[:rows] for name, column in drawn.columns.items()}
    explainer = Explainer(document, plan, theta, columns, 1)
    penalties = {penalty.node for penalty in plan.penalties}
    nodes = [node for node in plan.outputs if node not in penalties]
    of = ""
    if of_a_node:
        width = plan.widths[plan.outputs[nodes[-1]]]
        of = f"|{nodes[-1]}[{width - 1}]" if width > 1 else f"|{nodes[-1]}"
    kind = "derivative" if of else "gradient"
    checked = 0
    for node in nodes:
        width = plan.widths[plan.outputs[node]]
        place = f"{node}[{width - 1}]" if width > 1 else node
        checked += check(explainer, (document, plan, theta, columns), f"{place}{of}", kind)
    for parameter in plan.parameters:
        covered = {plan.parameters[i].name for one in plan.penalties for i in one.parameters}
        if parameter.name in covered and not of:
            continue  # a penalty is no path
        entry = ",".join(str(n - 1) for n in parameter.shape)
        place = f"{parameter.name}[{entry}]{of}"
        checked += check(explainer, (document, plan, theta, columns), place, kind)
    assert checked


def check(explainer: Explainer, made: Made, place: str, kind: str) -> int:
    try:
        paths = paths_of(*made, parse_quantity(f"paths:{place}"), MANY)
    except DataError:  # too many single numbers
        return 0
    expected = explainer.explain(f"{kind}:{place}").value
    assert paths.gradient == pytest.approx(expected, rel=1e-9, abs=1e-12)
    if paths.is_exact and paths.count <= 2_000:
        add_up(paths, expected)
    return 1


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["mazur", "rnn_unrolled", "exam", "dolhansky_3_outputs"])
def test_of_every_node_and_parameter_they_add_up(name: str, rows: int) -> None:
    experiment = opened(name)
    assert experiment.data is not None
    rows = min(rows, experiment.data.rows)
    for place in (*experiment.plan.outputs, *experiment.plan.parameters.names):
        expected = explained(experiment, f"gradient:{place}", rows)
        add_up(found(experiment, place, rows), expected)


def test_mazur_has_the_two_paths_of_the_article() -> None:
    paths = found(opened("mazur"), "h1")
    assert [path.nodes for path in paths.largest] == [("h1", "o1", "E1"), ("h1", "o2", "E2")]
    contributions = [path.contribution for path in paths.largest]
    assert contributions == pytest.approx([0.055399425, -0.019049119], abs=1e-8)  # as printed there


def test_the_three_factors_of_a_weight_side_by_side() -> None:
    """Mazur: ∂E/∂w₅ = 0.74136507 · 0.186815602 · 0.593269992 = 0.082167041."""
    (path,) = found(opened("mazur"), "h1-o1.weight").largest
    named = [(factor.symbol, factor.value) for factor in path.factors if factor.value != 1]
    assert [symbol for symbol, _ in named] == ["∂E₁/∂o₁", "∂o₁/∂s(o₁)", "∂s(o₁)/∂w₅"]
    printed = [0.74136507, 0.186815602, 0.593269992]
    assert [value for _, value in named] == pytest.approx(printed, abs=1e-8)
    assert path.contribution == pytest.approx(0.082167041, abs=1e-8)


def test_the_factors_of_a_chain_lead_from_e_to_the_first_weight() -> None:
    """Dolhansky, case 1: ∂E/∂w_ij link by link."""
    (path,) = found(opened("dolhansky_1_chain"), "i-j.weight").largest
    assert [factor.symbol for factor in path.factors] == [
        "∂E/∂ŷ",
        "∂ŷ/∂s(ŷ)",
        "∂s(ŷ)/∂zₖ",
        "∂zₖ/∂s(zₖ)",
        "∂s(zₖ)/∂zⱼ",
        "∂zⱼ/∂s(zⱼ)",
        "∂s(zⱼ)/∂wᵢⱼ",
    ]


def test_of_a_vector_there_are_those_of_a_component() -> None:
    experiment = opened("raschka_two_layers")
    width = experiment.plan.widths[experiment.plan.outputs["h"]]
    for i in range(width):
        paths = found(experiment, f"h[{i}]")
        assert paths.count == 1
        add_up(paths, explained(experiment, f"gradient:h[{i}]"))
    paths = found(experiment, "W1.weight[0,0]")
    add_up(paths, explained(experiment, "gradient:W1.weight[0,0]"))
    assert paths.symbol == "∂E/∂W₁[0,0]"


def test_the_largest_of_many_are_told() -> None:
    paths = found(opened("digits"), "x[20]", most=3)
    assert paths.count > 3
    sizes = [abs(path.contribution) for path in paths.largest]
    assert sizes == sorted(sizes, reverse=True)
    everything = found(opened("digits"), "x[20]")
    assert sizes == [abs(path.contribution) for path in everything.largest[:3]]


def test_of_several_rows_more_paths_than_can_be_looked_at_are_not_called_the_largest() -> None:
    paths = found(opened("digits"), "x[20]", rows=2, most=3)
    assert paths.is_exact is (paths.count <= 2_048)
    assert len(paths.largest) == 3

"""The score of an update: every number becomes known once, after all that it depends on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.score import Phase, Score
from engine.analysis.score_stops import score_of
from engine.compiler.compile import compile_document
from engine.data import prepare
from engine.library import library
from engine.plan.plan import Plan
from graph.files.storage import load
from graph.model.document import Document
from graph.model.kinds import Role
from tests.engine.random_documents import RandomDocument

EXAMPLES = Path(__file__).parents[3] / "examples"


def of_example(name: str) -> tuple[Document, Plan, Score]:
    document = load(EXAMPLES / f"{name}.gradwire", library())
    assert document.dataset is not None
    data = prepare(document.dataset, EXAMPLES)
    plan = compile_document(document, data.schema)
    return document, plan, score_of(document, plan)


def quantities(score: Score, phase: Phase) -> list[str]:
    return [stop.quantity for stop in score if stop.phase is phase]


def test_a_chain_is_gone_through_as_the_text_derives_it() -> None:
    """Dolhansky's case 3: the unit with two paths to the output comes last on the way back."""
    _, _, score = of_example("dolhansky_3_outputs")
    assert quantities(score, Phase.FORWARD) == [
        *("value:in", "s:i", "value:i", "s:j", "value:j", "s:k", "value:k"),
        *("s:o", "value:o", "value:y"),
    ]
    assert quantities(score, Phase.LOSS) == ["loss:E", "E"]
    assert quantities(score, Phase.BACKWARD) == [
        *("gradient:E", "message:o-E", "gradient:o", "delta:o"),
        *("message:k-o", "gradient:k", "delta:k"),
        *("message:j-o", "gradient:j", "delta:j"),
        *("message:i-k", "message:i-j", "gradient:i", "delta:i"),
    ]
    weights = ["k-o", "j-o", "i-k", "i-j", "in-i"]
    assert quantities(score, Phase.GRADIENTS) == [f"gradient:{edge}.weight" for edge in weights]
    assert quantities(score, Phase.UPDATE) == [f"update:{edge}.weight" for edge in weights]


def test_what_has_no_inputs_comes_when_it_is_first_read() -> None:
    _, _, score = of_example("raschka_two_layers")
    nodes = [*("x", "W1", "b1", "s1", "h"), *("W2", "b2", "s2", "o", "t")]
    assert quantities(score, Phase.FORWARD) == [f"value:{node}" for node in nodes]
    names = ["W2.weight", "b2.bias", "W1.weight", "b1.bias"]
    assert quantities(score, Phase.UPDATE) == [f"update:{name}" for name in names]


TEXTS = {
    "raschka_two_layers": (
        "value:x value:W1 value:s1 value:h value:W2 value:s2 value:o loss:E gradient:o gradient:s2"
        " gradient:h gradient:s1 gradient:W2.weight gradient:W1.weight update:W2.weight"
        " update:W1.weight"
    ),
    "dolhansky_1_chain": (
        "value:i s:j value:j s:k value:k s:o value:o loss:E gradient:o delta:o gradient:k delta:k"
        " gradient:j delta:j gradient:k-o.weight gradient:j-k.weight gradient:i-j.weight"
        " update:k-o.weight update:j-k.weight update:i-j.weight"
    ),
    "dolhansky_2_inputs": (
        "s:j value:j s:k value:k s:o value:o loss:E delta:o delta:k delta:j gradient:k-o.weight"
        " gradient:j-k.weight gradient:i1-j.weight update:k-o.weight update:j-k.weight"
    ),
    "ng_test_network": (
        "value:x1 s:h1 value:h1 s:o1 value:o1 loss:J delta:o1 message:h1-o1 gradient:h1 delta:h1"
        " gradient:h1-o1.weight gradient:x1-h1.weight update:h1-o1.weight update:x1-h1.weight"
    ),
    "exam": (
        "value:x1 s:h1 value:h1 s:o value:o loss:E delta:o message:h1-o gradient:h1 delta:h1"
        " gradient:h1-o.weight gradient:o.bias gradient:x1-h1.weight gradient:h1.bias"
    ),
    "four_diagrams": (
        "value:A value:O loss:c gradient:c message:O-c gradient:O gradient:O.weight update:O.weight"
    ),
    "mazur": (
        "s:h1 value:h1 s:o1 value:o1 loss:E1 loss:E2 E gradient:o1 delta:o1 message:h1-o1"
        " gradient:h1 delta:h1 gradient:h1-o1.weight gradient:i1-h1.weight update:h1-o1.weight"
    ),
    "xor": "s:h1 value:h1 s:o value:o loss:E delta:o delta:h1 gradient:h1-o.weight update:o.bias",
}
"""What a text derives, in its order; the rest comes somewhere in between."""


@pytest.mark.parametrize("name", TEXTS)
def test_the_stops_come_in_the_order_of_the_text(name: str) -> None:
    _, _, score = of_example(name)
    wanted = TEXTS[name].split()
    assert [stop.quantity for stop in score if stop.quantity in set(wanted)] == [*wanted]


def test_stops_are_told_by_the_labels_of_the_canvas() -> None:
    _, _, score = of_example("dolhansky_3_outputs")
    title = {stop.quantity: stop.title for stop in score}
    assert title["s:j"] == "net input s of zⱼ"
    assert title["message:i-k"] == "message from zₖ arrives at zᵢ"
    assert title["gradient:k-o.weight"] == "gradient of wₖₒ"


def test_penalties_have_stops_of_their_own() -> None:
    _, plan, score = of_example("ng_test_network_regularised")
    weights = [p.name for p in plan.parameters if not p.is_bias]
    assert sorted(quantities(score, Phase.PENALTY)) == sorted(f"penalty:{name}" for name in weights)
    index = plan.parameters.index(plan.parameters.find(weights[0]))
    known = score.parameter_gradient_from[index]
    assert score[int(known)].quantity == f"penalty:{weights[0]}"


@pytest.mark.parametrize("name", ["mazur", "xor", "rnn_unrolled", "four_diagrams", "gated"])
def test_going_by_phases_and_back(name: str) -> None:
    _, _, score = of_example(name)
    starts, index = [0], score.next_phase(0)
    while index is not None:
        assert score[index].phase is not score[starts[-1]].phase
        assert score[score.end_of_phase(starts[-1])].phase is score[starts[-1]].phase
        starts.append(index)
        index = score.next_phase(index)
    back, place = [], score.previous_phase(len(score))
    while place is not None:
        back.append(place)
        place = score.previous_phase(place)
    assert back == starts[::-1]


def test_a_place_is_found_with_the_parameters_it_carries() -> None:
    _, _, score = of_example("mazur")
    at = [score[i].quantity for i in score.find("h1").tolist()]
    assert at == ["s:h1", "value:h1", "gradient:h1", "delta:h1", *at[4:]]
    edge = next(iter(score.plan.weights))
    at = [score[i].quantity for i in score.find(edge).tolist()]
    assert at[-2:] == [f"gradient:{edge}.weight", f"update:{edge}.weight"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000))
def test_all_is_known_once_and_after_what_it_depends_on(seed: int) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    plan = compile_document(document, drawn.schema)
    score = score_of(document, plan)
    found = [stop.quantity for stop in score]
    assert len(found) == len(set(found))
    at = {quantity: index for index, quantity in enumerate(found)}
    for edge in document.edges.values():
        if edge.id not in plan.edges:
            continue
        forward = at.get(f"value:{edge.source}", at.get(f"loss:{edge.source}", -1))
        spec = document.spec(edge.target)
        if spec is not None and spec.role is not Role.LOSS:
            assert forward < at[f"value:{edge.target}"]
        message = at.get(f"message:{edge.id}")
        if message is not None:
            own = "delta" if edge.target in plan.nets else "gradient"
            assert at[f"{own}:{edge.target}"] < message < at[f"gradient:{edge.source}"]
    for node in plan.nets:
        assert at[f"s:{node}"] < at[f"value:{node}"]
        if f"delta:{node}" in at:
            assert at[f"gradient:{node}"] < at[f"delta:{node}"]
    order = [list(Phase).index(stop.phase) for stop in score]
    assert order == sorted(order)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000))
def test_a_quantity_is_known_from_its_stop_on(seed: int) -> None:
    drawn = RandomDocument(seed)
    plan = compile_document(drawn.document, drawn.schema)
    score = score_of(drawn.document, plan)
    at = {stop.quantity: stop.index for stop in score}
    for quantity, index in at.items():
        assert score.known_from(quantity) == score.known_from(f"{quantity}[0]") == index
    for node in plan.nets:
        assert score.known_from(f"slope:{node}") == at.get(f"delta:{node}", len(score))
    for loss in plan.losses:
        assert score.known_from(f"value:{loss.node}") == at[f"loss:{loss.node}"]
    for quantity in ("value:nowhere", "nothing:h1", ""):
        assert score.known_from(quantity) == len(score)

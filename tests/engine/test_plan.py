"""A plan is plain data, and `check_plan` refuses every malformed one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.compiling import compile_document
from engine.errors import PlanError, ShapeError
from engine.plan import Plan, Step, check_plan
from graph.edits import SetLabel, SetParam
from tests.engine.documents import mazur, ng, widths


@pytest.fixture
def plan() -> Plan:
    document, columns = ng()
    return compile_document(document, widths(columns))


def test_a_compiled_plan_is_well_formed(plan: Plan) -> None:
    check_plan(plan)


def _with_step(index: int, change: Callable[[Step], Step]) -> Callable[[Plan], Plan]:
    def changed(plan: Plan) -> Plan:
        steps = list(plan.steps)
        steps[index] = change(steps[index])
        return replace(plan, steps=tuple(steps))

    return changed


_BROKEN: dict[str, Callable[[Plan], Plan]] = {
    "a step reads a later slot": _with_step(1, lambda s: replace(s, inputs=(5,))),
    "a step reads its own slot": _with_step(1, lambda s: replace(s, inputs=(1,))),
    "a step writes another slot": _with_step(1, lambda s: replace(s, output=0)),
    "a slot without a parameter": _with_step(1, lambda s: replace(s, slots={"weight": 99})),
    "a missing slot": _with_step(1, lambda s: replace(s, slots={})),
    "a parameter of another shape": _with_step(1, lambda s: replace(s, slots={"weight": 1})),
    "an operation of another width": lambda p: replace(p, widths=(2, 5, *p.widths[2:])),
    "a width of nothing": lambda p: replace(p, widths=(0, *p.widths[1:])),
    "one width too few": lambda p: replace(p, widths=p.widths[:-1]),
    "a gap in θ": lambda p: replace(
        p, parameters=(replace(p.parameters[0], offset=1), *p.parameters[1:])
    ),
    "a size that is not the shape's": lambda p: replace(
        p, parameters=(replace(p.parameters[0], size=3), *p.parameters[1:])
    ),
    "θ too long": lambda p: replace(p, size=p.size + 1),
    "one name twice": lambda p: replace(
        p, parameters=(replace(p.parameters[0], name=p.parameters[1].name), *p.parameters[1:])
    ),
    "an output that is not there": lambda p: replace(p, outputs={"x": 99}),
    "a net that is not there": lambda p: replace(p, nets={"a2": -1}),
    "an edge to no step": lambda p: replace(p, edges={"x-a2": (99, 0)}),
    "an edge to no input": lambda p: replace(p, edges={"x-a2": (1, 1)}),
    "a weight that is not there": lambda p: replace(p, weights={"x-a2": 99}),
    "a wide loss": lambda p: replace(p, losses=(replace(p.losses[0], value=0),)),
    "a loss of no slot": lambda p: replace(p, losses=(replace(p.losses[0], target=99),)),
    "an infinite importance": lambda p: replace(
        p, losses=(replace(p.losses[0], importance=float("inf")),)
    ),
}


@pytest.mark.parametrize("what", _BROKEN)
def test_check_plan_refuses(plan: Plan, what: str) -> None:
    with pytest.raises(PlanError):
        check_plan(_BROKEN[what](plan))


def test_a_wrong_width_names_the_node(plan: Plan) -> None:
    with pytest.raises(ShapeError, match="a2") as caught:
        check_plan(_BROKEN["an operation of another width"](plan))
    assert caught.value.node == "a2"


def test_a_plan_shares_nothing_with_the_document() -> None:
    document, columns = mazur()
    plan = compile_document(document, widths(columns))
    before = compile_document(document, widths(columns))
    document.apply(SetParam("h1", "activation", "relu"))
    document.apply(SetLabel("h1", "changed"))
    document.apply(SetParam("i1", "columns", ("x2",)))
    assert plan == before
    assert plan != compile_document(document, widths(columns))


def test_source_of_an_edge(plan: Plan) -> None:
    assert plan.source("x-a2") == plan.outputs["x"]
    assert plan.source("a3-J") == plan.outputs["a3"]

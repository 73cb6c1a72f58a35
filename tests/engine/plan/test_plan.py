"""A plan is plain data, and `check_plan` refuses every malformed one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.arrays.columnar import ComposedNames, IdIndex, integers
from engine.compiler.compile import compile_document
from engine.errors import PlanError, ShapeError
from engine.plan.plan import Plan, Step, check_plan
from graph.model.edits import SetLabel, SetParam
from tests.engine.documents import mazur, ng, widths
from tests.engine.plan.rows import parameters_of, steps_of


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
        return replace(plan, steps=steps_of(steps))

    return changed


def _with_first(plan: Plan, **changes: Any) -> Plan:
    first, *others = plan.parameters
    return replace(plan, parameters=parameters_of([first._replace(**changes), *others]))


def _index(key: str, *numbers: int) -> IdIndex[Any]:
    return IdIndex(ComposedNames.of((key,)), *(integers([number]) for number in numbers))


_BROKEN: dict[str, Callable[[Plan], Plan]] = {
    "a step reads a later slot": _with_step(1, lambda s: s._replace(inputs=(5,))),
    "a step reads its own slot": _with_step(1, lambda s: s._replace(inputs=(1,))),
    "a slot without a parameter": _with_step(1, lambda s: s._replace(slots={"weight": 99})),
    "a missing slot": _with_step(1, lambda s: s._replace(slots={})),
    "a parameter of another shape": _with_step(1, lambda s: s._replace(slots={"weight": 1})),
    "an operation of another width": lambda p: replace(p, widths=(2, 5, *p.widths[2:])),
    "a width of nothing": lambda p: replace(p, widths=(0, *p.widths[1:])),
    "one width too few": lambda p: replace(p, widths=p.widths[:-1]),
    "a gap in θ": lambda p: _with_first(p, offset=1),
    "a size that is not the shape's": lambda p: _with_first(p, size=3),
    "θ too long": lambda p: replace(p, size=p.size + 1),
    "one name twice": lambda p: _with_first(p, name=p.parameters[1].name),
    "an output that is not there": lambda p: replace(p, outputs=_index("x", 99)),
    "a net that is not there": lambda p: replace(p, nets=_index("a2", -1)),
    "an edge to no step": lambda p: replace(p, edges=_index("x-a2", 99, 0)),
    "an edge to no input": lambda p: replace(p, edges=_index("x-a2", 1, 1)),
    "a weight that is not there": lambda p: replace(p, weights=_index("x-a2", 99)),
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

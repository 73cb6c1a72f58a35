"""How exported source calls the operations' functions, and which lines it draws together."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from engine.declaration.dry_run import dry_arguments
from engine.declaration.equation_text import equation_text
from engine.declaration.equations import indices_of
from engine.declaration.loss import LossOp, each_component, over_components
from engine.declaration.op import Op
from engine.errors import PlanError
from engine.export.operation_source import OperationSource, SourceError
from engine.export.plain_function import WrittenFunction
from engine.plan.plan import Plan, Step, port_widths

Returned: TypeAlias = tuple[bool, ...] | None

RESERVED = frozenset(
    {
        *("forward", "error", "backward", "descend", "component", "covering"),
        *("np", "SimpleNamespace", "P", "NODES", "FROZEN", "E", "p", "v", "d", "g", "rows"),
        *("columns", "name", "names", "gradient", "message", *dir(builtins)),
    }
)
"""Names that the exported source uses itself."""


@dataclass(frozen=True, slots=True)
class StepText:
    """What one step's arguments are called in the exported source."""

    inputs: tuple[str, ...]
    output: str
    keywords: Mapping[str, str]


@dataclass(slots=True)
class OperationCalls:
    """The functions of the operations that are called, and how."""

    source: OperationSource = field(default_factory=lambda: OperationSource(RESERVED))
    _rules: dict[Op, WrittenFunction] = field(default_factory=dict)
    _returned: dict[tuple[object, ...], Returned] = field(default_factory=dict)

    def value(self, step: Step, text: StepText) -> str:
        """Return the call of a step's function.

        Raises `PlanError` if its source cannot be written; so do the other methods.
        """
        function = step.op.terms if isinstance(step.op, LossOp) else step.op.forward
        written = self._written(step, function, function.__name__)
        call = written.call(*text.inputs, **text.keywords)
        if not isinstance(step.op, LossOp):
            return call
        together = self.source.function(over_components, "over_components")
        return together.call(call, repr(step.params["components"]))

    def messages(self, step: Step, text: StepText, delta: str) -> str:
        """Return the call of a step's derivative."""
        rule = self._rule(step)
        if not isinstance(step.op, LossOp):
            return rule.call(delta, text.output, *text.inputs, **text.keywords)
        if step.params["components"] == "mean":
            each = self.source.function(each_component, "each_component")
            delta = each.call(delta, f"{text.inputs[1]}.shape[1]", "'mean'")
        return rule.call(delta, *text.inputs, **text.keywords)

    def returned(self, step: Step, plan: Plan) -> Returned:
        """Return which parts a step's derivative gives (not None); None of one bare array.

        It is found by running it on ones.
        """
        widths = tuple(plan.widths[slot] for slot in step.inputs)
        key = (id(step.op), id(step.params), widths)
        if key not in self._returned:
            self._returned[key] = _returned(step.op, step, widths)
        return self._returned[key]

    def reads_output(self, step: Step) -> bool:
        """Return whether a step's derivative uses its output."""
        return not isinstance(step.op, LossOp) and self._rule(step).positional[1]

    def _rule(self, step: Step) -> WrittenFunction:
        op = step.op
        if op not in self._rules:
            is_loss = isinstance(op, LossOp)
            rule = op.slopes if isinstance(op, LossOp) else op.backward
            assert rule is not None  # asked for only where something flows back
            symbolic = op.symbolic({"components": "sum"} if is_loss else {})
            equations = symbolic.derivatives.values() if len(op.texts) == 1 else ()
            summary = ",  ".join(map(equation_text, equations))
            self._rules[op] = self._written(step, rule, f"{op.spec.kind}_derivative", summary)
        return self._rules[op]

    def _written(
        self, step: Step, function: Callable[..., Any], name: str, summary: str = ""
    ) -> WrittenFunction:
        try:
            return self.source.function(function, name, summary)
        except SourceError as error:
            kind = step.op.spec.kind
            message = f"the kind {kind!r} cannot be written in NumPy: {error}"
            raise PlanError(message, step.owner) from error


def inlined(plan: Plan, calls: OperationCalls) -> set[int]:
    """Return the slots written in place where they are read: a neuron's weights and bias.

    They are inside a composite, read once, by a step that passes δ on as it is, and nobody's
    derivative needs their value.
    """
    readers = Counter(slot for step in plan.steps for slot in step.inputs)
    shown = set(plan.outputs.values()) | set(plan.nets.values())
    result: set[int] = set()
    for step in plan.steps:
        if not passes_on(step, plan):
            continue
        for inner in (plan.steps[slot] for slot in step.inputs):
            is_simple = bool(inner.slots) and not inner.op.saves
            is_inside = inner.output not in shown and inner.owner == step.owner
            if is_simple and is_inside and readers[inner.output] == 1:
                result |= set() if calls.reads_output(inner) else {inner.output}
    return result


def passes_on(step: Step, plan: Plan) -> bool:
    """Return whether a step's δ goes to all its inputs as it is: ∂z/∂x = 1, equal widths."""
    width = plan.widths[step.output]
    if step.slots or not step.inputs or any(plan.widths[slot] != width for slot in step.inputs):
        return False
    symbolic = step.op.symbolic(step.params)
    for port in step.op.spec.ports:
        equation = symbolic.derivative(port.name)
        if equation is None or equation.by is None or indices_of(equation.left):
            return False
        is_one = isinstance(equation.right, ast.Constant) and equation.right.value == 1
        if not is_one or len(indices_of(equation.by)) != int(port.variadic):
            return False
    return True


def _returned(op: Op, step: Step, widths: tuple[int, ...]) -> Returned:
    ports, keywords = dry_arguments(
        op.spec, step.params, dict(port_widths(op.spec, widths)), op.takes_context
    )
    assert op.backward is not None
    with np.errstate(all="ignore"):
        output = op.forward(*ports, **keywords)
        if op.saves:
            output, keywords["saved"] = output
        found = op.backward(np.ones_like(output), output, *ports, **keywords)
    if isinstance(found, np.ndarray):
        return None
    return tuple(part is not None for part in found)

"""A document as a Python file that needs NumPy only: forward, error and backward, to be read.

The steps of the plan become one line each. The lines of a neuron are drawn together: its weights
and bias stand inside its weighted sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.declaration.op import Array
from engine.errors import PlanError
from engine.export.numpy_functions import functions_called
from engine.export.numpy_names import (
    after_targets,
    columns_text,
    identifiers,
    inlined,
    leads_to_parameters,
    literal,
    plain,
)
from engine.export.numpy_rows import PENALTIES, ROWS, SourceNames, write, write_messages
from engine.interpreter.parameter_vector import views
from engine.plan.plan import Plan, Step
from graph.model.document import Document
from graph.model.kinds import Role
from graph.model.training import Training

_HEAD = '''"""{title}

Written by Gradwire; needs NumPy only. Columns are arrays (rows, width), prepared as in Gradwire
(scaled and encoded). Try:

    v = forward(columns, P)         # v.<node> is the value of each node, (rows, width)
    E = error(columns, P, v)        # the columns of the targets are needed here only
    g, d = backward(P, v)           # g[<parameter>] = dE/dparameter, d.<node> = dE/dvalue
    descend(P, g, 0.1)              # one step of gradient descent
"""
'''

_DESCEND = '''
def descend(p, g, rate):
    """Take one step of gradient descent, in place; frozen parameters stay."""
    for name in p.keys() - FROZEN:
        p[name] -= rate * g[name]
'''


def to_numpy(document: Document, plan: Plan, theta: Array) -> str:
    """Return standalone Python source of a document: values, E and gradients in plain NumPy.

    Dropout passes its input on, as it does whenever no training runs.

    Parameters
    ----------
    document, plan : Document, Plan
        A document and what it was compiled to.
    theta : array
        θ, written into the source.

    Raises
    ------
    PlanError
        If a kind has no NumPy form; the text names it and the node.
    """
    for step in plan.steps:
        if _row_key(step) not in ROWS and step.op.spec.kind not in PENALTIES:
            raise PlanError(
                f"the kind {step.op.spec.kind!r} has no NumPy form yet; replace the node to "
                "export this document",
                step.owner,
            )
    writer = _Writer(document, plan)
    body = [*writer.forward(), *writer.error(), *writer.backward()]
    functions = functions_called(body)
    uses_math = any("math." in line for line in (*functions, *body))
    parts = [
        _HEAD.format(title=plain(document.title)),
        *(["import math"] if uses_math else []),
        "from types import SimpleNamespace\n",
        "import numpy as np\n",
        *_parameters(plan, theta),
        *writer.names_table(),
        *(f"\n{function.rstrip()}" for function in functions),
        *body,
        f"\n{_DESCEND.rstrip()}",
    ]
    return "\n".join(parts) + "\n"


@dataclass(slots=True)
class _Writer:
    """Writes the three functions; knows how each value is called."""

    document: Document
    plan: Plan
    names: list[str] = field(init=False)
    inlined: set[int] = field(init=False)
    late: list[bool] = field(init=False)

    def __post_init__(self) -> None:
        self.names = identifiers(self.plan.steps)
        self.inlined = inlined(self.plan)
        self.late = after_targets(self.plan)

    def names_table(self) -> list[str]:
        """Return the lines that map node ids to attribute names."""
        lines = ["# node of the document -> its attribute in v and d", "NODES = {"]
        for node, slot in self.plan.outputs.items():
            lines.append(f"    {node!r}: {self.names[slot]!r},")
        return [*lines, "}"]

    # -- values ------------------------------------------------------------------------------

    def forward(self) -> list[str]:
        """Return the function that computes every value no target is needed for."""
        steps = [step for step in self.plan.steps if not self.late[step.output]]
        return [
            "\n\ndef forward(columns, p):",
            '    """Return the value of every node that needs no target."""',
            "    rows = len(next(iter(columns.values()))) if columns else 1",
            "    v = SimpleNamespace(rows=rows)",
            *self._value_lines(steps),
            "    return v",
        ]

    def error(self) -> list[str]:
        """Return the function that computes what needs targets, and E."""
        late = [step for step in self.plan.steps if self.late[step.output]]
        terms = [
            f"    E += {loss.importance!r} * v.{self.names[loss.value]}.mean()"
            for loss in self.plan.losses
        ]
        return [
            "\n\ndef error(columns, p, v):",
            '    """Return the total error E; adds the nodes that need targets to v."""',
            "    rows = v.rows",
            *self._value_lines(late),
            "    E = 0.0",
            *terms,
            *self._penalty_lines("E += ", 0),
            "    return E",
        ]

    def _value_lines(self, steps: Iterable[Step]) -> list[str]:
        return [
            f"    v.{self.names[step.output]} = {self._value(step)}"
            for step in steps
            if step.output not in self.inlined and step.op.spec.kind not in PENALTIES
        ]

    def _value(self, step: Step) -> str:
        return write(ROWS[_row_key(step)].value, self._step_names(step, ""))

    def _operand(self, slot: int) -> str:
        """Return how a value is read: its name, or what it is if it is written in place."""
        if slot not in self.inlined:
            return f"v.{self.names[slot]}"
        step = self.plan.steps[slot]
        if step.op.spec.kind == "bias":
            return self._parameter(step.slots["bias"])
        return self._value(step)

    # -- gradients ---------------------------------------------------------------------------

    def backward(self) -> list[str]:
        """Return the function that computes every gradient."""
        lines = [
            "\n\ndef backward(p, v):",
            '    """Return dE/dparameter by name, and dE/dvalue of the nodes they depend on."""',
            "    rows = v.rows",
            "    d = SimpleNamespace()",
            "    g = {name: np.zeros_like(value) for name, value in p.items()}",
        ]
        deltas: dict[int, str] = {}
        for loss in self.plan.losses:
            deltas[loss.value] = f"d.{self.names[loss.value]}"
            lines.append(f"    {deltas[loss.value]} = {loss.importance!r} / rows")
        wanted = leads_to_parameters(self.plan)
        for step in reversed(self.plan.steps):
            if step.output in deltas:
                lines.extend(self._back_lines(step, deltas, wanted))
        lines.extend(self._penalty_lines("g[{name}] += ", 1))
        return [*lines, "    return g, d"]

    def _back_lines(self, step: Step, deltas: dict[int, str], wanted: list[bool]) -> list[str]:
        row, names = ROWS[_row_key(step)], self._step_names(step, deltas[step.output])
        lines = [
            f"    g[{self.plan.parameters[index].name!r}] += {write(row.slots[slot], names)}"
            for slot, index in step.slots.items()
        ]
        messages = write_messages(row, names, self.plan.widths[step.output])
        for slot, message in zip(step.inputs, messages, strict=bool(messages)):
            if not wanted[slot]:
                continue
            if slot in self.inlined:
                deltas[slot] = names.d
                continue
            name = f"d.{self.names[slot]}"
            before = f"{name} + " if slot in deltas else ""
            deltas[slot] = name
            lines.append(f"    {name} = {before}{message}")
        return lines

    def _penalty_lines(self, start: str, part: int) -> list[str]:
        """Return one line for each parameter that a penalty covers: in E (0) or its gradient."""
        lines = []
        for penalty in self.plan.penalties:
            params = self.plan.steps[penalty.value].params
            words = {"coefficient": repr(params["coefficient"])}
            for index in penalty.parameters:
                words.update(w=self._parameter(index), name=repr(self.plan.parameters[index].name))
                lines.append("    " + (start + PENALTIES[penalty.kind][part]).format_map(words))
        return lines + self._training_penalty(self.document.training, start, part)

    def _training_penalty(self, training: Training, start: str, part: int) -> list[str]:
        lines = []
        for coefficient, kind in ((training.l2, "l2_penalty"), (training.l1, "l1_penalty")):
            for index, parameter in enumerate(self.plan.parameters):
                if coefficient and not parameter.is_bias:
                    words = {
                        "coefficient": f"{coefficient!r} / rows",
                        "w": self._parameter(index),
                        "name": repr(parameter.name),
                    }
                    lines.append("    " + (start + PENALTIES[kind][part]).format_map(words))
        return lines

    # -- words -------------------------------------------------------------------------------

    def _step_names(self, step: Step, delta: str) -> SourceNames:
        inputs = tuple(self._operand(slot) for slot in step.inputs)
        widths = tuple(self.plan.widths[slot] for slot in step.inputs)
        n = widths[0] if widths else 1
        mean = step.params.get("components") == "mean"
        words = {
            **{name: literal(value) for name, value in step.params.items()},
            **{name: self._parameter(index) for name, index in step.slots.items()},
            **{port.name: text for port, text in zip(step.op.spec.ports, inputs, strict=False)},
            "z": f"v.{self.names[step.output]}",
            "n": str(n),
            "over": "mean" if mean else "sum",
            "each": f"{delta} / {n}" if mean else delta,
        }
        if step.op.spec.role in (Role.INPUT, Role.TARGET):
            words["columns"] = columns_text(step)
        return SourceNames(inputs, widths, delta, words)

    def _parameter(self, index: int) -> str:
        return f"p[{self.plan.parameters[index].name!r}]"


def _row_key(step: Step) -> str:
    kind = step.op.spec.kind
    return "gelu tanh" if kind == "gelu" and step.params["approximate"] == "tanh" else kind


def _parameters(plan: Plan, theta: Array) -> list[str]:
    lines = ["P = {"]
    for parameter, view in zip(plan.parameters, views(plan, theta), strict=True):
        if view.ndim < 2:
            lines.append(f"    {parameter.name!r}: np.array({view.tolist()!r}),")
            continue
        lines.append(f"    {parameter.name!r}: np.array([")
        lines.extend(f"        {row!r}," for row in view.tolist())
        lines.append("    ]),")
    frozen = sorted(parameter.name for parameter in plan.parameters if not parameter.trainable)
    return [
        *lines,
        "}",
        f"FROZEN = {{{', '.join(map(repr, frozen))}}}" if frozen else "FROZEN = set()",
        "",
    ]

"""A document as a Python file that needs NumPy only: forward, error and backward, to be read.

The steps of the plan become one line each, calls of the operations' own functions, whose source is
written above them. The lines of a neuron are drawn together: its weights and bias stand inside its
weighted sum. Sigmoids and their like call ``scipy.special``, as they do in Gradwire.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.declaration.op import Array
from engine.export.numpy_names import (
    after_targets,
    columns_text,
    identifiers,
    leads_to_parameters,
    literal,
    plain,
)
from engine.export.operation_calls import OperationCalls, StepText, inlined, passes_on
from engine.interpreter.parameter_vector import views
from engine.library import ops
from engine.plan.plan import Plan, Step
from graph.model.document import Document
from graph.model.kinds import Role

_HEAD = '''"""{title}

Written by Gradwire; needs {needs} only; the operations are Gradwire's own functions.
Columns are arrays (rows, width), prepared as in Gradwire (scaled and encoded). Try:

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

_COMPONENT = '''

def component(columns, name):
    """Return one component, (rows, 1), of a column: name[i]."""
    if name in columns:
        return columns[name]
    column, index = name[:-1].rsplit("[", 1)
    return columns[column][:, int(index) : int(index) + 1]'''

_COVERING = '''

def covering(p, names):
    """Return what a penalty knows: the parameters it covers."""
    parameters = tuple(p[name] for name in names)
    return SimpleNamespace(parameters=parameters, dtype=np.dtype(float))'''


def to_numpy(document: Document, plan: Plan, theta: Array) -> str:
    """Return standalone Python source of a document: values, E and gradients in plain NumPy.

    Dropout passes its input on, as it does whenever no training runs.

    Raises
    ------
    PlanError
        If the source of a kind cannot be written; the text names it and the node.
    """
    writer = _Writer(document, plan)
    body = [*writer.forward(), *writer.error(), *writer.backward()]
    text = "\n".join(body)
    source = writer.calls.source
    own = [part for name, part in _HELPERS.items() if f"{name}(" in text]
    uses_scipy = any("scipy" in part for part in (*source.imports, *source.definitions))
    parts = [
        _HEAD.format(
            title=plain(document.title), needs="NumPy and SciPy" if uses_scipy else "NumPy"
        ),
        *sorted(set(source.imports) - {"import numpy as np"}),
        "from types import SimpleNamespace\n",
        "import numpy as np\n",
        *_parameters(plan, theta),
        *writer.names_table(),
        *own,
        *source.definitions,
        text,
        _DESCEND.rstrip(),
    ]
    return "\n".join(parts) + "\n"


_HELPERS = {"component": _COMPONENT, "covering": _COVERING}


@dataclass(slots=True)
class _Writer:
    """Writes the three functions; knows how each value is called."""

    document: Document
    plan: Plan
    calls: OperationCalls = field(default_factory=OperationCalls)
    names: list[str] = field(init=False)
    inlined: set[int] = field(init=False)
    late: list[bool] = field(init=False)
    wanted: list[bool] = field(init=False)
    passed: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = identifiers(self.plan.steps)
        self.inlined = inlined(self.plan, self.calls)
        self.late, self.wanted = after_targets(self.plan), leads_to_parameters(self.plan)

    def names_table(self) -> list[str]:
        """Return the lines that map node ids to attribute names."""
        lines = ["# node of the document -> its attribute in v and d", "NODES = {"]
        for node, slot in self.plan.outputs.items():
            lines.append(f"    {node!r}: {self.names[slot]!r},")
        return [*lines, "}"]

    # -- values ------------------------------------------------------------------------------

    def forward(self) -> list[str]:
        """Return the function that computes every value no target is needed for."""
        lines, later = self._value_lines(late=False), self._value_lines(late=True)
        context = "    v.context = SimpleNamespace(rows=rows, dtype=np.dtype(float), rng=None)"
        needed = {"v.context": context, "v.saved": "    v.saved = {}"}
        return [
            "\n\ndef forward(columns, p):",
            '    """Return the value of every node that needs no target."""',
            "    rows = len(next(iter(columns.values()))) if columns else 1",
            "    v = SimpleNamespace(rows=rows)",
            *(line for word, line in needed.items() if word in "".join(lines + later)),
            *lines,
            "    return v",
        ]

    def error(self) -> list[str]:
        """Return the function that computes what needs targets, and E."""
        terms = [
            f"    E += {loss.importance!r} * v.{self.names[loss.value]}.mean()"
            for loss in self.plan.losses
        ]
        return [
            "\n\ndef error(columns, p, v):",
            '    """Return the total error E; adds the nodes that need targets to v."""',
            *self._value_lines(late=True),
            "    E = 0.0",
            *terms,
            *(f"    E += {value}.item()" for _, value, _ in self._penalties()),
            "    return E",
        ]

    def _value_lines(self, *, late: bool) -> list[str]:
        """Return the lines of values that need a target, or of those that need none."""
        return [
            f"    {self._targets(step)} = {self._value(step)}"
            for step in self.plan.steps
            if self.late[step.output] is late
            and step.output not in self.inlined
            and step.op.spec.role is not Role.PENALTY
        ]

    def _targets(self, step: Step) -> str:
        output = f"v.{self.names[step.output]}"
        return f"{output}, {self._saved(step)}" if step.op.saves else output

    def _saved(self, step: Step) -> str:
        return f"v.saved[{self.names[step.output]!r}]"

    def _value(self, step: Step) -> str:
        if step.op.spec.role in (Role.INPUT, Role.TARGET):
            return columns_text(step)
        return self.calls.value(step, self._text(step))

    def _operand(self, slot: int) -> str:
        """Return how a value is read: its name, or what it is if it is written in place."""
        return (
            self._value(self.plan.steps[slot]) if slot in self.inlined else f"v.{self.names[slot]}"
        )

    # -- gradients ---------------------------------------------------------------------------

    def backward(self) -> list[str]:
        """Return the function that computes every gradient."""
        lines = [
            "\n\ndef backward(p, v):",
            '    """Return dE/dparameter by name, and dE/dvalue of the nodes they depend on."""',
            "    d = SimpleNamespace()",
            "    g = {name: np.zeros_like(value) for name, value in p.items()}",
        ]
        given: set[str] = set()
        for loss in self.plan.losses:
            given.add(self._delta(loss.value))
            share = f"np.full((v.rows, 1), {loss.importance!r} / v.rows)"
            lines.append(f"    {self._delta(loss.value)} = {share}")
        for step in reversed(self.plan.steps):
            if self._delta(step.output) in given and step.op.backward is not None:
                lines.extend(self._back_lines(step, given))
        for names, _, gradients in self._penalties():
            lines.append(f"    for name, gradient in zip({names}, {gradients}):")
            lines.append("        g[name] = g[name] + gradient")
        return [*lines, "    return g, d"]

    def _back_lines(self, step: Step, given: set[str]) -> list[str]:
        """Return the lines that apply one step's derivative; ``given`` is what has a sum so far."""
        if passes_on(step, self.plan):
            return self._passing_lines(step, given)
        parts = [self._delta(slot) if self.wanted[slot] else "_" for slot in step.inputs]
        parts += [f"g[{self.plan.parameters[index].name!r}]" for index in step.slots.values()]
        returned = self.calls.returned(step, self.plan)
        lefts: list[str] = []
        sums: list[str] = []
        for part, is_given in zip(parts, returned or (True,), strict=True):
            lefts.append(part if is_given else "_")
            if lefts[-1] in given:
                lefts[-1] = f"more_{len(sums) + 1}"
                sums.append(f"    {part} = {part} + {lefts[-1]}")
            given |= {part} if is_given and part != "_" else set()
        if set(lefts) <= {"_"}:
            return []
        left = ", ".join(lefts) if returned is None or len(lefts) > 1 else f"[{lefts[0]}]"
        call = self.calls.messages(step, self._text(step), self._delta(step.output))
        return [f"    {left} = {call}", *sums]

    def _passing_lines(self, step: Step, given: set[str]) -> list[str]:
        """Return the lines that pass a step's δ on to its inputs as it is."""
        delta, lines = self._delta(step.output), []
        for slot in step.inputs:
            if slot in self.inlined:
                self.passed[slot] = delta
            elif self.wanted[slot]:
                name = self._delta(slot)
                lines.append(f"    {name} = {f'{name} + {delta}' if name in given else delta}")
                given.add(name)
        return lines

    def _delta(self, slot: int) -> str:
        return self.passed.get(slot, f"d.{self.names[slot]}")

    # -- penalties ---------------------------------------------------------------------------

    def _penalties(self) -> Iterator[tuple[str, str, str]]:
        """Yield for each penalty the parameters it covers, its value, and its gradients."""
        for penalty in self.plan.penalties:
            yield self._penalty(self.plan.steps[penalty.value], penalty.parameters)
        training = self.document.training
        weights = [i for i, p in enumerate(self.plan.parameters) if not p.is_bias]
        for kind, coefficient in (("l2_penalty", training.l2), ("l1_penalty", training.l1)):
            if coefficient and weights:
                step = Step(kind, ops()[kind], {"coefficient": coefficient}, (), {}, -1, "")
                yield self._penalty(step, weights, " / v.rows")

    def _penalty(self, step: Step, covered: Sequence[int], share: str = "") -> tuple[str, str, str]:
        names = repr([self.plan.parameters[index].name for index in covered])
        words = {
            "coefficient": f"{step.params['coefficient']!r}{share}",
            "context": f"covering(p, {names})",
        }
        text = StepText((), "None", words)
        messages = self.calls.messages(step, text, "np.ones((1, 1))")
        return names, self.calls.value(step, text), messages

    # -- words -------------------------------------------------------------------------------

    def _text(self, step: Step) -> StepText:
        name = self.names[step.output]
        keywords = {
            **{param: literal(value) for param, value in step.params.items()},
            **{slot: self._parameter(index) for slot, index in step.slots.items()},
            "context": "v.context",
            "saved": self._saved(step),
        }
        return StepText(tuple(self._operand(slot) for slot in step.inputs), f"v.{name}", keywords)

    def _parameter(self, index: int) -> str:
        return f"p[{self.plan.parameters[index].name!r}]"


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

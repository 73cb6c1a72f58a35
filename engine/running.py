"""Running a plan in NumPy: the meaning of a document.

Forward is a loop over the steps; backward is the same loop reversed. Each step's rule returns one
message per input; the messages are kept, then added into the δ of the values they belong to.
Numbers that overflow become infinite, or no numbers, without a warning: whoever trains looks for
them and says where they arose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from engine.columns import fetch
from engine.errors import DataError
from engine.op import Array, Context
from engine.parameters import views
from engine.plan import Parameter, Plan, Step

Breathe: TypeAlias = Callable[[], object]
_STEPS_PER_BREATH = 16


@dataclass(slots=True)
class Forward:
    """Values of one batch.

    Parameters
    ----------
    values : list of arrays
        By value slot, each (B, width); penalties have one row.
    saved : list
        By step, what the operation keeps for its derivative.
    rows : int
        B.
    context : Context
        What the operations were given; the derivatives get the same.
    """

    values: list[Array]
    saved: list[Any]
    rows: int
    context: Context


@dataclass(slots=True)
class Backward:
    """Derivatives of E (importance and batch mean inside, training's l1 and l2 not).

    Parameters
    ----------
    deltas : list of arrays
        By value slot, ∂E/∂value (B, width); zeros where no loss is reached.
    messages : list of tuples
        By step, one per input: its share of the δ of that input, (B, its width), before the
        sum; None is zero.
    gradient : array
        ∂E/∂θ, frozen parameters included.
    """

    deltas: list[Array]
    messages: list[tuple[Array | None, ...]]
    gradient: Array


@dataclass(frozen=True, slots=True)
class Errors:
    """E and what it is made of.

    Parameters
    ----------
    total : float
        E = Σ importance × loss + penalty.
    losses : dict
        Loss node → batch mean of its value; penalty node → its value.
    penalty : float
        All penalties: the penalty nodes and training's l1 and l2.
    """

    total: float
    losses: dict[str, float]
    penalty: float


@np.errstate(all="ignore")
def forward(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    rng: np.random.Generator | None = None,
    breathe: Breathe | None = None,
) -> Forward:
    """Compute every value of a batch.

    Parameters
    ----------
    plan : Plan
        What to run.
    theta : array
        θ; its dtype is that of the whole run.
    columns : mapping
        Column reference → (B, width); components (``name[i]``) are also found in their column.
    rng : Generator, optional
        Source of noise (dropout) while training; None evaluates.
    breathe : callable, optional
        Called every few steps, so that a worker thread can let others run.

    Raises
    ------
    DataError
        If a column is missing, there are no rows, columns differ in rows, or one has not the
        width compiled for.
    """
    fetched = fetch(plan.columns, columns, theta.dtype)
    rows = next((len(column) for column in fetched.values()), 1)
    context = Context(rows, theta.dtype, fetched, (), rng)
    run = Forward([], [None] * len(plan.steps), rows, context)
    parameters = views(plan, theta)
    for step in plan.steps:
        run.values.append(_output(step, run, parameters))
        if not step.inputs and run.values[-1].shape[1] != plan.widths[step.output]:
            raise DataError(
                f"{step.owner!r} was compiled for width {plan.widths[step.output]}, "
                f"but its columns have {run.values[-1].shape[1]}; compile again for this data"
            )
        if breathe is not None and not step.output % _STEPS_PER_BREATH:
            breathe()
    return run


@np.errstate(all="ignore")
def rerun(plan: Plan, theta: Array, run: Forward, steps: Iterable[int]) -> Forward:
    """Return a forward run at other parameters, computing only ``steps`` (ascending) anew.

    The caller vouches that nothing else depends on what differs in ``theta``.
    """
    result = Forward(list(run.values), list(run.saved), run.rows, run.context)
    parameters = views(plan, theta)
    for index in steps:
        result.values[index] = _output(plan.steps[index], result, parameters)
    return result


@np.errstate(all="ignore")
def backward(plan: Plan, theta: Array, run: Forward, *, breathe: Breathe | None = None) -> Backward:
    """Compute every δ, message and parameter gradient of a forward run.

    The message of a neuron's incoming edge is that of its weight: Wᵀδ.
    """
    tally = _Tally(plan, theta, run)
    messages: list[tuple[Array | None, ...]] = [()] * len(plan.steps)
    for step in reversed(plan.steps):
        delta = tally.deltas[step.output]
        if delta is None or step.op.backward is None:
            messages[step.output] = (None,) * len(step.inputs)
        else:
            messages[step.output] = tally.pull(step, delta)
        if breathe is not None and not step.output % _STEPS_PER_BREATH:
            breathe()
    deltas = [
        np.zeros(value.shape, theta.dtype) if delta is None else delta
        for delta, value in zip(tally.deltas, run.values, strict=True)
    ]
    return Backward(deltas, messages, tally.gradient)


@np.errstate(all="ignore")
def errors(
    plan: Plan, theta: Array, run: Forward, l1: float = 0.0, l2: float = 0.0, m: int = 1
) -> Errors:
    """Compute E of a forward run.

    Parameters
    ----------
    plan, theta, run
        What was run.
    l1, l2 : float
        λ of training's penalties λ/m·Σ|w| and λ/(2m)·Σw², over all weights (no biases), each
        shared one once; frozen weights count too, they just do not move.
    m : int
        Number of training rows.
    """
    losses = {loss.node: float(run.values[loss.value].mean()) for loss in plan.losses}
    total = sum(loss.importance * losses[loss.node] for loss in plan.losses)
    penalty = 0.0
    for node in plan.penalties:
        losses[node.node] = float(run.values[node.value].sum())
        penalty += losses[node.node]
    if l1 or l2:
        weights = [
            view for p, view in zip(plan.parameters, views(plan, theta), strict=True) if _weight(p)
        ]
        penalty += l1 / m * sum(float(np.abs(w).sum()) for w in weights)
        penalty += l2 / (2 * m) * sum(float(np.square(w).sum()) for w in weights)
    return Errors(total + penalty, losses, penalty)


def add_penalty_gradient(
    plan: Plan, theta: Array, gradient: Array, l1: float, l2: float, m: int
) -> None:
    """Add λ₁/m·sign(w) + λ₂/m·w of every weight to ``gradient``, in place (see `errors`)."""
    if not (l1 or l2):
        return
    for parameter in plan.parameters:
        if _weight(parameter):
            part = slice(parameter.offset, parameter.offset + parameter.size)
            gradient[part] += l2 / m * theta[part] + l1 / m * np.sign(theta[part])


class _Tally:
    """The δ of every value and θ's gradient, as far as the reversed loop has come."""

    def __init__(self, plan: Plan, theta: Array, run: Forward) -> None:
        self.run = run
        self.gradient = np.zeros_like(theta)
        self._parts = views(plan, self.gradient)
        self._parameters = views(plan, theta)
        self.deltas: list[Array | None] = [None] * len(plan.steps)
        # a message is kept as it is: only a sum made here may be added to in place
        self._owned = [False] * len(plan.steps)
        for loss in plan.losses:
            share = np.full((run.rows, 1), loss.importance / run.rows, theta.dtype)
            self.deltas[loss.value] = share
        for penalty in plan.penalties:
            self.deltas[penalty.value] = np.ones((1, 1), theta.dtype)

    def pull(self, step: Step, delta: Array) -> tuple[Array | None, ...]:
        """Apply one step's derivative: add up what it gives and return its messages."""
        values, rule = self.run.values, step.op.backward
        assert rule is not None  # only steps with a derivative get here
        keywords = _keywords(step, self._parameters, self.run.context)
        if step.op.saves:
            keywords = {**keywords, "saved": self.run.saved[step.output]}
        inputs = [values[slot] for slot in step.inputs]
        result = rule(delta, values[step.output], *inputs, **keywords)
        parts: Sequence[Array | None] = (result,) if isinstance(result, np.ndarray) else result
        count = len(inputs)
        messages = tuple(parts[:count])
        for slot, message in zip(step.inputs, messages, strict=True):
            if message is not None:
                self._add(slot, message)
        targets = step.covers or step.slots.values()
        for index, part in zip(targets, parts[count:], strict=True):
            if part is not None:
                self._parts[index] += part
        return messages

    def _add(self, slot: int, message: Array) -> None:
        before = self.deltas[slot]
        if before is None:
            self.deltas[slot] = message
        elif self._owned[slot]:
            before += message
        else:
            self.deltas[slot] = before + message
            self._owned[slot] = True


def _output(step: Step, run: Forward, parameters: Sequence[Array]) -> Array:
    op, values = step.op, run.values
    keywords = _keywords(step, parameters, run.context)
    output = op.forward(*[values[slot] for slot in step.inputs], **keywords)
    if op.saves:
        output, run.saved[step.output] = output
    return output  # type: ignore[no-any-return]  # what an operation declares


def _keywords(step: Step, parameters: Sequence[Array], context: Context) -> dict[str, Any]:
    keywords: dict[str, Any] = {**step.params}
    for name, index in step.slots.items():
        keywords[name] = parameters[index]
    if step.op.takes_context:
        keywords["context"] = context if not step.covers else _covering(step, parameters, context)
    return keywords


def _covering(step: Step, parameters: Sequence[Array], context: Context) -> Context:
    covered = tuple(parameters[index] for index in step.covers)
    return Context(context.rows, context.dtype, context.columns, covered, context.rng)


def _weight(parameter: Parameter) -> bool:
    return not parameter.is_bias

"""Running a plan in NumPy: the meaning of a document.

Forward is a loop over the steps; backward is the same loop reversed. Each step's rule returns one
message per input; the messages are kept, then added into the δ of the values they belong to.
Numbers that overflow become infinite, or no numbers, without a warning: whoever trains looks for
them and says where they arose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from engine.arrays.counter_stream import Stream
from engine.declaration.op import Array, Context
from engine.errors import DataError
from engine.interpreter.batch_columns import Binding, Keywords, fetch
from engine.plan.plan import Plan, Step

YieldGil: TypeAlias = Callable[[], object]
_STEPS_BETWEEN_YIELDS = 16


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
        The run that operations knew of.
    keywords : list of mappings
        By step, what the operation was given beside its inputs; the derivative gets the same.
    """

    values: list[Array]
    saved: list[Any]
    rows: int
    context: Context
    keywords: list[Keywords]


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


class Interpreter:
    """Runs a plan, one batch after another.

    It keeps what is bound to θ as long as the same array is given: parameters are views, which
    follow when it is changed in place, as training does.

    Parameters
    ----------
    plan : Plan
        What to run.
    yield_gil : callable, optional
        Called every few steps, so that a worker thread can let others run.
    """

    def __init__(self, plan: Plan, yield_gil: YieldGil | None = None) -> None:
        self._plan, self._yield_gil = plan, yield_gil
        self._binding: Binding | None = None

    @np.errstate(all="ignore")
    def forward(
        self, theta: Array, columns: Mapping[str, Array], rng: Stream | None = None
    ) -> Forward:
        """Compute every value of a batch.

        Parameters
        ----------
        theta : array
            θ; its dtype is that of the whole run.
        columns : mapping
            Column reference → (B, width); components (``name[i]``) are also found in their column.
        rng : Stream, optional
            Source of noise (dropout) while training; None evaluates.

        Raises
        ------
        DataError
            If a column is missing, there are no rows, columns differ in rows, or one has not the
            width compiled for.
        """
        plan, fetched = self._plan, fetch(self._plan.columns, columns, theta.dtype)
        rows = next((len(column) for column in fetched.values()), 1)
        context = Context(rows, theta.dtype, fetched, (), rng)
        keywords = self._bound(theta).keywords(context)
        run = Forward([], [None] * len(plan.steps), rows, context, keywords)
        for step in plan.steps:
            run.values.append(_output(step, run))
            if not step.inputs and run.values[-1].shape[1] != plan.widths[step.output]:
                raise DataError(
                    f"{step.owner!r} was compiled for width {plan.widths[step.output]}, "
                    f"but its columns have {run.values[-1].shape[1]}; compile again for this data"
                )
            self._yield_after(step)
        return run

    @np.errstate(all="ignore")
    def rerun(self, theta: Array, run: Forward, steps: Iterable[int]) -> Forward:
        """Return a forward run at other parameters, computing only ``steps`` (ascending) anew.

        The caller vouches that nothing else depends on what differs in ``theta``.
        """
        keywords = self._bound(theta).keywords(run.context)
        result = Forward(list(run.values), list(run.saved), run.rows, run.context, keywords)
        for index in steps:
            result.values[index] = _output(self._plan.steps[index], result)
            self._yield_after(self._plan.steps[index])
        return result

    @np.errstate(all="ignore")
    def backward(
        self, theta: Array, run: Forward, seeds: Mapping[int, Array] | None = None
    ) -> Backward:
        """Compute every δ, message and parameter gradient of a forward run.

        The message of a neuron's incoming edge is that of its weight: Wᵀδ.

        Parameters
        ----------
        theta : array
            θ of the run.
        run : Forward
            What is differentiated.
        seeds : mapping, optional
            Value slot → derivative of what is asked for by it, (B, width): everything is then the
            derivative of that instead of E.
        """
        tally = _Tally(self._plan, theta, run, seeds)
        for step in reversed(self._plan.steps):
            tally.pull(step)
            self._yield_after(step)
        deltas = [
            np.zeros(value.shape, theta.dtype) if delta is None else delta
            for delta, value in zip(tally.deltas, run.values, strict=True)
        ]
        return Backward(deltas, tally.messages, tally.gradient())

    def _bound(self, theta: Array) -> Binding:
        binding = self._binding
        if binding is None or binding.theta is not theta:
            binding = self._binding = Binding(self._plan, theta)
        return binding

    def _yield_after(self, step: Step) -> None:
        if self._yield_gil is not None and not step.output % _STEPS_BETWEEN_YIELDS:
            self._yield_gil()


def forward(
    plan: Plan, theta: Array, columns: Mapping[str, Array], rng: Stream | None = None
) -> Forward:
    """Compute every value of one batch, as `Interpreter.forward` does."""
    return Interpreter(plan).forward(theta, columns, rng)


def backward(plan: Plan, theta: Array, run: Forward) -> Backward:
    """Compute the derivatives of one forward run, as `Interpreter.backward` does."""
    return Interpreter(plan).backward(theta, run)


class _Tally:
    """The δ of every value and θ's gradient, as far as the reversed loop has come."""

    def __init__(
        self, plan: Plan, theta: Array, run: Forward, seeds: Mapping[int, Array] | None
    ) -> None:
        self._plan, self._theta, self._run = plan, theta, run
        self._value = run.values.__getitem__
        self._parts: list[Array | None] = [None] * len(plan.parameters)
        self.deltas: list[Array | None] = [None] * len(plan.steps)
        self.messages: list[tuple[Array | None, ...]] = [()] * len(plan.steps)
        # a message is kept as it is: only a sum made here may be added to in place
        self._owned = [False] * len(plan.steps)
        for slot, seed in (_seeds_of_error(plan, theta, run) if seeds is None else seeds).items():
            self.deltas[slot] = seed

    def pull(self, step: Step) -> None:
        """Apply one step's derivative: keep its messages and add up what it gives."""
        op, output, inputs = step.op, step.output, step.inputs
        delta = self.deltas[output]
        if delta is None or op.backward is None:
            self.messages[output] = (None,) * len(inputs)
            return
        keywords = self._run.keywords[output]
        if op.saves:
            keywords = {**keywords, "saved": self._run.saved[output]}
        result = op.backward(delta, self._value(output), *map(self._value, inputs), **keywords)
        parts = (result,) if isinstance(result, np.ndarray) else tuple(result)
        if step.slots or step.covers:
            targets = step.covers or step.slots.values()
            for index, part in zip(targets, parts[len(inputs) :], strict=True):
                before = self._parts[index]
                if part is not None:
                    self._parts[index] = part if before is None else before + part
            parts = parts[: len(inputs)]
        self.messages[output] = parts
        for slot, message in zip(inputs, parts, strict=True):
            if message is not None:
                self._add(slot, message)

    def gradient(self) -> Array:
        """Return what was added up for every parameter, like θ."""
        result = np.zeros_like(self._theta)
        for parameter, part in zip(self._plan.parameters, self._parts, strict=True):
            if part is not None:
                result[parameter.offset : parameter.offset + parameter.size] = part.ravel()
        return result

    def _add(self, slot: int, message: Array) -> None:
        before = self.deltas[slot]
        if before is None:
            self.deltas[slot] = message
        elif self._owned[slot]:
            before += message
        else:
            self.deltas[slot] = before + message
            self._owned[slot] = True


def _seeds_of_error(plan: Plan, theta: Array, run: Forward) -> Mapping[int, Array]:
    """Return ∂E/∂value of the losses and the penalties."""
    return {
        loss.value: np.full((run.rows, 1), loss.importance / run.rows, theta.dtype)
        for loss in plan.losses
    } | {penalty.value: np.ones((1, 1), theta.dtype) for penalty in plan.penalties}


def _output(step: Step, run: Forward) -> Array:
    op, values = step.op, run.values
    output = op.forward(*[values[slot] for slot in step.inputs], **run.keywords[step.output])
    if op.saves:
        output, run.saved[step.output] = output
    return output  # type: ignore[no-any-return]  # what an operation declares

"""ΔE of cutting each edge that has a weight and of silencing each unit, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.analysis.what_if.blocks import Blocks, Importance
from engine.arrays.aliases import Array
from engine.interpreter.interpreter import Forward, Interpreter, YieldGil
from engine.interpreter.objective_terms import objective_terms, weight_penalty
from engine.plan.plan import Parameter, Plan
from graph.model.training import Training
from graph.model.traversal import reachable

_EACH_STEP = 100  # numbers that take as long as starting an operation


class Ranking(Blocks):
    """ΔE of each, penalties included and dropout off: exactly what `ablation.effect` finds.

    Only what depends on the change is computed again. A unit that is silenced gives 0; of a node
    that is a layer, the whole and each component.

    Parameters
    ----------
    plan, theta
        The compiled document at its parameters.
    columns : mapping
        Column reference → (B, width).
    training : Training
        For the penalties l1 and l2.
    m : int
        Number of training rows, their divisor.
    yield_gil : callable, optional
        Called every few steps.

    Source: M. Mozer and P. Smolensky 1988, Skeletonization: a technique for trimming the fat
    from a network (the relevance of a unit is E without it − E with it).
    """

    def __init__(
        self,
        plan: Plan,
        theta: Array,
        columns: Mapping[str, Array],
        training: Training,
        m: int,
        yield_gil: YieldGil | None = None,
    ) -> None:
        self._plan, self._theta = plan, theta.astype(np.float64)
        self._training, self._m = training, m
        self._interpreter = Interpreter(plan, yield_gil)
        self._run = self._interpreter.forward(self._theta, columns)
        self._penalty = weight_penalty(plan, self._theta, training.l1, training.l2, m)
        self.error = self._total(self._run)
        self._read_by: list[list[int]] = [[] for _ in plan.steps]
        self._covered_by: list[list[int]] = [[] for _ in plan.parameters]
        for step in plan.steps:
            for slot in set(step.inputs):
                self._read_by[slot].append(step.output)
            for parameter in step.covers:
                self._covered_by[parameter].append(step.output)
        self._uses = np.bincount(plan.steps.uses.numbers, minlength=len(plan.parameters))
        self._edges = tuple(plan.weights)
        self._units: list[tuple[str, int | None]] = []
        for node in plan.nets:
            width = plan.widths[plan.outputs[node]]
            self._units.append((node, None))
            self._units += [(node, component) for component in range(width) if width > 1]
        work = self._run.rows * sum(plan.widths) + _EACH_STEP * len(plan.steps)
        super().__init__(len(self._edges) + len(self._units), work)

    def compute(self, number: int) -> Importance:
        """Return ΔE of the units first, which are fewer, then of the edges."""
        if number < len(self._units):
            unit, component = self._units[number]
            delta = self._silenced(unit, component)
            return Importance(unit, "unit", delta, component=component)
        edge = self._edges[number - len(self._units)]
        return Importance(edge, "edge", self._cut(edge))

    def _cut(self, edge: str) -> float:
        """Return ΔE of a weight that is 0, in this edge only if others share it."""
        number, position = self._plan.edges[edge]
        step, values = self._plan.steps[number], self._run.values
        inputs = [values[slot] for slot in step.inputs]
        inputs[position] = np.zeros_like(inputs[position])
        with np.errstate(all="ignore"):
            output = step.op.forward(*inputs, **self._run.keywords[number])
        output = output[0] if step.op.saves else output
        index = self._plan.weights[edge]
        if self._uses[index] > 1:
            return self._changed(number, output, self._penalty)
        place = self._plan.parameters[index]
        own = slice(place.offset, place.offset + place.size)
        kept = self._theta[own].copy()
        self._theta[own] = 0.0
        try:
            rest = self._penalty - self._penalty_of(place, kept)
            return self._changed(number, output, rest, self._covered_by[index])
        finally:
            self._theta[own] = kept

    def _silenced(self, unit: str, component: int | None) -> float:
        slot = self._plan.outputs[unit]
        output = self._run.values[slot].copy()
        output[:, slice(None) if component is None else component] = 0.0
        return self._changed(slot, output, self._penalty)

    def _changed(
        self, slot: int, output: Array, penalty: float, covering: list[int] | None = None
    ) -> float:
        """Return ΔE if a value is another."""
        values = list(self._run.values)
        values[slot] = output
        fixed: Forward = replace(self._run, values=values)
        later = reachable([*self._read_by[slot], *(covering or ())], self._read_by.__getitem__)
        run = self._interpreter.rerun(self._theta, fixed, sorted(later))
        return self._total(run, penalty) - self.error

    def _total(self, run: Forward, penalty: float | None = None) -> float:
        """Return E; training's penalty is given, as it would be summed up over all weights."""
        rest = self._penalty if penalty is None else penalty
        return objective_terms(self._plan, self._theta, run).total + rest

    def _penalty_of(self, parameter: Parameter, weights: Array) -> float:
        if parameter.is_bias:
            return 0.0
        l1, l2 = self._training.l1, self._training.l2
        absolute, squares = np.abs(weights).sum(), np.square(weights).sum()
        return float(l1 / self._m * absolute + l2 / (2 * self._m) * squares)

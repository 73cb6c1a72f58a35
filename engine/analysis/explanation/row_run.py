"""One row run forward and backward, and the local derivatives of its nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from engine.analysis.explanation.quantity import Numerator
from engine.arrays.counter_stream import Stream
from engine.declaration.op import Array
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.interpreter.parameter_vector import views
from engine.plan.plan import Plan, Step


class Wire(NamedTuple):
    """An edge of the plan: which step reads it where, and the value slot it carries."""

    id: str
    target: str
    step: int
    position: int
    source: int
    weight: int | None


class PlanPlaces:
    """The nodes, edges and parameters of a plan, as explanations look for them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.node_of = {slot: node for node, slot in plan.outputs.items()}
        self.steps: dict[str, list[Step]] = {}
        for step in plan.steps:
            self.steps.setdefault(step.owner, []).append(step)
        self.wires: dict[str, Wire] = {}
        self.arriving: dict[str, list[Wire]] = {}
        self.leaving: dict[int, list[Wire]] = {}
        for edge, (number, position) in plan.edges.items():
            step = plan.steps[number]
            source = step.inputs[position]
            wire = Wire(edge, step.owner, number, position, source, plan.weights.get(edge))
            self.wires[edge] = wire
            self.arriving.setdefault(step.owner, []).append(wire)
            self.leaving.setdefault(source, []).append(wire)
        self.importance = {loss.node: loss.importance for loss in plan.losses}

    @cached_property
    def uses(self) -> Mapping[int, list[Step]]:
        """Parameter → the steps that use it, penalties apart."""
        found: dict[int, list[Step]] = {}
        for step in self.plan.steps:
            for index in step.slots.values():
                found.setdefault(index, []).append(step)
        return found

    @cached_property
    def wires_of(self) -> Mapping[int, list[Wire]]:
        """Parameter → the edges that carry it."""
        found: dict[int, list[Wire]] = {}
        for wire in self.wires.values():
            if wire.weight is not None:
                found.setdefault(wire.weight, []).append(wire)
        return found

    def after(self, starts: Iterable[int]) -> list[int]:
        """Return values and all nodes' outputs that depend on them, in the order of the plan."""
        seen, waiting = set(starts), list(starts)
        while waiting:
            slot = waiting.pop()
            new = {self.plan.outputs[w.target] for w in self.leaving.get(slot, ())} - seen
            seen |= new
            waiting += new
        return sorted(seen)

    def covers(self, index: int) -> list[Step]:
        """Return the penalties that cover a parameter."""
        return [
            self.plan.steps[penalty.value]
            for penalty in self.plan.penalties
            if index in penalty.parameters
        ]


class RowRun:
    """All numbers of a row: values, derivatives, and local derivatives when asked for.

    Of several rows values and derivatives are means of what the rows show one by one; local
    derivatives are those of a single row only. ``of`` is what is differentiated: E, or a number
    of a node. ``noise`` is that of an update (dropout); None evaluates.
    """

    def __init__(
        self,
        places: PlanPlaces,
        theta: Array,
        columns: Mapping[str, Array],
        yield_gil: YieldGil | None = None,
        of: Numerator | None = None,
        noise: Stream | None = None,
    ) -> None:
        self.places, self.plan, self.theta, self.of = places, places.plan, theta, of
        interpreter = Interpreter(self.plan, yield_gil)
        self._run = interpreter.forward(theta, columns, noise)
        self._back = interpreter.backward(theta, self._run, self._seeds())
        self._parameters = views(self.plan, theta)
        self._jacobians: dict[str, dict[str, Array]] = {}

    def _seeds(self) -> dict[int, Array] | None:
        """Return where the backward pass begins; None at the losses."""
        if self.of is None:
            return None
        slot, component = self.plan.outputs[self.of.node], self.of.component or 0
        seed = np.zeros(self._run.values[slot].shape)
        seed[:, component] = 1 / self._run.rows
        return {slot: seed}

    def leaving(self, slot: int) -> list[Wire]:
        """Return the edges over which a value has a part in what is differentiated."""
        wires = self.places.leaving.get(slot, [])
        if self.of is None:
            return wires
        outputs = self.plan.outputs
        return [wire for wire in wires if outputs[wire.target] in self._leading]

    @cached_property
    def _leading(self) -> set[int]:
        """The values that have a part in what is differentiated, if it is a node's number."""
        assert self.of is not None
        found = {self.plan.outputs[self.of.node]}
        for step in reversed(self.plan.steps):
            if step.output in found:
                found.update(step.inputs)
        return found

    def value(self, slot: int) -> Array:
        """Return the value in a slot, (n,)."""
        return np.asarray(self._run.values[slot].mean(axis=0))

    def delta(self, slot: int) -> Array:
        """Return ∂E/∂value of a slot, (n,)."""
        return np.asarray(self._back.deltas[slot].sum(axis=0))

    def message(self, wire: Wire) -> Array:
        """Return what an edge carries back, (n,)."""
        found = self._back.messages[wire.step][wire.position]
        if found is None:
            return np.zeros(self.plan.widths[wire.source])
        return np.asarray(found.sum(axis=0))

    def parameter(self, index: int) -> Array:
        """Return the value of a parameter, as it is shaped."""
        return self._parameters[index]

    @property
    def gradient(self) -> Array:
        """∂E/∂θ, penalty nodes in, training's own penalties not."""
        return self._back.gradient

    def jacobian(self, node: str) -> dict[str, Array]:
        """Return ∂output/∂input of a node for each edge that arrives, (width, width of it)."""
        if node not in self._jacobians:
            steps = self.places.steps[node]
            width = self.plan.widths[self.plan.outputs[node]]
            found = self._pulled(steps, self.plan.outputs[node], np.eye(width))
            self._jacobians[node] = {
                wire.id: found.get(
                    (wire.step, wire.position), np.zeros((width, self.plan.widths[wire.source]))
                )
                for wire in self.places.arriving.get(node, ())
            }
        return self._jacobians[node]

    def output(
        self, step: Step, inputs: list[Array], changed: Mapping[int, Array] | None = None
    ) -> Array:
        """Return what a step makes of other inputs, each (1, n), and of changed parameters."""
        keywords = dict(self._run.keywords[step.output])
        for slot, index in step.slots.items():
            if changed and index in changed:
                keywords[slot] = changed[index]
        with np.errstate(all="ignore"):
            found = step.op.forward(*inputs, **keywords)
        return np.asarray(found[0] if step.op.saves else found)

    def node_output(
        self, node: str, given: Mapping[int, Array], changed: Mapping[int, Array] | None = None
    ) -> Array:
        """Return what a node makes of other values (1, n) in the slots that it reads, (width,).

        ``changed`` has other values of its parameters, by their numbers in the plan.
        """
        values = dict(given)
        for step in self.places.steps[node]:
            inputs = [values.get(slot, self._run.values[slot]) for slot in step.inputs]
            values[step.output] = self.output(step, inputs, changed)
        found: Array = values[self.plan.outputs[node]][0]
        return found

    def slope_at(self, step: Step, s: float) -> float:
        """Return the derivative of an activation at another s."""
        given = np.array([[s]])
        parts = self._backward(step, np.ones((1, 1)), [given], 1, self.output(step, [given]))
        return 0.0 if parts[0] is None else float(parts[0][0, 0])

    def slopes(self, node: str) -> Array:
        """Return ∂z/∂s of a neuron, (width, width)."""
        output = self.plan.outputs[node]
        step = self.plan.steps[output]
        found = self._pulled([step], output, np.eye(self.plan.widths[output]))
        return found[output, 0]

    def parameter_jacobian(self, node: str, index: int) -> Array:
        """Return ∂output/∂parameter of a node, (width, *shape of it)."""
        output = self.plan.outputs[node]
        rows = [
            self._parameter_part(node, index, unit) for unit in np.eye(self.plan.widths[output])
        ]
        return np.array(rows)

    def penalty(self, step: Step, index: int) -> Array:
        """Return what a penalty node gives to the gradient of a parameter it covers."""
        found = self._backward(step, np.ones((1, 1)), [], 1)
        part = found[step.covers.index(index)]
        return np.zeros(self.plan.parameters[index].shape) if part is None else part

    # -- going back through a few steps -----------------------------------------------------------

    def _pulled(self, steps: list[Step], output: int, unit: Array) -> dict[tuple[int, int], Array]:
        """Send derivatives (rows, width) back through steps; return what each input gets."""
        deltas: dict[int, Array] = {output: unit}
        found: dict[tuple[int, int], Array] = {}
        own = {step.output for step in steps}
        for step in reversed(steps):
            if step.output not in deltas or step.op.backward is None:
                continue
            inputs = [np.repeat(self._run.values[slot], len(unit), axis=0) for slot in step.inputs]
            parts = self._backward(step, deltas[step.output], inputs, len(unit))
            for position, (slot, part) in enumerate(
                zip(step.inputs, parts[: len(inputs)], strict=True)
            ):
                message = np.zeros_like(inputs[position]) if part is None else part
                found[step.output, position] = message
                if slot in own:
                    deltas[slot] = deltas[slot] + message if slot in deltas else message
        return found

    def _backward(
        self,
        step: Step,
        delta: Array,
        inputs: list[Array],
        rows: int,
        output: Array | None = None,
    ) -> tuple[Array | None, ...]:
        if step.op.backward is None:
            return (None,) * (len(inputs) + len(step.slots))
        keywords: dict[str, Any] = dict(self._run.keywords[step.output])
        if output is None:
            output = np.repeat(self._run.values[step.output][:1], rows, axis=0)
        with np.errstate(all="ignore"):
            if step.op.saves:
                output, keywords["saved"] = step.op.forward(*inputs, **keywords)
            result = step.op.backward(delta, output, *inputs, **keywords)
        return (result,) if isinstance(result, np.ndarray) else tuple(result)

    def _parameter_part(self, node: str, index: int, unit: Array) -> Array:
        """Return ∂(unit · output)/∂parameter of a node."""
        output, steps = self.plan.outputs[node], self.places.steps[node]
        deltas: dict[int, Array] = {output: unit[None]}
        result = np.zeros(self.plan.parameters[index].shape)
        for step in reversed(steps):
            if step.output not in deltas or step.op.backward is None:
                continue
            inputs = [self._run.values[slot] for slot in step.inputs]
            parts = self._backward(step, deltas[step.output], inputs, 1)
            for slot, part in zip(step.inputs, parts[: len(inputs)], strict=True):
                if part is not None:
                    deltas[slot] = deltas[slot] + part if slot in deltas else part
            slots = list(step.slots.values())
            for place, part in zip(slots, parts[len(inputs) :], strict=False):
                if place == index and part is not None:
                    result = result + part
        return result

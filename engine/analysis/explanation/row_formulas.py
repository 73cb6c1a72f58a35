"""The formulas of one row: every value and every derivative by those next to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.latex_symbols import symbol_latex
from engine.analysis.explanation.notation import Notation, function_name
from engine.analysis.explanation.row_run import RowRun, Wire
from engine.analysis.local_derivative import (
    derivative_steps,
    opened_formula,
    opened_steps,
    slope_steps,
)
from engine.declaration.equation_values import Value
from engine.declaration.op import Array
from engine.declaration.summands import summands_of
from engine.plan.plan import Step

Entry: TypeAlias = tuple[int, ...]
_Where: TypeAlias = dict[str, Any]


class RowFormulas:
    """Formulas of one row; ``depth`` says over how many nodes they are opened.

    What occurs a second time within one explanation is not opened again (`start` begins a new
    one).
    """

    def __init__(self, run: RowRun, notation: Notation) -> None:
        self._run, self._notation = run, notation
        self._plan, self._places = run.plan, run.places
        self._seen: set[str] = set()

    def start(self) -> None:
        """Begin a new explanation."""
        self._seen.clear()

    # -- forward -------------------------------------------------------------------------------

    def value(self, node: str, i: int, depth: int) -> Expression:
        """Return the formula of a node's output."""
        slot = self._plan.outputs[node]
        one = float(self._run.value(slot)[i])
        where = self._at("value", node, slot, i, self._notation.node)
        wires = self._places.arriving.get(node, [])
        if depth <= 0 or not wires or self._repeats(where):
            return self._closed(one, where, depth)
        if node in self._plan.nets:
            return self._activated(node, i, depth, one, where)
        kind = self._places.steps[node][-1].op.spec.kind
        if kind == "weight":
            return self._sum_of(one, self._weighted(node, i, depth), where)
        if kind in ("sum", "product"):
            terms = tuple(self._source(wire, i, depth) for wire in wires)
            return Expression("sum" if kind == "sum" else "product", one, terms=terms, **where)
        return self._function(node, i, depth, one, where)

    def net(self, node: str, i: int, depth: int) -> Expression:
        """Return the formula of a neuron's s: Σ w·z + b."""
        slot = self._plan.nets[node]
        one = float(self._run.value(slot)[i])
        where = self._at("s", node, slot, i, self._notation.net)
        if depth <= 0 or self._repeats(where):
            return self._closed(one, where, depth)
        terms: list[Expression] = []
        for wire in self._places.arriving.get(node, []):
            assert wire.weight is not None  # of a neuron
            for j in range(self._plan.widths[wire.source]):
                factors = (self.parameter(wire.weight, (i, j)), self._source(wire, j, depth))
                terms.append(self._product(factors, edge=wire.id))
        bias = self._bias(node)
        if bias is not None:
            terms.append(self.parameter(bias, (i,)))
        return Expression("sum", one, terms=tuple(terms), **where)

    def parameter(self, index: int, entry: Entry) -> Expression:
        """Return an entry of a parameter."""
        found = self._plan.parameters[index]
        return Expression(
            "value",
            float(self._run.parameter(index)[entry]),
            self._notation.parameter(index, entry),
            parameter=found.name,
        )

    def _bias(self, node: str) -> int | None:
        for step in self._places.steps[node]:
            for slot, index in step.slots.items():
                if slot == "bias" or self._plan.parameters[index].is_bias:
                    return index
        return None

    def _source(self, wire: Wire, j: int, depth: int) -> Expression:
        """Return component j of what an edge carries."""
        width = self._plan.widths[wire.source]
        return self.value(self._places.node_of[wire.source], j if width > 1 else 0, depth - 1)

    def _activated(self, node: str, i: int, depth: int, one: float, where: _Where) -> Expression:
        """Return f(s) of a neuron: of all components of s if f mixes them."""
        step = self._plan.steps[self._plan.outputs[node]]
        width = self._plan.widths[step.output]
        components = (i,) if step.op.elementwise else tuple(range(width))
        terms = tuple(self.net(node, k, depth) for k in components)

        def function(numbers: Sequence[float]) -> float:
            given = np.array([numbers], float)
            return float(self._run.output(step, [given])[0, 0 if step.op.elementwise else i])

        sign = function_name(step.op)
        return Expression("function", one, terms=terms, function=function, sign=sign, **where)

    def _function(self, node: str, i: int, depth: int, one: float, where: _Where) -> Expression:
        """Return an operation of all components of its inputs and of its parameters."""
        summands = self._summands(node, depth)
        if len(summands) == 1:
            return replace(summands[0], value=one, **where)
        if summands:
            return Expression("sum", one, terms=tuple(summands), **where)
        wires = self._places.arriving[node]
        widths = [self._plan.widths[wire.source] for wire in wires]
        own = [index for step in self._places.steps[node] for index in step.slots.values()]
        shapes = [self._plan.parameters[index].shape for index in own]
        terms = [
            self._source(wire, j, depth)
            for wire, width in zip(wires, widths, strict=True)
            for j in range(width)
        ]
        for index, shape in zip(own, shapes, strict=True):
            terms += [self.parameter(index, entry) for entry in product(*map(range, shape))]
        ends = np.cumsum([*widths, *map(math.prod, shapes)])[:-1]

        def function(numbers: Sequence[float]) -> float:
            parts = np.split(np.array(numbers, float), ends)
            values, entries = parts[: len(wires)], parts[len(wires) :]
            given = {wire.source: part[None] for wire, part in zip(wires, values, strict=True)}
            changed = {
                index: part.reshape(shape)
                for index, part, shape in zip(own, entries, shapes, strict=True)
            }
            return float(self._run.node_output(node, given, changed)[i])

        step = self._places.steps[node][-1]
        how: _Where = {"function": function, "sign": function_name(step.op)}
        how |= opened_formula(step.op, step.params)
        return Expression("function", one, terms=tuple(terms), **how, **where)

    def _summands(self, node: str, depth: int) -> list[Expression]:
        """Return what an operation adds up, one term for each component; empty if it does not."""
        step, wires = self._places.steps[node][-1], self._places.arriving[node]
        ports = [port.name for port in step.op.spec.ports if not port.variadic]
        if len(self._places.steps[node]) > 1 or step.slots or len(ports) != len(wires):
            return []
        found = summands_of(step.op.symbolic(step.params), frozenset(ports))
        if found is None:
            return []
        by_port = {ports[wire.position]: wire for wire in wires}
        numbers = {name: p for name, p in step.params.items() if isinstance(p, int | float)}
        given = {port: self._run.value(wire.source) for port, wire in by_port.items()}

        def called(port: str, j: int) -> str:
            return self._source(by_port[port], j, 0).symbol

        def summand(j: int) -> Expression:
            terms = tuple(self._source(wire, j, depth) for wire in by_port.values())

            def function(changed: Sequence[float]) -> float:
                other = {port: array.copy() for port, array in given.items()}
                for array, number in zip(other.values(), changed, strict=True):
                    array[j if len(array) > 1 else 0] = number
                return found.value(j, {**other, **numbers})

            text = found.text(j, called)
            opened = (text, found.numbers(j, {**given, **numbers}))
            value = found.value(j, {**given, **numbers})
            return Expression("function", value, text, node, terms=terms, function=function,
                              opened=opened)  # fmt: skip

        return [summand(j) for j in range(max(map(len, given.values())))]

    def _weighted(self, node: str, i: int, depth: int) -> list[tuple[Expression, Expression]]:
        """Return the entries in row i of a weight node's matrix, each with what it multiplies."""
        (index,) = self._places.steps[node][-1].slots.values()
        (wire,) = self._places.arriving[node]
        columns = range(self._plan.widths[wire.source])
        return [(self.parameter(index, (i, j)), self._source(wire, j, depth)) for j in columns]

    # -- backward ------------------------------------------------------------------------------

    def gradient(self, node: str, i: int, depth: int) -> Expression:
        """Return ∂E/∂z: the sum of what arrives over the outgoing edges."""
        slot = self._plan.outputs[node]
        one = float(self._run.delta(slot)[i])
        where = self._at("gradient", node, slot, i, self._notation.gradient)
        wires, of = self._run.leaving(slot), self._run.of
        begins = node == of.node if of else not wires and node in self._places.importance
        if depth <= 0 or begins or self._repeats(where):
            return self._closed(one, where, depth)
        terms = [self.message(wire, i, depth) for wire in wires]
        if of is None and node in self._places.importance:
            share = self._places.importance[node]
            terms.append(Expression("value", share, "its share of E", node=node))
        return Expression("sum", one, terms=tuple(terms), **where)

    def delta(self, node: str, i: int, depth: int) -> Expression:
        """Return δ = f′(s)·∂E/∂z of a neuron."""
        slot = self._plan.nets[node]
        one = float(self._run.delta(slot)[i])
        where = self._at("delta", node, slot, i, self._notation.delta)
        if depth <= 0 or self._repeats(where):
            return self._closed(one, where, depth)
        step = self._plan.steps[self._plan.outputs[node]]
        if step.op.elementwise:
            factors = (self.slope(node, i, i), self.gradient(node, i, depth))
            return Expression("product", one, terms=factors, **where)
        terms = tuple(
            self._product((self.slope(node, k, i), self.gradient(node, k, depth)), node=node)
            for k in range(self._plan.widths[step.output])
        )
        return Expression("sum", one, terms=terms, **where)

    def slope(self, node: str, k: int, i: int) -> Expression:
        """Return ∂z_k/∂s_i of a neuron, f′(s) opened where the operation declares it."""
        step = self._plan.steps[self._plan.outputs[node]]
        slot, width = self._plan.nets[node], self._plan.widths[step.output]
        one = float(self._run.slopes(node)[k, i]) if step.op.backward is not None else 0.0
        component = i if width > 1 else None
        if not step.op.elementwise:
            z, s = self._notation.node(node, k), self._notation.net(node, i)
            return Expression("value", one, f"∂{z}/∂{s}", node=node)
        net_input = float(self._run.value(slot)[i])
        opened = opened_steps(partial(slope_steps, step.op, step.params, net_input))
        symbol = self._notation.slope(node, function_name(step.op), component)
        net = self.net(node, i, 0)

        def function(numbers: Sequence[float]) -> float:
            return float(self._run.slope_at(step, numbers[0]))

        where = self._at("slope", node, slot, i, self._notation.net) | {"symbol": symbol}
        how: _Where = {"function": function, "sign": f"{function_name(step.op)}′", **opened}
        return Expression("function", one, terms=(net,), **how, **where)

    def message(self, wire: Wire, i: int, depth: int) -> Expression:
        """Return what an edge carries back to component i of its source."""
        one = float(self._run.message(wire)[i])
        component = i if self._plan.widths[wire.source] > 1 else None
        quantity = self._notation.quantity("message", wire.id, component)
        where: _Where = {
            "symbol": self._notation.message(wire, component),
            "edge": wire.id,
            "quantity": quantity,
        }
        if depth <= 0:
            return self._closed(one, where, depth)
        if wire.weight is not None:
            width = self._plan.widths[self._plan.nets[wire.target]]
            pairs = [
                (self.parameter(wire.weight, (k, i)), self.delta(wire.target, k, depth - 1))
                for k in range(width)
            ]
        elif self._places.steps[wire.target][-1].op.spec.kind == "weight":
            (index,) = self._places.steps[wire.target][-1].slots.values()
            pairs = [
                (self.parameter(index, (k, i)), self.gradient(wire.target, k, depth - 1))
                for k in range(self._plan.parameters[index].shape[0])
            ]
        else:
            pairs = self._local_pairs(wire, i, depth)
            if self._is_whole(wire.target):
                return Expression("product", one, terms=(pairs[0][0],), **where)
        return self._sum_of(one, pairs, where)

    def _is_whole(self, node: str) -> bool:
        """Tell whether a node is what is differentiated: the loss E, or the number itself."""
        if self._run.of is not None:
            return False
        return self._notation.node(node) == "E" and self._places.importance.get(node) == 1

    def _local_pairs(self, wire: Wire, i: int, depth: int) -> list[tuple[Expression, Expression]]:
        """Return ∂target_k/∂source_i and ∂E/∂target_k for each k on which it has a part."""
        local = self._run.jacobian(wire.target)[wire.id][:, i]
        found = np.flatnonzero(local)
        return [
            (self._local(wire, int(k), i, local[k]), self.gradient(wire.target, int(k), depth - 1))
            for k in (found if len(found) else [0])
        ]

    def _local(self, wire: Wire, k: int, i: int, one: float) -> Expression:
        widths = self._plan.widths
        row = k if widths[self._plan.outputs[wire.target]] > 1 else None
        column = i if widths[wire.source] > 1 else None
        symbol = self._notation.local(wire, row, column)
        return Expression(
            "value", float(one), symbol, edge=wire.id, **self._opened_local(wire, k, i)
        )

    def _opened_local(self, wire: Wire, k: int, i: int) -> _Where:
        """Return the derivative by an edge's value as its operation declares it."""
        *others, step = self._places.steps[wire.target]
        if others or step.slots:
            return {}
        ports = step.op.spec.ports
        variadic = bool(ports[0].variadic)
        port = ports[0 if variadic else wire.position].name
        which = wire.position if variadic else None
        given = self._given(step, port, variadic=variadic)
        names = {} if variadic else self._notation.ports(wire.target)
        if given is None:
            text = step.op.symbolic(step.params).derivative_formula(port, which, names, (k, i))
            return {"opened": (text,) if text else ()}
        written = {place: symbol_latex(name) for place, name in names.items()}
        steps = partial(derivative_steps, step.op, step.params, port, given, which)
        return opened_steps(
            lambda as_latex=False: steps(written if as_latex else names, as_latex=as_latex)
        )

    def _given(self, step: Step, port: str, *, variadic: bool) -> dict[str, Value] | None:
        if any(self._plan.widths[slot] > 1 for slot in (*step.inputs, step.output)):
            return None
        inputs: list[Array] = [self._run.value(slot) for slot in step.inputs]
        output = self._run.value(step.output)
        given: dict[str, Value] = {"z": output, "E": output}
        if variadic:
            given[port] = inputs
        else:
            given.update(zip([p.name for p in step.op.spec.ports], inputs, strict=True))
        return given

    # -- parameters ----------------------------------------------------------------------------

    def shares(self, index: int, entry: Entry, depth: int) -> list[Expression]:
        """Return what each place of a parameter gives to its gradient, penalties apart."""
        terms: list[Expression] = []
        carried = self._places.wires_of.get(index, [])
        for wire in carried:
            i, j = entry
            factors = (self.delta(wire.target, i, depth - 1), self._source(wire, j, 1))
            terms.append(self._product(factors, edge=wire.id))
        on_edges = {wire.step for wire in carried}
        owners = [s.owner for s in self._places.uses.get(index, []) if s.output not in on_edges]
        for owner in dict.fromkeys(owners):
            if owner in self._plan.nets:
                terms.append(self.delta(owner, entry[0], depth))
                continue
            if self._places.steps[owner][-1].op.spec.kind == "weight":
                (wire,) = self._places.arriving[owner]
                i, j = entry
                factors = (self.gradient(owner, i, depth - 1), self._source(wire, j, 1))
                terms.append(self._product(factors, node=owner))
                continue
            local = np.array([part[entry] for part in self._run.parameter_jacobian(owner, index)])
            for k in np.flatnonzero(local).tolist():
                symbol = f"∂{self._notation.node(owner)}/∂{self._notation.parameter(index, entry)}"
                own = Expression("value", float(local[k]), symbol, node=owner)
                terms.append(self._product((own, self.gradient(owner, k, depth - 1)), node=owner))
        return terms

    # -- making expressions --------------------------------------------------------------------

    def _at(self, kind: str, node: str, slot: int, i: int, name: Any) -> _Where:
        component = i if self._plan.widths[slot] > 1 else None
        return {
            "symbol": name(node, component),
            "node": node,
            "quantity": self._notation.quantity(kind, node, component),
        }

    def _repeats(self, where: _Where) -> bool:
        """Tell whether a quantity was opened before in this explanation."""
        known = where["quantity"] in self._seen
        self._seen.add(where["quantity"])
        return known

    def _closed(self, one: float, where: _Where, depth: int) -> Expression:
        is_reused = depth > 0 and where["quantity"] in self._seen
        return Expression("value", one, is_reused=is_reused, **where)

    def _product(self, factors: Sequence[Expression], **where: str) -> Expression:
        value = float(np.prod([factor.value for factor in factors]))
        symbol = "·".join(factor.symbol for factor in factors)
        return Expression("product", value, symbol, terms=tuple(factors), **where)  # type: ignore[arg-type]

    def _sum_of(
        self, one: float, pairs: Sequence[tuple[Expression, Expression]], where: _Where
    ) -> Expression:
        """Return a sum of products; a single one is the product itself."""
        if len(pairs) == 1:
            return Expression("product", one, terms=tuple(pairs[0]), **where)
        terms = tuple(self._product(pair) for pair in pairs)
        return Expression("sum", one, terms=terms, **where)

"""Vectors and matrices as a whole: s = W·x + b, δ = f′(s) ∘ Wᵀ·δ, ∂E/∂W = δ·xᵀ, with shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from engine.analysis.explanation.notation import Notation
from engine.analysis.explanation.quantity import Quantity
from engine.analysis.explanation.row_run import PlanPlaces, Wire


class MatrixForm(NamedTuple):
    """A vector or matrix of one row as a formula of others.

    Parameters
    ----------
    name, formula : str
        ``s(h)`` and ``W·x + b``.
    shapes : str
        The same with shapes in place of symbols: ``10 = 10×64 · 64 + 10``.
    """

    name: str
    formula: str
    shapes: str


class _Factor(NamedTuple):
    symbol: str
    shape: str


_Term = Sequence[_Factor]


class MatrixForms:
    """Writes the quantities of neurons, weights and the edges between them as a whole."""

    def __init__(self, places: PlanPlaces, notation: Notation) -> None:
        self._plan, self._places, self._notation = places.plan, places, notation

    def of(self, quantity: Quantity) -> MatrixForm | None:
        """Return a quantity without its component; None of what is no product of matrices."""
        place, kind = quantity.place, quantity.kind
        is_neuron = place in self._plan.nets
        if kind == "s" and is_neuron:
            return self._form(self._net(place), self._arriving(place))
        if kind == "value" and is_neuron:
            return self._form_of_activation(place)
        if kind == "value" and place in self._plan.outputs:
            terms = self._arriving(place)
            return self._form(self._value(place), terms) if terms else None
        if kind == "delta" and is_neuron:
            return self._form_of_delta(place)
        if kind == "gradient" and place in self._plan.outputs:
            wires = self._places.leaving.get(self._plan.outputs[place], [])
            terms = [self._message(wire) for wire in wires]
            return self._form(self._gradient(place), terms) if wires and all(terms) else None
        if kind == "message":
            wire = self._places.wires[place]
            found = self._message(wire)
            name = _Factor(self._notation.message(wire), _vector(self._plan.widths[wire.source]))
            return self._form(name, [found]) if found else None
        if kind == "gradient":
            return self._form_of_parameter(place)
        return None

    # -- terms ---------------------------------------------------------------------------------

    def _arriving(self, node: str) -> list[_Term]:
        """Return what a neuron adds up, or a weight node multiplies; empty of others."""
        terms: list[_Term] = []
        wires = self._places.arriving.get(node, [])
        if node in self._plan.nets:
            terms = [[self._matrix(wire.weight), self._source(wire)]
                     for wire in wires if wire.weight is not None]  # fmt: skip
            bias = [index for step in self._places.steps[node] for index in step.slots.values()
                    if self._plan.parameters[index].is_bias]  # fmt: skip
            terms += [[self._parameter(index)] for index in bias]
        elif self._places.steps[node][-1].op.spec.kind == "weight":
            (index,) = self._places.steps[node][-1].slots.values()
            terms = [[self._parameter(index), self._source(wires[0])]]
        return terms

    def _message(self, wire: Wire) -> _Term:
        """Return Wᵀ·δ of an edge; nothing of an edge without a matrix."""
        if wire.weight is not None:
            return [self._transposed(wire.weight), self._delta(wire.target)]
        step = self._places.steps[wire.target][-1]
        if step.op.spec.kind == "weight":
            (index,) = step.slots.values()
            return [self._transposed(index), self._gradient(wire.target)]
        return []

    def _form_of_activation(self, node: str) -> MatrixForm:
        step = self._plan.steps[self._plan.outputs[node]]
        sign, value = step.op.spec.symbol or "f", self._value(node)
        formula = f"{sign}({self._net(node).symbol})"
        how = ", each component by itself" if step.op.elementwise else ""
        return MatrixForm(value.symbol, formula, f"{value.shape} = {value.shape}{how}")

    def _form_of_delta(self, node: str) -> MatrixForm:
        step = self._plan.steps[self._plan.outputs[node]]
        width = self._plan.widths[step.output]
        sign = step.op.spec.symbol or "f"
        if not step.op.elementwise:
            jacobian = _Factor(f"∂{self._notation.node(node)}/∂{self._notation.net(node)}ᵀ",
                               f"{width}×{width}")  # fmt: skip
            return self._form(self._delta(node), [[jacobian, self._gradient(node)]])
        slope = _Factor(self._notation.slope(node, sign), _vector(width))
        return self._form(self._delta(node), [[slope, self._gradient(node)]], " ∘ ")

    def _form_of_parameter(self, name: str) -> MatrixForm | None:
        known = [i for i, one in enumerate(self._plan.parameters.names) if one == name]
        if not known or len(self._plan.parameters[known[0]].shape) != 2:
            return None
        index = known[0]
        shape = "×".join(map(str, self._plan.parameters[index].shape))
        terms = [[self._delta(wire.target), self._row_of(wire)]
                 for wire in self._places.wires_of.get(index, [])]  # fmt: skip
        on_edges = {wire.target for wire in self._places.wires_of.get(index, [])}
        for step in self._places.uses.get(index, []):
            if step.owner not in on_edges and step.op.spec.kind == "weight":
                (wire,) = self._places.arriving[step.owner]
                terms.append([self._gradient(step.owner), self._row_of(wire)])
        left = _Factor(f"∂{self._notation.above}/∂{self._notation.parameter(index)}", shape)
        return self._form(left, terms) if terms else None

    # -- factors -------------------------------------------------------------------------------

    def _value(self, node: str) -> _Factor:
        return _Factor(self._notation.node(node), self._width(node))

    def _net(self, node: str) -> _Factor:
        return _Factor(self._notation.net(node), self._width(node))

    def _delta(self, node: str) -> _Factor:
        return _Factor(self._notation.delta(node), self._width(node))

    def _gradient(self, node: str) -> _Factor:
        return _Factor(self._notation.gradient(node), self._width(node))

    def _source(self, wire: Wire) -> _Factor:
        return self._value(self._places.node_of[wire.source])

    def _row_of(self, wire: Wire) -> _Factor:
        name, width = self._source(wire).symbol, self._plan.widths[wire.source]
        return _Factor(f"({name})ᵀ" if "·" in name else f"{name}ᵀ", f"1×{width}")

    def _matrix(self, index: int | None) -> _Factor:
        assert index is not None
        return self._parameter(index)

    def _parameter(self, index: int) -> _Factor:
        found = self._plan.parameters[index]
        return _Factor(self._notation.parameter(index), "×".join(map(str, found.shape)))

    def _transposed(self, index: int) -> _Factor:
        found = self._plan.parameters[index]
        shape = "×".join(map(str, reversed(found.shape)))
        return _Factor(f"{self._notation.parameter(index)}ᵀ", shape)

    def _width(self, node: str) -> str:
        return _vector(self._plan.widths[self._plan.outputs[node]])

    def _form(self, left: _Factor, terms: Sequence[_Term], times: str = "·") -> MatrixForm:
        symbols = " + ".join(times.join(factor.symbol for factor in term) for term in terms)
        dot = " ∘ " if times == " ∘ " else " · "
        shapes = " + ".join(dot.join(factor.shape for factor in term) for term in terms)
        return MatrixForm(left.symbol, symbols, f"{left.shape} = {shapes}")


def _vector(width: int) -> str:
    return str(width)

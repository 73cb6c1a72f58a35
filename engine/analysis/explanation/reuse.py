"""Which factors of a parameter's gradient are factors of others too: computed once, reused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from engine.analysis.explanation.notation import Notation
from engine.analysis.explanation.row_run import PlanPlaces


class NamedQuantity(NamedTuple):
    """A quantity as it is written, and its name as `read_quantity` takes it."""

    symbol: str
    quantity: str


class Reuse(NamedTuple):
    """A factor and the other derivatives that have it: of parameters, and of what is before."""

    factor: NamedQuantity
    others: tuple[NamedQuantity, ...]


class ReusedFactors:
    """Finds the derivatives that share factors, by the chain rule of backpropagation."""

    def __init__(self, places: PlanPlaces, notation: Notation) -> None:
        self._plan, self._places, self._notation = places.plan, places, notation

    def of(self, index: int) -> list[Reuse]:
        """Return the factors of ∂E/∂parameter that other derivatives have too; δ before z."""
        owners = [wire.target for wire in self._places.wires_of.get(index, [])]
        owners += [step.owner for step in self._places.uses.get(index, [])]
        found = [
            Reuse(self._derivative(owner), self._with_derivative(owner, index))
            for owner in dict.fromkeys(owners)
        ]
        for source in self._sources(index):
            value = NamedQuantity(self._notation.node(source), f"value:{source}")
            found.append(Reuse(value, self._with_value(source, index)))
        return [one for one in found if one.others]

    def _with_derivative(self, owner: str, index: int) -> tuple[NamedQuantity, ...]:
        """Return what else is made with δ of a neuron, or ∂E/∂z of another node."""
        wires = self._places.arriving.get(owner, [])
        slots = [one for step in self._places.steps[owner] for one in step.slots.values()]
        weights = [wire.weight for wire in wires if wire.weight is not None]
        parameters = dict.fromkeys([*weights, *slots])
        others = [self._gradient(one) for one in parameters if one != index]
        sources = dict.fromkeys(self._places.node_of[wire.source] for wire in wires)
        others += [self._derivative(one) for one in sources if self._is_made(one)]
        return tuple(others)

    def _with_value(self, source: str, index: int) -> tuple[NamedQuantity, ...]:
        """Return the gradients of the other weights that a value goes into."""
        leaving = self._places.leaving.get(self._plan.outputs[source], [])
        weights = [wire.weight for wire in leaving if wire.weight is not None]
        others = dict.fromkeys(one for one in weights if one != index)
        return tuple(map(self._gradient, others))

    def _sources(self, index: int) -> Iterator[str]:
        for wire in self._places.wires_of.get(index, []):
            yield self._places.node_of[wire.source]

    def _is_made(self, node: str) -> bool:
        """Tell whether a node is made of others: derivatives of inputs lead nowhere."""
        return bool(self._places.arriving.get(node))

    def _derivative(self, node: str) -> NamedQuantity:
        if node in self._plan.nets:
            return NamedQuantity(self._notation.delta(node), f"delta:{node}")
        return NamedQuantity(self._notation.gradient(node), f"gradient:{node}")

    def _gradient(self, index: int) -> NamedQuantity:
        name = self._plan.parameters[index].name
        return NamedQuantity(f"∂E/∂{self._notation.parameter(index)}", f"gradient:{name}")

"""What quantities are called, as on a blackboard: δ(h₁), w(x₁ → h₁), σ′(s(h₁))."""

from __future__ import annotations

import re

from engine.analysis.explanation.quantity import DERIVATIVES, Numerator, Quantity
from engine.analysis.explanation.row_run import PlanPlaces, Wire
from engine.declaration.op import Op
from graph.model.document import Document

_FUNCTION = re.compile(r"[A-Za-zα-ω ]+")


def function_name(op: Op) -> str:
    """Return what an operation is called before its inputs: σ, tanh, else as its kind."""
    symbol = op.spec.symbol or ""
    return symbol if _FUNCTION.fullmatch(symbol) else op.spec.kind.replace("_", " ")


class Notation:
    """Symbols of a document's quantities; nodes are called what they are called on the canvas.

    ``of`` is what is differentiated: E, or a number of a node.
    """

    def __init__(self, document: Document, places: PlanPlaces, of: Numerator | None = None) -> None:
        self._document, self._places, self._of = document, places, of
        self.above = "E" if of is None else self.node(of.node, of.component)

    def node(self, node: str, component: int | None = None) -> str:
        """Return the name of a node's value."""
        found = self._document.nodes.get(node)
        name, _, formula = (found.label if found and found.label else node).partition(" = ")
        if found and found.label and found.kind == "weight" and not formula:
            (source,) = (edge.source for edge in self._document.in_edges(node))
            name = f"{name}·{self.node(source)}"  # the matrix has the node's own name
            return name if component is None else f"({name}){_index(component)}"
        return name + _index(component)

    def net(self, node: str, component: int | None = None) -> str:
        """Return the name of a net input."""
        return f"s({self.node(node)}){_index(component)}"

    def delta(self, node: str, component: int | None = None) -> str:
        """Return the name of ∂E/∂s, or of another node's ∂y/∂s."""
        if self._of is not None:
            return f"∂{self.above}/∂{self.net(node, component)}"
        return f"δ({self.node(node)}){_index(component)}"

    def gradient(self, node: str, component: int | None = None) -> str:
        """Return the name of ∂E/∂z."""
        return f"∂{self.above}/∂{self._factor(node, component)}"

    def slope(self, node: str, sign: str, component: int | None = None) -> str:
        """Return the name of f′(s)."""
        return f"{sign}′({self.net(node, component)})"

    def local(self, wire: Wire, row: int | None, column: int | None) -> str:
        """Return the name of ∂target/∂source."""
        source = self._places.node_of[wire.source]
        return f"∂{self._factor(wire.target, row)}/∂{self._factor(source, column)}"

    def ports(self, node: str) -> dict[str, str]:
        """Return what a node's ports and its output are called in its equations: its sources."""
        declared, own = self._places.steps[node][-1].op.spec.ports, self.node(node)
        sources = {
            declared[wire.position].name: self.node(self._places.node_of[wire.source])
            for wire in self._places.arriving[node]
        }
        return {**sources, "z": own, "E": own}

    def _factor(self, node: str, component: int | None) -> str:
        """Return the name of a node's value, a product in brackets."""
        name = self.node(node, component)
        return f"({name})" if "·" in name and not name.startswith("(") else name

    def message(self, wire: Wire, component: int | None = None) -> str:
        """Return the name of what an edge carries back."""
        of = "" if self._of is None else f" of {self.above}"
        return f"message{of}({self.wire(wire)}){_index(component)}"

    def quantity(self, kind: str, place: str, component: int | None) -> str:
        """Return the quantity's name as `read_quantity` takes it."""
        of = self._of if kind in DERIVATIVES else None
        return str(Quantity(kind, place, () if component is None else (component,), of))

    def wire(self, wire: Wire) -> str:
        """Return an edge by its ends."""
        return f"{self.node(self._places.node_of[wire.source])} → {self.node(wire.target)}"

    def parameter(self, index: int, entry: tuple[int, ...] = ()) -> str:
        """Return the name of a parameter, or of an entry of it."""
        found = self._places.plan.parameters[index]
        wires = self._places.wires_of.get(index, [])
        brackets = f"[{','.join(map(str, entry))}]" if entry and found.size > 1 else ""
        if len(wires) == 1:
            label = self._document.edges[wires[0].id].label
            return f"{label or f'w({self.wire(wires[0])})'}{brackets}"
        owner, _, slot = found.name.rpartition(".")
        if not owner:
            return found.name + brackets
        node = self._document.nodes.get(owner)
        if node is not None and node.label and node.kind in ("weight", "bias"):
            name, _, formula = node.label.partition(" = ")  # of a label like O = W·A
            return (formula.partition("·")[0] if formula else name) + brackets
        letter = {"bias": "b", "weight": "W"}.get(slot, slot)
        return f"{letter}({self.node(owner)}){brackets}"


def _index(component: int | None) -> str:
    return "" if component is None else f"[{component}]"

"""Weighted sum, bias and activation in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from engine.declaration.op import (
    WIDEST,
    Array,
    Choices,
    Expand,
    Expansion,
    Initializer,
    Range,
    Slot,
    composite,
)
from graph.model.edits import Edge, Node
from graph.model.kinds import NodeSpec, Params, PortWidths, Role, Shape


def _activations(specs: Iterable[NodeSpec]) -> tuple[str, ...]:
    return tuple(spec.kind for spec in specs if spec.group == "activations")


def _units(params: Params, _widths: PortWidths) -> int:
    return int(params.get("units", 1))  # type: ignore[arg-type]  # declared int below


def _bias_shape(params: Params, widths: PortWidths) -> Shape:
    return (_units(params, widths),)


def _has_bias(params: Params) -> bool:
    return bool(params.get("bias", True))


@composite(
    group="units",
    symbol="f(Σ)",
    aliases=("unit", "layer", "dense", "perceptron", "node", "fully connected"),
    role=Role.UNIT,
    width=_units,
    weighted=True,
    slots={"bias": Slot(_bias_shape, _has_bias, initial="zeros")},
)
def neuron(
    *inputs: Array,
    units: Annotated[int, Range(1, WIDEST), "how many units; more than one make a layer"] = 1,
    activation: Annotated[str, Choices(_activations), "f, applied to the net input s"] = "sigmoid",
    bias: Annotated[bool, "whether a trainable b is added"] = True,
    initializer: Initializer = "xavier_uniform",
) -> Expand:
    """Weigh every input, add a bias, apply an activation: one unit or a whole layer of units.

    Formula: s = Σₑ Wₑ·xₑ + b,  z = f(s)
    Shapes: inputs: (B, nₑ), one weight matrix Wₑ: (m, nₑ) on each edge, b: (m,) → (B, m)
    Source: Rosenblatt 1958; δ = f′(s)·Σ wδ: Rumelhart, Hinton, Williams 1986.
    Every edge into it carries its own trainable weight, so several sources need no concat and a
    skip connection is one more wire. Expand shows the same as single operations.
    """
    return _expand


def _expand(node: Node, params: Params, in_edges: Sequence[Edge]) -> Expansion:
    units, name = _units(params, {}), node.id
    total, offset = f"{name}.s", f"{name}.b"
    drawn = {"initializer": params["initializer"]} if "initializer" in params else {}
    nodes: list[Node] = []
    edges: list[Edge] = []
    for order, edge in enumerate(in_edges):
        nodes.append(Node(edge.id, "weight", "", {**drawn, "width": units}))
        edges.append(Edge(edge.id, edge.source, edge.id, "x"))
        edges.append(Edge(f"{edge.id}.s", edge.id, total, "inputs", order))
    slots: dict[str, str] = {}
    if _has_bias(params):
        nodes.append(Node(offset, "bias", "", {"width": units}))
        edges.append(Edge(f"{offset}.s", offset, total, "inputs", len(in_edges)))
        slots[f"{offset}.bias"] = f"{name}.bias"
    nodes.append(Node(total, "sum"))
    nodes.append(Node(name, str(params.get("activation", "sigmoid")), node.label))
    edges.append(Edge(f"{name}.z", total, name, "x"))
    return Expansion(tuple(nodes), tuple(edges), slots)

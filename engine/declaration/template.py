"""What a composite node stands for: nodes with local names, joined among each other.

A template knows no ids. Compiler and editor place it with `inner_nodes` under a node's id: its
last node has that id itself, the others have a dot and their names behind it, and one ``of`` an
input has the id of that edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from graph.model.kinds import Params


class Input(NamedTuple):
    """An edge into the composite node: its place among them, by port and order, and its port."""

    place: int
    port: str


class InnerEdge(NamedTuple):
    """What an inner node reads: an input, or an earlier inner node by its name.

    If it carries a trainable weight, ``weight`` names the composite's slot for it; one from an
    input has the weight of that edge.
    """

    source: Input | str
    port: str
    weight: str = ""


@dataclass(frozen=True, slots=True)
class InnerNode:
    """A node of a template: an operation, or another composite.

    Parameters
    ----------
    name : str
        Its name in the template.
    kind, params : str, mapping
        As those of a node.
    edges : tuple of InnerEdge
        What it reads; those into one port in their order.
    slots : mapping
        Its trainable slots that are slots of the composite: its own name → the composite's.
    of : Input, optional
        The edge whose weight it is, and whose id it has.
    """

    name: str
    kind: str
    edges: tuple[InnerEdge, ...] = ()
    params: Params = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    of: Input | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """The nodes of a composite; each reads inputs and earlier ones, the last gives the value.

    Raises `ValueError` if there is none, a name comes twice, an input is read twice, or an edge
    starts nowhere.
    """

    nodes: tuple[InnerNode, ...]

    def __post_init__(self) -> None:
        names: set[str] = set()
        read: set[Input] = set()
        for node in self.nodes:
            for source, port, _ in node.edges:
                if source in read if isinstance(source, Input) else source not in names:
                    raise ValueError(f"{port!r} of the inner {node.name!r} cannot read {source!r}")
                if isinstance(source, Input):
                    read.add(source)
            if node.name in names:
                raise ValueError(f"there are two inner {node.name!r}")
            names.add(node.name)
        if not names:
            raise ValueError("there is nothing inside")


Expand: TypeAlias = Callable[[Params, Sequence[Input]], Template]
"""``expand(params, inputs)`` gives the template for complete parameters and so many edges."""


def outermost(kind: str, params: Params, ports: Iterable[str]) -> InnerNode:
    """Return a document's node as if it were inside one: its edges lead to these ports."""
    edges = [InnerEdge(Input(place, port), port) for place, port in enumerate(ports)]
    return InnerNode("", kind, tuple(edges), params)


def inner_nodes(node: InnerNode, expand: Expand, params: Params) -> list[InnerNode]:
    """Return what stands for a composite, named and joined like the nodes beside it.

    Names of nodes and slots below `outermost` begin with a dot, to be put behind the node's id.
    """
    template = expand(params, [Input(place, edge.port) for place, edge in enumerate(node.edges)])
    names = {inner.name: f"{node.name}.{inner.name}" for inner in template.nodes}
    names[template.nodes[-1].name] = node.name
    return [_beside(node, inner, names) for inner in template.nodes]


def _beside(node: InnerNode, inner: InnerNode, names: Mapping[str, str]) -> InnerNode:
    edges = [
        node.edges[source.place]._replace(port=port)
        if isinstance(source, Input)
        else InnerEdge(names[source], port, weight and f"{node.name}.{weight}")
        for source, port, weight in inner.edges
    ]
    slots = {own: node.slots.get(slot, f"{node.name}.{slot}") for own, slot in inner.slots.items()}
    of = node.of if names[inner.name] == node.name else None
    if inner.of is not None:
        source, _, weight = node.edges[inner.of.place]
        if isinstance(source, Input):
            of = source
        else:
            slots["weight"] = weight
    return InnerNode(names[inner.name], inner.kind, tuple(edges), inner.params, slots, of)

"""What a composite node stands for: operations with local names, wired among each other.

A template knows no ids. Compiler and editor place it with `parts_of`: under the node's id stand
its last part, which has that id itself, and the others, with a dot and their names behind it; a
part ``of`` an input has the id of that edge.
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


class Wire(NamedTuple):
    """What a part reads: an input, or an earlier part by its name.

    Into a part that has weights on its wires, ``weight`` names the slot of the whole that is this
    one's; a wire from an input has the weight of that edge.
    """

    source: Input | str
    port: str
    weight: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """An operation, or another composite, inside a composite node.

    Parameters
    ----------
    name : str
        Its name in the template.
    kind, params : str, mapping
        As those of a node.
    wires : tuple of Wire
        What it reads; those into one port in their order.
    slots : mapping
        Its trainable slots that are slots of the whole: its own name → the whole's.
    of : Input, optional
        The edge whose weight it is, and whose id it has.
    """

    name: str
    kind: str
    wires: tuple[Wire, ...] = ()
    params: Params = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)
    of: Input | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """The parts of a composite; each reads inputs and earlier parts, the last gives the value.

    Raises
    ------
    ValueError
        If there is none, a name comes twice, an input is read twice, or a wire comes from nowhere.
    """

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        names: set[str] = set()
        read: set[Input] = set()
        for part in self.parts:
            for source, port, _ in part.wires:
                if source in read if isinstance(source, Input) else source not in names:
                    raise ValueError(f"{port!r} of the inner {part.name!r} cannot read {source!r}")
                if isinstance(source, Input):
                    read.add(source)
            if part.name in names:
                raise ValueError(f"there are two inner {part.name!r}")
            names.add(part.name)
        if not names:
            raise ValueError("there is nothing inside")


Expand: TypeAlias = Callable[[Params, Sequence[Input]], Template]
"""``expand(params, inputs)`` gives the template for complete parameters and so many edges."""


def whole(kind: str, params: Params, ports: Iterable[str]) -> Part:
    """Return a node as a part, its edges being the inputs, by the ports they lead to."""
    wires = [Wire(Input(place, port), port) for place, port in enumerate(ports)]
    return Part("", kind, tuple(wires), params)


def parts_of(part: Part, expand: Expand, params: Params) -> list[Part]:
    """Return what stands for a composite part, called and wired as the parts beside it are.

    Names that begin with a dot, of parts and slots of the whole, are put behind a node's id.
    """
    template = expand(params, [Input(place, wire.port) for place, wire in enumerate(part.wires)])
    names = {inner.name: f"{part.name}.{inner.name}" for inner in template.parts}
    names[template.parts[-1].name] = part.name
    return [_beside(part, inner, names) for inner in template.parts]


def _beside(part: Part, inner: Part, names: Mapping[str, str]) -> Part:
    wires = [
        part.wires[source.place]._replace(port=port)
        if isinstance(source, Input)
        else Wire(names[source], port, weight and f"{part.name}.{weight}")
        for source, port, weight in inner.wires
    ]
    slots = {own: part.slots.get(slot, f"{part.name}.{slot}") for own, slot in inner.slots.items()}
    of = part.of if names[inner.name] == part.name else None
    if inner.of is not None:
        source, _, weight = part.wires[inner.of.place]
        if isinstance(source, Input):
            of = source
        else:
            slots["weight"] = weight
    return Part(names[inner.name], inner.kind, tuple(wires), inner.params, slots, of)

"""Names of quantities: ``delta:h1``, ``gradient:x1-h1.weight[0,2]``, ``derivative:h1|y``, ``E``."""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.errors import DataError
from graph.model.document import Document

KINDS = {
    "value": "node",
    "s": "node",
    "gradient": "any",
    "delta": "node",
    "slope": "node",
    "message": "edge",
    "penalty": "parameter",
    "update": "parameter",
    "loss": "node",
}
"""What can be asked for, and of what."""
_DERIVATIVE = "derivative:"

DERIVATIVES = ("gradient", "delta", "message")
"""Kinds that are derivatives of E: of every other node's output they are called ``derivative``."""

_COMPONENT = re.compile(r"\[(\d+)(?:,(\d+))?\]$")


class Numerator(NamedTuple):
    """Component ``component`` of a node's output, of which a derivative is."""

    node: str
    component: int | None = None

    def __str__(self) -> str:
        return self.node if self.component is None else f"{self.node}[{self.component}]"


class Quantity(NamedTuple):
    """One number, or one component of it.

    Parameters
    ----------
    kind, place : str
        What, and of which node, edge or parameter; E has no place.
    component : tuple of int
        Indices of one entry; empty for all of it.
    of : Numerator, optional
        Of what a `DERIVATIVES` is the derivative, if not of E.
    """

    kind: str
    place: str = ""
    component: tuple[int, ...] = ()
    of: Numerator | None = None

    def __str__(self) -> str:
        place = f":{self.place}" if self.place else ""
        component = f"[{','.join(map(str, self.component))}]" if self.component else ""
        if self.of is None:
            return f"{self.kind}{place}{component}"
        return f"derivative{':s' * (self.kind == 'delta')}{place}{component}|{self.of}"

    @property
    def whole(self) -> Quantity:
        """The quantity with all its components."""
        return self._replace(component=())


def whole_of(text: str) -> str:
    """Return the name of a quantity without a component, which its numerator keeps."""
    below, bar, above = text.partition("|")
    return _COMPONENT.sub("", below) + bar + above


def read_quantity(text: str, document: Document) -> Quantity:
    """Read a name: see `Quantity`.

    Raises
    ------
    DataError
        If there is no such quantity, node, edge or parameter.
    """
    if text.startswith(_DERIVATIVE):
        return _read_derivative(text, document)
    name, component = _split(text.strip())
    kind, _, place = name.partition(":")
    if kind == "E" and not place:
        return Quantity("E")
    if kind not in KINDS:
        kinds = f"{', '.join(KINDS)}:PLACE, {_DERIVATIVE}PLACE|NODE, or E"
        raise DataError(f"{text!r} is no quantity; write one of {kinds}")
    if not place:
        raise DataError(f"{text!r} says of no place; write {kind}:PLACE with an id of the document")
    known = {
        "node": place in document.nodes,
        "edge": place in document.edges,
        "parameter": _is_parameter(place, document),
    }
    where = KINDS[kind]
    if not (known["node"] or known["parameter"] if where == "any" else known[where]):
        wanted = "node or parameter" if where == "any" else where
        raise DataError(f"there is no {wanted} {place!r}; ids are those of the file")
    return Quantity(kind, place, component)


def _read_derivative(text: str, document: Document) -> Quantity:
    """Read ``derivative:PLACE|NODE``; of a unit's net input it is ``derivative:s:NODE|NODE``."""
    below, bar, above = text.removeprefix(_DERIVATIVE).partition("|")
    if not bar:
        raise DataError(f"{text!r} does not say of what; write {_DERIVATIVE}PLACE|NODE")
    node, component = _split(above)
    if node not in document.nodes:
        raise DataError(f"there is no node {node!r}; ids are those of the file")
    of = Numerator(node, component[0] if component else None)
    kind = "message" if _split(below)[0] in document.edges else "gradient"
    if below.startswith("s:"):
        kind, below = "delta", below.removeprefix("s:")
    return read_quantity(f"{kind}:{below}", document)._replace(of=of)


def _split(text: str) -> tuple[str, tuple[int, ...]]:
    """Return a name and the indices that follow it."""
    found = _COMPONENT.search(text)
    if found is None:
        return text, ()
    return text[: found.start()], tuple(int(part) for part in found.groups() if part is not None)


def _is_parameter(name: str, document: Document) -> bool:
    owner = name.rpartition(".")[0]
    if owner in document.nodes:
        return name in document.slots(owner)
    edge = document.edges.get(owner)
    spec = document.spec(edge.target) if edge else None
    is_weight = name.endswith(".weight") and spec is not None and spec.weighted
    return is_weight or name in document.shared.values()

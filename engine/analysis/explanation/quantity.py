"""Names of quantities: ``delta:h1``, ``gradient:x1-h1.weight[0,2]``, ``derivative:h1|y``, ``E``."""

from __future__ import annotations

import re
from difflib import get_close_matches
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
_DERIVATIVE = "derivative"
_FEW = 8  # ids that are named if one does not exist

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
        kind = self.kind
        if self.of is not None and kind in DERIVATIVES:
            kind = f"{_DERIVATIVE}:s" if kind == "delta" else _DERIVATIVE
        place = f":{self.place}" if self.place else ""
        component = f"[{','.join(map(str, self.component))}]" if self.component else ""
        return f"{kind}{place}{component}" + ("" if self.of is None else f"|{self.of}")

    @property
    def whole(self) -> Quantity:
        """The quantity with all its components."""
        return self._replace(component=())


def parse_quantity(text: str) -> Quantity:
    """Take a name apart; of a derivative its kind is as written, ``derivative`` or with ``:s``."""
    below, bar, above = text.strip().partition("|")
    name, component = _split(below)
    kind, _, place = name.partition(":")
    if kind == _DERIVATIVE and place.startswith("s:"):
        kind, place = f"{kind}:s", place.removeprefix("s:")
    of, of_component = _split(above)
    numerator = Numerator(of, of_component[0] if of_component else None) if bar else None
    return Quantity(kind, place, component, numerator)


def read_quantity(text: str, document: Document) -> Quantity:
    """Read a name: see `Quantity`.

    Raises
    ------
    DataError
        If there is no such quantity, node, edge or parameter.
    """
    found = parse_quantity(text)
    kind, place = found.kind, found.place
    if kind == "E" and not place:
        return Quantity("E")
    if found.of is not None or kind.startswith(_DERIVATIVE):
        kind = _kind_of_derivative(text, found, document)
    if kind not in KINDS:
        derivatives = f"{_DERIVATIVE}:PLACE|NODE, {_DERIVATIVE}:s:NODE|NODE"
        kinds = f"{', '.join(KINDS)}:PLACE, {derivatives}, or E"
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
        ids = [*document.edges] if where == "edge" else [*document.nodes]
        if where in ("any", "parameter"):
            ids += [f"{edge}.weight" for edge in document.edges]
        raise DataError(f"there is no {wanted} {place!r}; {_ids(place, ids)}")
    return found._replace(kind=kind)


def _kind_of_derivative(text: str, found: Quantity, document: Document) -> str:
    """Return which of `DERIVATIVES` it is."""
    if found.of is None or not found.kind.startswith(_DERIVATIVE):
        raise DataError(f"{text!r} does not say what of what; write {_DERIVATIVE}:PLACE|NODE")
    if found.of.node not in document.nodes:
        ids = _ids(found.of.node, [*document.nodes])
        raise DataError(f"there is no node {found.of.node!r}; {ids}")
    if found.kind != _DERIVATIVE:
        return "delta"
    return "message" if found.place in document.edges else "gradient"


def _ids(place: str, known: list[str]) -> str:
    """Return which ids there are: those that read alike, else the first."""
    alike = get_close_matches(place, known, _FEW) or known[:_FEW]
    more = ", …" if len(known) > len(alike) else ""
    return f"ids of the file are {', '.join(map(repr, alike))}{more}"


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

"""Names of quantities: ``delta:h1``, ``gradient:x1-h1.weight[0,2]``, ``E``."""

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

_COMPONENT = re.compile(r"\[(\d+)(?:,(\d+))?\]$")


class Quantity(NamedTuple):
    """One number, or one component of it.

    Parameters
    ----------
    kind, place : str
        What, and of which node, edge or parameter; E has no place.
    component : tuple of int
        Indices of one entry; empty for all of it.
    """

    kind: str
    place: str = ""
    component: tuple[int, ...] = ()

    def __str__(self) -> str:
        place = f":{self.place}" if self.place else ""
        component = f"[{','.join(map(str, self.component))}]" if self.component else ""
        return f"{self.kind}{place}{component}"


def read_quantity(text: str, document: Document) -> Quantity:
    """Read a name: see `Quantity`.

    Raises
    ------
    DataError
        If there is no such quantity, node, edge or parameter.
    """
    found = _COMPONENT.search(text)
    component = tuple(int(part) for part in found.groups() if part is not None) if found else ()
    kind, _, place = (text[: found.start()] if found else text).strip().partition(":")
    if kind == "E" and not place:
        return Quantity("E")
    if kind not in KINDS:
        raise DataError(f"{text!r} is no quantity; write one of {', '.join(KINDS)}:PLACE, or E")
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


def _is_parameter(name: str, document: Document) -> bool:
    owner = name.rpartition(".")[0]
    if owner in document.nodes:
        return name in document.slots(owner)
    edge = document.edges.get(owner)
    spec = document.spec(edge.target) if edge else None
    is_weight = name.endswith(".weight") and spec is not None and spec.weighted
    return is_weight or name in document.shared.values()

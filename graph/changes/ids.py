"""Finding ids that are free."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graph.model.document import Document
from graph.model.kinds import NodeSpec, Role

_COUNTED = re.compile(r"(?P<stem>.*?)(?P<count>[1-9]\d{0,8})?\Z", re.DOTALL)
_STEMS = {Role.INPUT: "x", Role.TARGET: "t", Role.UNIT: "h", Role.LOSS: "E", Role.PENALTY: "R"}


class FreeIds:
    """Hands out ids that neither a node nor an edge has, each once.

    Parameters
    ----------
    document : Document
        Whose ids are taken.
    free : iterable of str
        Ids that may be used although the document has them (of what is about to go).
    """

    def __init__(self, document: Document, free: Iterable[str] = ()) -> None:
        self._taken = {*document.nodes, *document.edges} - set(free)
        self._next: dict[str, int] = {}

    def is_free(self, name: str) -> bool:
        """Return whether an id is neither taken nor handed out."""
        return bool(name) and name not in self._taken

    def take(self, name: str) -> str:
        """Note that an id is used, and return it."""
        self._taken.add(name)
        return name

    def node(self, base: str) -> str:
        """Return ``base`` if free, else its stem with the next free number (``h1`` → ``h2``)."""
        if self.is_free(base):
            return self.take(base)
        match = _COUNTED.match(base)
        stem = (match["stem"] if match else base) or "n"
        count = int(match["count"]) if match and match["count"] else 1
        return self._numbered(stem, count + 1)

    def edge(self, source: str, target: str) -> str:
        """Return ``source-target`` if free, else with the next free number behind (``-2``)."""
        base = f"{source}-{target}"
        return self.take(base) if self.is_free(base) else self._numbered(f"{base}-", 2)

    def _numbered(self, stem: str, start: int) -> str:
        count = max(start, self._next.get(stem, start))
        while f"{stem}{count}" in self._taken:
            count += 1
        self._next[stem] = count + 1
        return self.take(f"{stem}{count}")


def fresh_id(document: Document, base: str) -> str:
    """Return ``base`` if no node or edge has that id, else the next like it (``h1`` → ``h2``)."""
    return FreeIds(document).node(base)


def stem(kind: str, spec: NodeSpec | None) -> str:
    """Return what ids of new nodes of a kind begin with (``x`` for inputs, ``h`` for units)."""
    return _STEMS.get(spec.role, kind) if spec else kind or "n"

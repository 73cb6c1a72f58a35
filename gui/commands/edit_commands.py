"""What the Edit menu does: the clipboard, deleting, selecting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import networkx as nx
from PySide6.QtGui import QGuiApplication

from graph.changes import adding, fragments
from graph.errors import EditError, GradwireError
from graph.model.document import Document
from graph.model.edits import Batch, Position
from gui.session.session import Session

Built = TypeVar("Built")
_SHIFT = 40.0  # scene units by which a duplicate stands beside its original


def copy(session: Session) -> None:
    """Put the selected nodes and the edges between them on the clipboard, as text."""
    if nodes := _in_order(session.document, session.selection.nodes):
        text = fragments.to_text(fragments.copy(session.document, nodes))
        QGuiApplication.clipboard().setText(text)


def cut(session: Session) -> None:
    """Copy the selection, then delete it."""
    copy(session)
    _remove(session, "Cut")


def paste(session: Session, at: Position | None = None) -> None:
    """Insert what is on the clipboard, centred at a point of the scene, and select it."""
    text = QGuiApplication.clipboard().text()
    try:
        fragment = fragments.from_text(text, session.library)
    except GradwireError as error:
        session.notice.emit(f"There are no nodes on the clipboard: {error}")
        return
    _insert(session, fragment, at, "Paste")


def duplicate(session: Session) -> None:
    """Insert a copy of the selection beside it."""
    if nodes := _in_order(session.document, session.selection.nodes):
        _insert(session, fragments.copy(session.document, nodes), None, "Duplicate")


def delete(session: Session) -> None:
    """Delete the selected nodes and edges."""
    _remove(session, "Delete")


def delete_and_reconnect(session: Session) -> None:
    """Delete the selected nodes and join what they connected."""
    if nodes := _in_order(session.document, session.selection.nodes):
        build = partial(adding.remove_and_reconnect, session.document, nodes)
        push_built(session, build, f"Delete and reconnect {count(len(nodes), 'node')}")


def select_all(session: Session) -> None:
    """Select every node and edge."""
    session.select(session.document.nodes, session.document.edges)


def select_upstream(session: Session) -> None:
    """Select also everything the selected nodes depend on."""
    _select_reach(session, nx.ancestors)


def select_downstream(session: Session) -> None:
    """Select also everything that depends on the selected nodes."""
    _select_reach(session, nx.descendants)


def _select_reach(
    session: Session, reach: Callable[[nx.MultiDiGraph[str], str], Iterable[str]]
) -> None:
    nodes = set(session.selection.nodes)
    for node in tuple(nodes):
        nodes.update(reach(session.document.graph, node))
    edges = [
        edge.id
        for edge in session.document.edges.values()
        if edge.source in nodes and edge.target in nodes
    ]
    session.select(nodes, edges)


def _remove(session: Session, verb: str) -> None:
    selection = session.selection
    if selection:
        batch = adding.remove(session.document, selection.nodes, selection.edges)
        session.push(batch, f"{verb} {described(len(selection.nodes), len(selection.edges))}")


def _insert(session: Session, fragment: fragments.Fragment, at: Position | None, verb: str) -> None:
    offset = (_SHIFT, _SHIFT)
    if at is not None and fragment.positions:
        xs, ys = zip(*fragment.positions.values(), strict=True)
        offset = at[0] - (min(xs) + max(xs)) / 2, at[1] - (min(ys) + max(ys)) / 2
    result = attempt(session, lambda: fragments.paste(session.document, fragment, offset))
    if result is not None:
        batch, nodes = result
        if session.push(batch, f"{verb} {count(len(nodes), 'node')}"):
            session.select(nodes)


def attempt(session: Session, build: Callable[[], Built]) -> Built | None:
    """Build an edit; what hinders it goes to the session's notice."""
    try:
        return build()
    except EditError as error:
        session.notice.emit(str(error))
        return None


def push_built(session: Session, build: Callable[[], Batch], text: str) -> bool:
    """Build an edit and apply it as one undo entry; whether that worked."""
    batch = attempt(session, build)
    return batch is not None and session.push(batch, text)


def _in_order(document: Document, nodes: Iterable[str]) -> list[str]:
    chosen = set(nodes)
    return [node for node in document.nodes if node in chosen]


def count(number: int, thing: str) -> str:
    """Return ``1 node``, ``3 nodes``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def described(nodes: int, edges: int) -> str:
    """Return ``2 nodes and 1 edge``, leaving out what there is none of."""
    parts = [count(n, thing) for n, thing in ((nodes, "node"), (edges, "edge")) if n]
    return " and ".join(parts) or "nothing"

"""Where nodes stand: align, distribute, lay out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal, TypeAlias

from graph.model.edits import Move, Position
from gui.commands.edit_commands import count
from gui.session.session import Session

Side: TypeAlias = Literal["left", "right", "top", "bottom", "middle", "centre"]

# side → (axis, which of the positions sets the line)
_SIDES: Mapping[str, tuple[int, Callable[[list[float]], float]]] = {
    "left": (0, min),
    "right": (0, max),
    "centre": (0, lambda line: sum(line) / len(line)),
    "top": (1, min),
    "bottom": (1, max),
    "middle": (1, lambda line: sum(line) / len(line)),
}


def align(session: Session, side: Side) -> None:
    """Put the selected nodes on one line."""
    positions = _selected(session)
    if len(positions) < 2:
        return
    axis, choose = _SIDES[side]
    value = choose([position[axis] for position in positions.values()])
    moved = {node: _with(position, axis, value) for node, position in positions.items()}
    session.push(Move(moved), f"Align {count(len(moved), 'node')}")


def distribute(session: Session, axis: Literal[0, 1]) -> None:
    """Space the selected nodes evenly along x (0) or y (1)."""
    positions = _selected(session)
    if len(positions) < 3:
        return
    ordered = sorted(positions, key=lambda node: (positions[node][axis], node))
    first, last = positions[ordered[0]][axis], positions[ordered[-1]][axis]
    gap = (last - first) / (len(ordered) - 1)
    moved = {node: _with(positions[node], axis, first + gap * i) for i, node in enumerate(ordered)}
    session.push(Move(moved), f"Distribute {count(len(moved), 'node')}")


def lay_out(session: Session) -> None:
    """Arrange the selected nodes, or all, in layers from left to right; one undo step.

    Runs in the background; an edit meanwhile makes the result void.
    """
    from graph.layout.arrange import arrange_outline, outline

    document = session.document
    chosen = session.selection.nodes if len(session.selection.nodes) > 1 else None
    version = document.version

    def outdated() -> bool:
        return session.document is not document or document.version != version

    def done(found: Mapping[str, Position]) -> None:
        if found and not outdated():
            moved = found if chosen is None else _about(found, _selected(session))
            session.push(Move(dict(moved)), f"Arrange {count(len(moved), 'node')}")

    graph = outline(document, chosen)
    work = partial(arrange_outline, graph, cancelled=outdated)
    session.background.run("layout", work, done, session.notice.emit)


def _about(found: Mapping[str, Position], here: Mapping[str, Position]) -> dict[str, Position]:
    """Move positions so that their middle is where the nodes were."""
    if not here:
        return dict(found)
    dx, dy = (
        sum(p[axis] for p in here.values()) / len(here)
        - sum(p[axis] for p in found.values()) / len(found)
        for axis in (0, 1)
    )
    return {node: (x + round(dx), y + round(dy)) for node, (x, y) in found.items()}


def _selected(session: Session) -> dict[str, Position]:
    positions = session.document.positions
    return {node: positions[node] for node in session.selection.nodes if node in positions}


def _with(position: Position, axis: int, value: float) -> Position:
    return (value, position[1]) if axis == 0 else (position[0], value)

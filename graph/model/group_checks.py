"""What groups and comments must keep to, whoever makes them."""

from __future__ import annotations

import math
from collections.abc import Iterable

from graph.errors import EditError
from graph.model.edits import Comment, Group


def check_groups(groups: Iterable[Group]) -> None:
    """Check that ids differ, parents come before children and no node is in two groups.

    Raises
    ------
    EditError
        Naming the first group that breaks this.
    """
    seen: set[str | None] = {None}
    members: set[str] = set()
    for group in groups:
        if not group.id or group.id in seen:
            raise EditError(f"there is already a group {group.id!r}; choose another id")
        if group.parent not in seen:
            raise EditError(f"the group {group.id!r} comes before its parent {group.parent!r}")
        twice = members.intersection(group.nodes)
        if twice or len(set(group.nodes)) < len(group.nodes):
            name = min(twice) if twice else group.nodes[0]
            raise EditError(f"{name!r} would be twice in groups (in {group.id!r}); choose one")
        seen.add(group.id)
        members.update(group.nodes)


def check_comments(comments: Iterable[Comment]) -> None:
    """Check that ids differ and rectangles are finite; raises `EditError`."""
    seen: set[str] = set()
    for comment in comments:
        if not comment.id or comment.id in seen:
            raise EditError(f"there is already a comment {comment.id!r}; choose another id")
        if not all(math.isfinite(x) for x in comment.rect):
            raise EditError(f"the comment {comment.id!r} cannot be placed at {comment.rect}")
        seen.add(comment.id)

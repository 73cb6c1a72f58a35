"""The one undo command: an edit of the document and its inverse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtGui import QUndoCommand

from graph.model.edits import (
    Batch,
    Edit,
    Move,
    SetComments,
    SetDataset,
    SetEdgeLabel,
    SetGroups,
    SetLabel,
    SetParam,
    SetParameterValues,
    SetText,
    SetTraining,
)

Apply: TypeAlias = Callable[[Edit], Edit]
_MERGEABLE = 1
_WHOLE = (SetTraining, SetText, SetDataset, SetComments, SetGroups)


class EditCommand(QUndoCommand):
    """One entry of the undo stack around an edit that has been applied already.

    The edit is applied before the push, because a command whose first ``redo`` raises would stay
    in the stack; so the first ``redo`` does nothing. Successive commands with the same ``merge``
    key become one entry (a slider that is dragged); ``text`` is what the menu calls it.
    """

    def __init__(
        self, apply: Apply, edit: Edit, inverse: Edit, text: str, merge: str | None = None
    ) -> None:
        super().__init__(text)
        self.edit, self.inverse, self.merge_key = edit, inverse, merge
        self._apply = apply
        self._applied = True

    def redo(self) -> None:
        """Apply the edit, unless that has just been done."""
        if not self._applied:
            self.inverse = self._apply(self.edit)
        self._applied = True

    def undo(self) -> None:
        """Apply the inverse."""
        self.edit = self._apply(self.inverse)
        self._applied = False

    def id(self) -> int:
        """Return the number by which Qt finds candidates to merge."""
        return _MERGEABLE if self.merge_key is not None else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a later command with the same key into this one."""
        if not isinstance(other, EditCommand) or other.merge_key != self.merge_key:
            return False
        if same_place(self.edit, other.edit):
            self.edit = other.edit
        else:
            self.edit = Batch((self.edit, other.edit))
            self.inverse = Batch((other.inverse, self.inverse))
        self.setText(other.text())
        return True


def same_place(first: Edit, second: Edit) -> bool:
    """Tell whether the second edit overwrites all that the first one wrote."""
    match first, second:
        case SetParameterValues(a), SetParameterValues(b):
            return a.keys() == b.keys()
        case Move(p), Move(q):
            return p.keys() == q.keys()
        case SetParam(), SetParam():
            return (first.node, first.name) == (second.node, second.name)
        case SetEdgeLabel(), SetEdgeLabel():
            return first.edge == second.edge
        case SetLabel(), SetLabel():
            return first.node == second.node
        case _:
            return isinstance(first, _WHOLE) and type(first) is type(second)

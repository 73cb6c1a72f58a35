"""The menu of what is under the mouse on the canvas."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QInputDialog, QMenu

from graph.changes import groups
from graph.model.edits import Comment, Position, SetComments
from gui.canvas.model.hit_test import Hit, Part
from gui.commands.edit_commands import attempt

if TYPE_CHECKING:
    from gui.shell.window import Window

_LINE = ""
_NODE = (
    "edit.cut", "edit.copy", "edit.duplicate", "edit.delete", "edit.bridge", _LINE,
    "graph.replace", "graph.layer", "graph.group", _LINE,
    "graph.expand", "graph.collapse", "graph.split", "graph.merge", _LINE,
    "graph.freeze", "graph.share", _LINE,
    "edit.upstream", "edit.downstream", "view.zoom_selection",
)  # fmt: skip
_EDGE = ("graph.freeze", "graph.share", _LINE, "edit.delete")
_GROUND = (
    "edit.paste", "edit.select_all", _LINE, "graph.layer", "graph.build", "graph.layout", _LINE,
    "view.fit", "file.data",
)  # fmt: skip
_ROWS = {
    Part.NODE: _NODE,
    Part.INPUT: _NODE,
    Part.OUTPUT: _NODE,
    Part.EDGE: _EDGE,
    Part.NOTHING: _GROUND,
    Part.GROUP: (),
    Part.COMMENT: (),
}
_COMMENT_SIZE = (260.0, 120.0)  # scene units


def show_menu(window: Window, hit: Hit, at: QPoint) -> None:
    """Open the menu at a global point."""
    menu = context_menu(window, hit, at)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)


def context_menu(window: Window, hit: Hit, at: QPoint) -> QMenu:
    """Return the menu for what was hit; only commands that can be used now."""
    window.actions_by_id.update_now()
    menu = QMenu(window)
    for name in _ROWS[hit.part]:
        if name == _LINE:
            menu.addSeparator()
        elif window.actions_by_id[name].isEnabled():
            menu.addAction(window.actions_by_id[name])
    place = window.canvas.scene_position(window.canvas.mapFromGlobal(at))
    if hit.part is Part.GROUP:
        _add_group(window, menu, hit.id)
    elif hit.part is Part.COMMENT:
        menu.addAction("&Edit comment…", partial(edit_comment, window, hit.id))
        menu.addAction("&Delete comment", partial(_set_comment, window, hit.id, None))
    elif hit.part is Part.NOTHING:
        menu.addAction("Add &comment…", partial(add_comment, window, place))
    return menu


def add_comment(window: Window, place: Position) -> None:
    """Ask for a text and put it on the canvas."""
    text, ok = QInputDialog.getMultiLineText(window, "Comment", "Text (Markdown)")
    if ok and text.strip():
        document = window.session.document
        taken = {comment.id for comment in document.comments}
        name = next(n for i in range(1, len(taken) + 2) if (n := f"c{i}") not in taken)
        comment = Comment(name, text, (*place, *_COMMENT_SIZE))
        window.session.push(SetComments((*document.comments, comment)), "Add comment")


def edit_comment(window: Window, comment_id: str) -> None:
    """Ask for another text of a comment."""
    old = next(c for c in window.session.document.comments if c.id == comment_id)
    text, ok = QInputDialog.getMultiLineText(window, "Comment", "Text (Markdown)", old.text)
    if ok:
        _set_comment(window, comment_id, text)


def _set_comment(window: Window, comment_id: str, text: str | None) -> None:
    """Give a comment a text, or remove it (None)."""
    comments = tuple(
        c if c.id != comment_id else Comment(c.id, text or "", c.rect)
        for c in window.session.document.comments
        if c.id != comment_id or text is not None
    )
    window.session.push(SetComments(comments), "Edit comment" if text else "Delete comment")


def _add_group(window: Window, menu: QMenu, group_id: str) -> None:
    session = window.session
    found = groups.find(session.document, group_id)
    verb = "&Open" if found.collapsed else "&Fold"
    menu.addAction(f"{verb} group", partial(fold, window, group_id))
    menu.addAction("&Rename group…", partial(_rename_group, window, group_id))
    menu.addAction("&Ungroup", partial(_ungroup, window, group_id))
    menu.addAction(
        "&Select its nodes",
        partial(session.select, groups.members(session.document.groups, group_id)),
    )


def fold(window: Window, group_id: str) -> None:
    """Show a group as one box, or open it again."""
    session = window.session
    found = groups.find(session.document, group_id)
    edit = groups.collapse(session.document, group_id, collapsed=not found.collapsed)
    session.push(edit, f"{'Open' if found.collapsed else 'Fold'} {found.title or 'group'}")


def _rename_group(window: Window, group_id: str) -> None:
    session = window.session
    found = groups.find(session.document, group_id)
    title, ok = QInputDialog.getText(window, "Rename group", "Title", text=found.title)
    if ok:
        session.push(groups.retitle(session.document, group_id, title), "Rename group")


def _ungroup(window: Window, group_id: str) -> None:
    session = window.session
    edit = attempt(session, partial(groups.ungroup, session.document, group_id))
    if edit is not None:
        session.push(edit, "Ungroup")

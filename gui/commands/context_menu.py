"""The menu of what is under the mouse on the canvas."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QInputDialog, QMenu

from graph.changes import groups
from graph.model.edits import Comment, Position, SetComments
from gui.canvas.model.hit_test import Hit, HitKind
from gui.commands.actions import Actions
from gui.commands.context import CommandContext
from gui.commands.edit_commands import push_built

_LINE = ""
_NODE = (
    "edit.cut", "edit.copy", "edit.duplicate", "edit.delete", "edit.bridge", _LINE,
    "graph.replace", "graph.layer", "graph.group", _LINE,
    "graph.expand", "graph.collapse", "graph.split", "graph.merge", _LINE,
    "graph.freeze", "graph.share", _LINE,
    "edit.upstream", "edit.downstream", "view.zoom_selection", _LINE,
    "train.run_to", "train.break", "train.pin",
)  # fmt: skip
_EDGE = (
    "graph.freeze",
    "graph.share",
    _LINE,
    "train.run_to",
    "train.break",
    "train.pin",
    _LINE,
    "edit.delete",
)
_GROUND = (
    "edit.paste", "edit.select_all", _LINE, "graph.layer", "graph.build", "graph.layout", _LINE,
    "view.fit", "file.data",
)  # fmt: skip
_ROWS = {
    HitKind.NODE: _NODE,
    HitKind.INPUT: _NODE,
    HitKind.OUTPUT: _NODE,
    HitKind.EDGE: _EDGE,
    HitKind.NOTHING: _GROUND,
    HitKind.GROUP: (),
    HitKind.COMMENT: (),
}
_COMMENT_SIZE = (260.0, 120.0)  # scene units


def show_menu(context: CommandContext, actions: Actions, hit: Hit, at: QPoint) -> None:
    """Open the menu at a global point."""
    menu = context_menu(context, actions, hit, at)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)


def context_menu(context: CommandContext, actions: Actions, hit: Hit, at: QPoint) -> QMenu:
    """Return the menu for what was hit; only commands that can be used now."""
    actions.update_now()
    menu = QMenu(context.dialog_parent)
    for name in _ROWS[hit.part]:
        if name == _LINE:
            menu.addSeparator()
        elif actions[name].isEnabled():
            menu.addAction(actions[name])
    place = context.canvas.global_position(at)
    if hit.part is HitKind.GROUP:
        _add_group(context, menu, hit.id)
    elif hit.part is HitKind.COMMENT:
        menu.addAction("&Edit comment…", partial(edit_comment, context, hit.id))
        menu.addAction("&Delete comment", partial(_set_comment, context, hit.id, None))
    elif hit.part is HitKind.NOTHING:
        menu.addAction("Add &comment…", partial(add_comment, context, place))
    return menu


def add_comment(context: CommandContext, place: Position) -> None:
    """Ask for a text and put it on the canvas."""
    text, ok = _ask_text(context)
    if ok and text.strip():
        document = context.session.document
        taken = {comment.id for comment in document.comments}
        name = next(n for i in range(1, len(taken) + 2) if (n := f"c{i}") not in taken)
        comment = Comment(name, text, (*place, *_COMMENT_SIZE))
        context.session.push(SetComments((*document.comments, comment)), "Add comment")


def edit_comment(context: CommandContext, comment_id: str) -> None:
    """Ask for another text of a comment."""
    old = next(c for c in context.session.document.comments if c.id == comment_id)
    text, ok = _ask_text(context, old.text)
    if ok:
        _set_comment(context, comment_id, text)


def _ask_text(context: CommandContext, old: str = "") -> tuple[str, bool]:
    parent = context.dialog_parent
    return QInputDialog.getMultiLineText(parent, "Comment", "Text (Markdown)", old)


def _set_comment(context: CommandContext, comment_id: str, text: str | None) -> None:
    """Give a comment a text, or remove it (None)."""
    comments = tuple(
        c if c.id != comment_id else Comment(c.id, text or "", c.rect)
        for c in context.session.document.comments
        if c.id != comment_id or text is not None
    )
    context.session.push(SetComments(comments), "Edit comment" if text else "Delete comment")


def _add_group(context: CommandContext, menu: QMenu, group_id: str) -> None:
    session = context.session
    found = groups.find(session.document, group_id)
    verb = "&Open" if found.collapsed else "&Fold"
    menu.addAction(f"{verb} group", partial(fold, context, group_id))
    menu.addAction("&Rename group…", partial(_rename_group, context, group_id))
    menu.addAction("&Ungroup", partial(_ungroup, context, group_id))
    menu.addAction(
        "&Select its nodes",
        partial(session.select, groups.members(session.document.groups, group_id)),
    )


def fold(context: CommandContext, group_id: str) -> None:
    """Show a group as one box, or open it again."""
    session = context.session
    found = groups.find(session.document, group_id)
    edit = groups.collapse(session.document, group_id, collapsed=not found.collapsed)
    session.push(edit, f"{'Open' if found.collapsed else 'Fold'} {found.title or 'group'}")


def _rename_group(context: CommandContext, group_id: str) -> None:
    session = context.session
    found = groups.find(session.document, group_id)
    title, ok = QInputDialog.getText(
        context.dialog_parent, "Rename group", "Title", text=found.title
    )
    if ok:
        session.push(groups.retitle(session.document, group_id, title), "Rename group")


def _ungroup(context: CommandContext, group_id: str) -> None:
    session = context.session
    push_built(session, partial(groups.ungroup, session.document, group_id), "Ungroup")

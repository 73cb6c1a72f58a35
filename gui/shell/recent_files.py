"""Ways to open a file beside the dialog: recent files, examples, a file dropped on the window."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QMenu

from engine.headless.examples import paths
from gui.commands.context import CommandContext
from gui.documents.example_index import read_examples


def add(context: CommandContext, menu: QMenu, before: QAction) -> None:
    """Insert the menus of recent files and examples; they fill themselves when they open."""
    for title, fill in (("Open &recent", _fill_recent), ("Open &example", _fill_examples)):
        lazy = QMenu(title, menu)
        lazy.aboutToShow.connect(partial(fill, context, lazy))
        menu.insertMenu(before, lazy)


def dropped(event: QDropEvent) -> Path | None:
    """Return the one file that is dragged, if it is of a kind that can be opened."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    if len(paths) == 1 and paths[0].suffix in (".gradwire", ".csv", ".tsv"):
        return paths[0]
    return None


def _fill_recent(context: CommandContext, menu: QMenu) -> None:
    menu.clear()
    for path in context.settings.recent:
        action = menu.addAction(path.name, partial(context.documents.open, path))
        action.setToolTip(str(path))
    if menu.isEmpty():
        menu.addAction("No files yet").setEnabled(False)


def _fill_examples(context: CommandContext, menu: QMenu) -> None:
    menu.clear()
    groups: dict[str, QMenu] = {}
    for example in read_examples(paths()):
        if example.group not in groups:
            groups[example.group] = menu.addMenu(example.group)
        open_it = partial(context.documents.open_example, example.path)
        groups[example.group].addAction(example.title, open_it)

"""The list of units that compute the same."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.session.session import Session
from gui.views.symmetry import SymmetryView

EXAMPLES = Path(__file__).parents[3] / "examples"


def shown(session: Session, qtbot: QtBot) -> SymmetryView:
    view = SymmetryView(session)
    qtbot.addWidget(view)
    view.resize(800, 300)
    view.show()
    qtbot.waitUntil(lambda: view.found is not None)
    return view


def test_hidden_units_with_equal_weights_are_listed_and_selected(
    session: Session, qtbot: QtBot
) -> None:
    assert session.open(EXAMPLES / "ng_symmetry.gradwire")
    view = shown(session, qtbot)
    assert "compute the same (mean over 4 training rows)" in view.words.text()
    assert view.table.topLevelItemCount() == 1
    item = view.table.topLevelItem(0)
    assert item is not None
    assert item.text(4).startswith("the same again")
    where = view.table.visualItemRect(item).center()
    QTest.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert session.selection.nodes == set(item.data(0, Qt.ItemDataRole.UserRole))
    assert len(session.selection.nodes) > 1


def test_updates_keep_them_equal_and_other_weights_part_them(
    session: Session, qtbot: QtBot
) -> None:
    assert session.open(EXAMPLES / "ng_symmetry.gradwire")
    view = shown(session, qtbot)
    before = view.found
    session.run.step()
    qtbot.waitUntil(lambda: view.found is not before and bool(view.found))
    assert view.found is not None
    assert view.found[0].stays
    session.run.randomise()
    qtbot.waitUntil(lambda: view.found == [])
    assert view.words.text() == "No two units compute the same (mean over 4 training rows)."

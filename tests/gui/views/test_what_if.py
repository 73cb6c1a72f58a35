"""The view of what-if: nothing changes before Apply, and Apply makes what was shown."""

from __future__ import annotations

from typing import cast

import pytest
from pytestqt.qtbot import QtBot

from engine.analysis.what_if.ablation import Effect
from engine.analysis.what_if.changes import Action
from gui.session.session import Session
from gui.views.what_if import WhatIfView
from gui.widgets.importance_table import ImportanceTable


@pytest.fixture
def view(xor: Session, qtbot: QtBot) -> WhatIfView:
    view = WhatIfView(xor)
    qtbot.addWidget(view)
    view.resize(1000, 320)
    view.show()
    qtbot.waitUntil(lambda: view.is_built and view.ranking.list.topLevelItemCount() > 0)
    return view


def error(session: Session) -> float:
    assert session.error is not None
    return session.error


def choose(view: WhatIfView, action: Action, qtbot: QtBot) -> Effect:
    """Choose as a user does and wait for the numbers."""
    place = view.action.findData(action)
    assert place >= 0
    view.action.setCurrentIndex(place)
    view.action.activated.emit(place)
    qtbot.waitUntil(view.apply.isEnabled)
    assert isinstance(view.found, Effect)
    return view.found


def line(table: ImportanceTable, name: str) -> list[str]:
    items = [table.list.topLevelItem(i) for i in range(table.list.topLevelItemCount())]
    (item,) = [item for item in items if item is not None and item.text(0) == name]
    return [item.text(i) for i in range(3)]


def test_it_says_what_to_do_until_one_thing_is_selected(
    view: WhatIfView, xor: Session, qtbot: QtBot
) -> None:
    assert "Select one edge" in view.words.text()
    assert not view.apply.isVisible()
    xor.select(("h1", "h2"))
    assert "Select one edge" in view.words.text()
    xor.select(("h1",))
    qtbot.waitUntil(lambda: "Silence h1 (0)" in view.words.text())
    assert "accuracy" in view.words.text()
    assert "Mean over 4 training rows, before training" in view.words.text()


@pytest.mark.parametrize("action", ["cut", "scale", "freeze"])
def test_apply_makes_of_an_edge_what_was_shown_and_undo_takes_it_back(
    view: WhatIfView, xor: Session, qtbot: QtBot, action: Action
) -> None:
    edge = next(iter(xor.document.in_edges("h1"))).id
    xor.select((), (edge,))
    before, count = error(xor), xor.undo_stack.count()
    found = choose(view, action, qtbot)
    assert error(xor) == before  # nothing is changed until then
    assert xor.undo_stack.count() == count
    assert found.before.error == pytest.approx(before, rel=1e-12)
    view.apply.click()
    assert xor.undo_stack.count() == count + 1
    assert error(xor) == pytest.approx(found.after.error, rel=1e-12)
    assert (f"{edge}.weight" in xor.document.frozen) == (action == "freeze")
    xor.undo()
    assert error(xor) == before
    assert f"{edge}.weight" not in xor.document.frozen


@pytest.mark.parametrize("place", ["h1", "x1"])
@pytest.mark.parametrize("action", ["zero", "mean"])
def test_apply_silences_a_unit_or_an_input_and_undo_takes_it_back(
    view: WhatIfView, xor: Session, qtbot: QtBot, place: str, action: Action
) -> None:
    xor.select((place,))
    before = error(xor)
    found = choose(view, action, qtbot)
    view.apply.click()
    assert error(xor) == pytest.approx(found.after.error, rel=1e-12)
    assert place in xor.document.nodes
    xor.undo()
    assert error(xor) == before


def test_the_numbers_follow_the_row_and_the_run(
    view: WhatIfView, xor: Session, qtbot: QtBot
) -> None:
    xor.select(("h1",))
    choose(view, "zero", qtbot)
    xor.set_row(2)
    qtbot.waitUntil(lambda: view.words.text().count("Row 3 (train)") == 1)
    assert cast("Effect", view.found).before.error == pytest.approx(error(xor), rel=1e-12)
    qtbot.waitUntil(lambda: "Row 3 (train)" in view.ranking.words.text())
    xor.set_row(None)
    xor.run.step()
    qtbot.waitUntil(lambda: "after 1 update;" in view.words.text())
    assert cast("Effect", view.found).before.error == pytest.approx(error(xor), rel=1e-12)
    qtbot.waitUntil(lambda: "after 1 update;" in view.ranking.words.text())


def test_the_ranking_lists_every_edge_and_unit_turns_and_selects(
    view: WhatIfView, xor: Session, qtbot: QtBot
) -> None:
    table = view.ranking
    assert table.list.topLevelItemCount() == 6 + 3
    assert line(table, "o")[1] == "silence"
    first = table.list.topLevelItem(0)
    assert first is not None
    largest = first.text(0)
    table.list.header().sectionClicked.emit(2)
    last = table.list.topLevelItem(8)
    assert last is not None
    assert last.text(0) == largest
    table.list.itemClicked.emit(last, 0)
    assert len(xor.selection.nodes) + len(xor.selection.edges) == 1
    qtbot.waitUntil(view.apply.isEnabled)
    assert largest in view.words.text()


def test_the_inputs_are_permuted_in_the_other_tab_and_selected(
    view: WhatIfView, xor: Session, qtbot: QtBot
) -> None:
    view.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: view.inputs.list.topLevelItemCount() == 2)
    assert "permuted over the rows, 5 times each" in view.inputs.words.text()
    item = view.inputs.list.topLevelItem(0)
    assert item is not None
    view.inputs.list.itemClicked.emit(item, 0)
    (node,) = xor.selection.nodes
    assert xor.document.params(node)["columns"] == (item.text(0),)


def test_while_a_run_is_going_nothing_is_applied(
    view: WhatIfView, xor: Session, qtbot: QtBot
) -> None:
    xor.select(("h1",))
    choose(view, "zero", qtbot)
    xor.run.play()
    qtbot.waitUntil(lambda: not view.apply.isEnabled())
    assert "Pause" in view.apply.toolTip()
    xor.run.pause()
    qtbot.waitUntil(view.apply.isEnabled)

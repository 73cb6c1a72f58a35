"""The window: start page and canvas, panels, title, theme, closing."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTabBar
from pytestqt.qtbot import QtBot

from engine.library import library
from gui.canvas.model.hit_test import Hit, HitKind
from gui.commands.context_menu import context_menu
from gui.commands.export_commands import FORMATS, export
from gui.commands.graph_dialogs import build_from
from gui.commands.network_builder import Blueprint, network
from gui.look import theme
from gui.settings import Settings
from gui.shell.window import Window
from gui.views.gradient_check import GradientCheckView


def press(window: Window, qtbot: QtBot, keys: str) -> None:
    """Press a shortcut on the canvas."""
    window.canvas.setFocus()
    QTest.keySequence(window.canvas, QKeySequence(keys))


def trigger(window: Window, command: str) -> None:
    """Choose a command from the menu."""
    window.actions_by_id.update_now()
    assert window.actions_by_id[command].isEnabled()
    window.actions_by_id[command].trigger()


def test_a_key_counts_at_once_for_what_has_just_become_possible(xor_window: Window) -> None:
    xor_window.canvas.setFocus()
    QApplication.processEvents()  # the actions are as they should be without a selection
    count = len(xor_window.session.document.nodes)
    xor_window.session.select(["h1"])
    QTest.keySequence(xor_window.canvas, QKeySequence("Ctrl+D"))
    assert len(xor_window.session.document.nodes) == count + 1


def test_it_begins_with_the_start_page_alone(window: Window) -> None:
    assert window.shows_start
    assert not any(dock.isVisible() for dock in window.docks.values())
    assert window.windowTitle() == "Gradwire"


def test_a_new_network_brings_the_panels(window: Window, qtbot: QtBot) -> None:
    QTest.mouseClick(window.start.new, Qt.MouseButton.LeftButton)
    assert not window.shows_start
    assert window.docks["palette"].isVisible()
    assert window.docks["inspector"].isVisible()


def test_the_title_tells_what_is_unsaved(xor_window: Window, tmp_path: Path) -> None:
    xor_window.documents.save_to(tmp_path / "xor.gradwire")
    assert "xor.gradwire" in xor_window.windowTitle()
    assert not xor_window.isWindowModified()
    xor_window.session.select(["h1"])
    trigger(xor_window, "edit.delete")
    assert xor_window.isWindowModified()
    trigger(xor_window, "edit.undo")
    assert not xor_window.isWindowModified()


def test_keys_reach_the_commands(xor_window: Window, qtbot: QtBot) -> None:
    press(xor_window, qtbot, "Ctrl+A")
    assert len(xor_window.session.selection.nodes) == len(xor_window.session.document.nodes)
    press(xor_window, qtbot, "Del")
    assert not xor_window.session.document.nodes
    press(xor_window, qtbot, "Ctrl+Z")
    assert xor_window.session.document.nodes


def test_a_key_typed_in_a_field_is_no_command(xor_window: Window, qtbot: QtBot) -> None:
    xor_window.session.select(["h1"])
    xor_window.inspector.update_now()
    search = xor_window.kinds.search
    search.setFocus()
    QTest.keyClicks(search, "f1 2")
    QTest.keyClick(search, Qt.Key.Key_Backspace)
    assert search.text() == "f1 "
    assert "h1" in xor_window.session.document.nodes
    assert xor_window.session.shown == "weight"


def test_choosing_a_kind_adds_it_in_view(xor_window: Window) -> None:
    before = set(xor_window.session.document.nodes)
    xor_window.kinds.chosen.emit("constant")
    (new,) = set(xor_window.session.document.nodes) - before
    x, y = xor_window.session.document.positions[new]
    middle = xor_window.canvas.scene_position(QPointF(xor_window.canvas.rect().center()))
    assert (x, y) == pytest.approx(middle, abs=150)


def test_a_problem_is_shown_until_the_user_goes_on(xor_window: Window) -> None:
    xor_window.session.notice.emit("Something is wrong.")
    assert xor_window.notices.isVisible()
    assert xor_window.notices.label.text() == "Something is wrong."
    trigger(xor_window, "edit.select_all")
    assert xor_window.notices.isVisible()
    trigger(xor_window, "edit.delete")
    assert not xor_window.notices.isVisible()


def test_news_covers_nothing(xor_window: Window) -> None:
    xor_window.session.news.emit("Something to know.")
    assert not xor_window.notices.isVisible()
    assert xor_window.status.currentMessage() == "Something to know."


def test_a_problem_leads_to_its_nodes(xor_window: Window, qtbot: QtBot) -> None:
    session = xor_window.session
    session.select((), [edge.id for edge in session.document.in_edges("E")][:1])
    trigger(xor_window, "edit.delete")
    qtbot.waitUntil(lambda: xor_window.problems.count() > 0)
    xor_window.raise_dock("problems")
    item = xor_window.problems.list.item(0)
    xor_window.problems.list.itemClicked.emit(item)
    assert "E" in session.selection.nodes
    assert "problem" in xor_window.status.problems.text()


@pytest.mark.parametrize(("choice", "dark"), [("view.dark", True), ("view.light", False)])
def test_the_theme_is_switched_and_kept(
    xor_window: Window, settings: Settings, choice: str, dark: bool
) -> None:
    trigger(xor_window, choice)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    assert theme.of(app.palette()).is_dark is dark
    assert settings.theme == choice.partition(".")[2]
    theme.apply(app, "light")


def test_motion_is_switched_off(xor_window: Window, settings: Settings) -> None:
    trigger(xor_window, "view.motion")
    assert settings.reduce_motion


@pytest.mark.parametrize("name", list(FORMATS))
def test_every_export_writes_a_file(xor_window: Window, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"out{FORMATS[name].suffix}"
    assert export(xor_window.session, name, path, theme.LIGHT)
    assert path.stat().st_size > 200


def test_the_gradient_check_is_listed_and_leads_there(xor_window: Window, qtbot: QtBot) -> None:
    trigger(xor_window, "train.check")
    view = xor_window.docks["gradient_check"].widget()
    assert isinstance(view, GradientCheckView)
    qtbot.waitUntil(lambda: view.is_built and view.table.topLevelItemCount() > 0)
    assert view.table.topLevelItemCount() == 9
    assert "right" in view.verdict.text()
    view.table.itemClicked.emit(view.table.topLevelItem(0), 0)
    assert xor_window.session.selection


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        (Hit(HitKind.NODE, "h1"), "Replace kind…"),
        (Hit(HitKind.EDGE, "x1-h1"), "Delete"),
        (Hit(), "Add comment…"),
    ],
)
def test_the_menu_fits_what_is_under_the_mouse(xor_window: Window, hit: Hit, expected: str) -> None:
    session = xor_window.session
    session.select([hit.id] if hit.part is HitKind.NODE else (), [hit.id] if hit.id else ())
    menu = context_menu(xor_window, xor_window.actions_by_id, hit, QPoint(400, 400))
    assert expected in [action.text().replace("&", "") for action in menu.actions()]


def test_closing_while_training_ends_the_thread(xor_window: Window, qtbot: QtBot) -> None:
    xor_window.session.run.play()
    qtbot.waitUntil(lambda: xor_window.session.run.epoch > 2)
    assert xor_window.close()
    assert not any(thread.name == "training" for thread in threading.enumerate())


def test_closing_can_be_cancelled(xor_window: Window) -> None:
    xor_window.session.select(["h1"])
    trigger(xor_window, "edit.delete")
    prompts = xor_window.documents.prompts
    xor_window.documents.prompts = replace(prompts, keep=lambda _: "cancel")
    assert not xor_window.close()
    assert xor_window.isVisible()
    xor_window.documents.prompts = prompts


def test_panels_come_back_where_they_were(qtbot: QtBot, xor_window: Window) -> None:
    xor_window.docks["explanation"].hide()
    xor_window.close()
    again = Window(library(), xor_window.settings, xor_window.documents.prompts)
    qtbot.addWidget(again)
    again.show()
    again.documents.new()
    assert not again.docks["explanation"].isVisible()
    assert again.docks["inspector"].isVisible()


def test_projector_mode_hides_the_panels_and_brings_them_back(
    xor_window: Window, qtbot: QtBot
) -> None:
    window, font = xor_window, xor_window.font()
    window.docks["metrics"].hide()
    before = {name for name, dock in window.docks.items() if not dock.isHidden()}
    width = window.canvas.width()
    trigger(window, "view.projector")
    assert all(dock.isHidden() for dock in window.docks.values())
    qtbot.waitUntil(lambda: window.canvas.width() > width)
    assert window.canvas.view.larger > 1
    assert window.actions_by_id["view.projector"].isChecked()
    trigger(window, "view.projector")
    assert {name for name, dock in window.docks.items() if not dock.isHidden()} == before
    assert window.canvas.view.larger == 1
    assert window.font() == font
    assert not window.actions_by_id["view.projector"].isChecked()


def test_the_start_page_ends_projector_mode(xor_window: Window) -> None:
    trigger(xor_window, "view.projector")
    xor_window.show_start()
    xor_window.show_canvas()
    assert not xor_window.projects
    assert not xor_window.docks["inspector"].isHidden()


def test_the_file_on_disk_can_be_read_again(
    xor_window: Window, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "xor.gradwire"
    xor_window.documents.save_to(path)
    text = path.read_text("utf-8")
    with qtbot.waitSignal(xor_window.documents.changed_on_disk):
        path.write_text(text + "\n", "utf-8")
    assert xor_window.notices.action.isVisible()


def test_examples_are_in_the_menu(window: Window) -> None:
    (menu,) = (m for m in window.menuBar().findChildren(QMenu) if "xample" in m.title())
    menu.aboutToShow.emit()
    names = {action.text() for sub in menu.findChildren(QMenu) for action in sub.actions()}
    assert "XOR" in names


def test_a_dropped_document_is_opened(xor_window: Window, tmp_path: Path) -> None:
    path = tmp_path / "dropped.gradwire"
    xor_window.documents.save_to(path)
    xor_window.documents.new()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(300, 300),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    xor_window.dropEvent(event)
    assert xor_window.session.path == path


def test_a_network_from_one_line_trains_at_once(window: Window, qtbot: QtBot) -> None:
    session = window.session
    session.new()
    build_from(window, Blueprint((2, 4, 1)))
    qtbot.waitUntil(lambda: session.error is not None)
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 2)
    session.run.pause()
    session.undo_stack.setIndex(0)
    assert not session.document.nodes
    assert session.document.dataset is None


def test_a_network_for_other_columns_asks_for_data(window: Window) -> None:
    window.session.new()
    build_from(window, Blueprint((3, 4, 2)))
    assert window.session.document.dataset is None
    assert "data" in window.notices.label.text()


def test_play_without_data_offers_to_choose_some(window: Window) -> None:
    window.session.new()
    batch, _ = network(window.session.document, Blueprint((3, 1)), (), ())
    window.session.push(batch, "Build")
    trigger(window, "train.play")
    assert not window.session.run.running
    assert "no data" in window.notices.label.text()
    assert window.notices.action.isVisible()


def test_the_tabs_of_docks_keep_their_whole_names(window: Window, qtbot: QtBot) -> None:
    """With a dozen views each tab once showed two letters."""
    window.resize(900, 700)
    window.show_canvas()
    names = {dock.windowTitle() for dock in window.docks.values()}
    docked = [bar for bar in window.findChildren(QTabBar) if bar.count() > 5]
    qtbot.waitUntil(lambda: any(bar.isVisible() for bar in docked))
    for bar in docked:
        for place in range(bar.count()):
            assert bar.tabText(place) in names
            width = bar.fontMetrics().horizontalAdvance(bar.tabText(place))
            assert bar.tabRect(place).width() > width

"""Gradients that are kept as lines whatever is selected: by dragging, by a command, by the box."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.shell.window import Window
from gui.views.gradients import GradientsView
from gui.widgets.parameter_drag import DragHandle


def trained(window: Window, qtbot: QtBot) -> GradientsView:
    window.show_canvas()
    view = window.raise_dock("gradients")
    assert isinstance(view, GradientsView)
    for _ in range(3):
        window.session.run.step()
    qtbot.waitUntil(lambda: view.is_built and len(view.epochs) > 1)
    return view


def lines(view: GradientsView) -> set[str]:
    return set(view.line_panel.curves())


def drop(handle: DragHandle, view: GradientsView) -> None:
    """Drop what the handle drags: Qt's own loop while the button is down cannot be driven."""
    mime, copy = handle.mime(), Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(view.rect().center(), copy, mime, left, none)
    view.dragEnterEvent(enter)
    assert enter.isAccepted()
    view.dropEvent(QDropEvent(QPointF(view.rect().center()), copy, mime, left, none))


def test_what_is_dragged_from_the_inspector_stays(xor_window: Window, qtbot: QtBot) -> None:
    view, session = trained(xor_window, qtbot), xor_window.session
    session.select(edges=["x1-h1"])
    qtbot.waitUntil(lambda: xor_window.inspector.page.findChild(DragHandle) is not None)
    handle = xor_window.inspector.page.findChild(DragHandle)
    assert handle is not None
    drop(handle, view)
    assert view.pin.isChecked()
    session.select(["o"])
    assert lines(view) == {"x1 → h1", "h1 → o", "h2 → o", "o bias"}
    session.select()
    assert lines(view) == {"x1 → h1"}
    QTest.mouseClick(view.pin, Qt.MouseButton.LeftButton)
    assert lines(view) != {"x1 → h1"}


def test_the_command_pins_what_is_selected(xor_window: Window, qtbot: QtBot) -> None:
    view, session = trained(xor_window, qtbot), xor_window.session
    actions = xor_window.actions_by_id
    session.select()
    actions.update_now()
    assert not actions["train.pin"].isEnabled()
    session.select(edges=["x2-h1"])
    actions.update_now()
    actions["train.pin"].trigger()
    session.select(edges=["h1-o"])
    assert lines(view) == {"x2 → h1", "h1 → o"}
    session.new()
    assert not view.pin.isChecked()


def test_other_things_are_not_taken(xor_window: Window, qtbot: QtBot) -> None:
    view = trained(xor_window, qtbot)
    kind = xor_window.kinds.tree.topLevelItem(0)
    assert kind is not None
    mime = xor_window.kinds.tree.mimeData([kind])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    where, none = view.rect().center(), Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(where, copy, mime, left, none)
    enter.ignore()
    view.dragEnterEvent(enter)
    assert not enter.isAccepted()

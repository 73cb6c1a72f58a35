"""The film's cursor in every plot over time: any epoch can be looked at, and trained on from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from graph.changes import adding
from graph.model.edits import SetParameterValues, SetTraining
from graph.model.tensor import Tensor
from graph.model.training import Training
from gui.plots.time_view import TimeView
from gui.session.session import Session
from gui.views.gradients import GradientsView
from gui.views.histograms import HistogramsView
from gui.views.loss import LossView
from gui.views.metrics import MetricsView
from gui.widgets.number_text import number_text

pg.setConfigOption("mouseRateLimit", -1)  # it drops moves that come faster than a hand's
LEFT = Qt.MouseButton.LeftButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def trained(session: Session, steps: int) -> list[Any]:
    """Step so often; return θ after each epoch, 0 included."""
    seen = [now(session)]
    for _ in range(steps):
        session.run.step()
        seen.append(now(session))
    return seen


def now(session: Session) -> Any:
    assert session.theta is not None
    return session.theta.copy()


def view_of(session: Session, qtbot: QtBot, kind: type[TimeView] = LossView) -> Any:
    view = kind(session)
    qtbot.addWidget(view)
    view.resize(900, 400)
    view.show()
    qtbot.waitUntil(lambda: view.is_built and len(view.epochs) > 0)
    view.grab()  # pyqtgraph fits the axes when it paints
    return view


def drag(view: TimeView, start: float, end: float, *keys: Qt.KeyboardModifier) -> None:
    """Drag with the left button between two epochs, in the last panel."""
    box = view.chart.panels[-1].item.getViewBox()
    height = sum(box.viewRange()[1]) / 2

    def pixel(epoch: float) -> QPoint:
        place: QPoint = view.chart.mapFromScene(box.mapViewToScene(QPointF(epoch, height)))
        return place

    viewport, modifiers = view.chart.viewport(), keys[0] if keys else NO_KEY
    QTest.mousePress(viewport, LEFT, modifiers, pixel(start))
    for share in np.linspace(0.2, 1, 5):
        move(viewport, pixel(start + share * (end - start)), modifiers)
    QTest.mouseRelease(viewport, LEFT, modifiers, pixel(end))


def move(widget: QWidget, place: QPoint, modifiers: Qt.KeyboardModifier) -> None:
    """Move the mouse with the left button held, which `QTest.mouseMove` cannot."""
    there = QPointF(place), QPointF(widget.mapToGlobal(place))
    event = QMouseEvent(QEvent.Type.MouseMove, *there, LEFT, LEFT, modifiers)
    QApplication.sendEvent(widget, event)


def test_frames_one_by_one_and_undo_comes_back(xor: Session, qtbot: QtBot) -> None:
    seen = trained(xor, 10)
    film = view_of(xor, qtbot).film
    assert film.epochs.tolist() == list(range(10))
    assert film.place == 10
    assert not film.forth.isEnabled()
    for place in (9, 8):
        film.back.click()
        assert np.array_equal(now(xor), seen[place])
        assert film.label.text() == f"epoch {place} of 10"
        assert xor.run.epoch == place
    assert xor.undo_stack.undoText() == "Film: epoch 8"
    xor.undo()
    assert np.array_equal(now(xor), seen[10])
    assert film.place == 10
    film.go(2)
    film.go(10)
    assert np.array_equal(now(xor), seen[10])
    assert film.label.text() == "epoch 10"


@pytest.mark.parametrize("kind", [LossView, MetricsView, GradientsView, HistogramsView])
def test_dragging_in_any_plot_moves_the_one_cursor(
    xor: Session, qtbot: QtBot, kind: type[TimeView]
) -> None:
    seen = trained(xor, 40)
    view, other = view_of(xor, qtbot, kind), view_of(xor, qtbot)
    before = view.chart.panels[-1].item.viewRange()
    drag(view, 33, 12)
    assert xor.run.epoch == 12
    assert np.array_equal(now(xor), seen[12])
    for each in (view, other):
        assert each.film.label.text() == "epoch 12 of 40"
        for panel in each.chart.panels:
            assert panel.moment.isVisible()
            assert panel.moment.value() == 12
    assert view.chart.panels[-1].item.viewRange() == before, "what is seen does not move"
    drag(view, 20, 39.9)
    assert xor.run.epoch == 40
    assert np.array_equal(now(xor), seen[40])


def test_readouts_are_of_the_moment_shown(xor: Session, qtbot: QtBot) -> None:
    """They once stayed at the last epoch while the film stood elsewhere."""
    trained(xor, 30)
    loss, gradients = view_of(xor, qtbot), view_of(xor, qtbot, GradientsView)
    _, curve = loss.panel.curves()["train"]
    loss.film.go(7)
    assert f"train <b>{number_text(float(curve[7]))}</b>" in loss.legend.text()
    place = int(np.flatnonzero(gradients.epochs == 7)[0])
    row = gradients._strongest_rows()[0]
    number = number_text(float(gradients.gradients[place, row]))
    assert f"<b>{number}</b>" in gradients.readout.text()


def test_shift_and_drag_moves_what_is_seen(xor: Session, qtbot: QtBot) -> None:
    trained(xor, 40)
    view = view_of(xor, qtbot)
    before = view.panel.item.viewRange()[0]
    drag(view, 30, 10, Qt.KeyboardModifier.ShiftModifier)
    assert xor.run.epoch == 40
    assert view.panel.item.viewRange()[0][0] > before[0] + 10


def test_training_branches_from_the_frame_shown(xor: Session, qtbot: QtBot) -> None:
    seen = trained(xor, 10)
    view = view_of(xor, qtbot)
    view.film.go(4)
    again = trained(xor, 3)
    assert all(np.array_equal(a, b) for a, b in zip(again, seen[4:8], strict=True))
    assert xor.run.epoch == 7
    assert view.film.epochs.tolist() == list(range(7))
    assert xor.run.history is not None
    assert xor.run.history.snapshot().epochs.tolist() == list(range(8))


def test_a_run_that_goes_on_from_a_frame_counts_its_epochs(xor: Session, qtbot: QtBot) -> None:
    """While it ran the epoch once stayed that of the frame."""
    trained(xor, 10)
    view = view_of(xor, qtbot)
    view.film.go(4)
    xor.run.play()
    qtbot.waitUntil(lambda: xor.run.epoch > 20)
    assert xor.run.film_place is None
    xor.run.pause()


def test_playing_ends_at_the_end(xor: Session, qtbot: QtBot) -> None:
    seen = trained(xor, 6)
    film = view_of(xor, qtbot).film
    film.play.click()
    assert film.place == 0
    assert np.array_equal(now(xor), seen[0])
    qtbot.waitUntil(lambda: film.place == 6)
    assert not film.is_playing
    assert np.array_equal(now(xor), seen[6])


@pytest.mark.parametrize(("speed", "pictures"), [("½×", 12), ("1×", 12), ("4×", 3)])
def test_a_film_plays_at_the_speed_that_is_chosen(
    xor: Session, qtbot: QtBot, speed: str, pictures: int
) -> None:
    trained(xor, 12)
    film = view_of(xor, qtbot).film
    film.speed.setCurrentText(speed)
    film.go(0)
    seen: list[int] = []
    xor.readings_changed.connect(lambda: seen.append(film.place))
    film.play.click()
    qtbot.waitUntil(lambda: not film.is_playing)
    assert film.place == 12
    assert len(set(seen)) == pictures


def test_going_to_a_frame_pauses_a_run(xor: Session, qtbot: QtBot) -> None:
    view = LossView(xor)
    qtbot.addWidget(view)
    view.show()
    xor.run.play()
    qtbot.waitUntil(lambda: view.is_built and len(view.epochs) > 3)
    view.film.go(1)
    assert not xor.run.running
    assert xor.undo_stack.undoText().startswith("Film: epoch ")
    xor.undo()
    assert xor.undo_stack.undoText().startswith("Train ")


@pytest.mark.parametrize("kind", [LossView, MetricsView, GradientsView])
def test_curves_of_the_network_before_an_edit_are_marked(
    xor: Session, qtbot: QtBot, kind: type[TimeView]
) -> None:
    trained(xor, 10)
    view = view_of(xor, qtbot, kind)
    panel = view.chart.panels[-1]
    fresh = set(panel.curves())
    edge = next(edge for edge in xor.document.edges.values() if edge.target == "h1")
    xor.push(adding.remove(xor.document, [], [edge.id]), "Cut")
    assert view.is_old
    assert len(panel.curves()) == len(fresh)
    assert all(name.endswith("(before the edit)") for name in panel.curves())
    assert "before the edit" in view.film.readout.text()
    assert not panel.moment.isVisible()
    drag(view, 8, 3)
    assert xor.undo_stack.undoText() == "Cut", "the film is not of this network"
    trained(xor, 3)
    assert not view.is_old
    assert panel.moment.value() == 3


def test_values_typed_since_are_said_beside_the_readouts(xor: Session, qtbot: QtBot) -> None:
    trained(xor, 10)
    view = view_of(xor, qtbot)
    assert "before the edit" not in view.legend.text()
    xor.push(SetParameterValues({"h1.bias": Tensor.of([2.0])}), "Bias")
    assert "before the edit" in view.legend.text()
    assert set(view.panel.curves()) == {"train"}
    xor.undo()
    assert "before the edit" not in view.legend.text()


def test_axes_belong_to_the_curves_that_are_drawn(xor: Session, qtbot: QtBot) -> None:
    """For a frame the numbers at the axis were once those of an older range."""
    trained(xor, 3)
    view = view_of(xor, qtbot)
    trained(xor, 60)  # no paint in between
    axis = view.panel.item.getAxis("bottom")
    assert axis.range[0] <= 0
    assert axis.range[1] >= 63
    assert axis.range == view.panel.item.getViewBox().viewRange()[0]


def test_inside_an_epoch_readouts_say_where_the_curve_ends(xor: Session, qtbot: QtBot) -> None:
    """E of the canvas is then of updates that no point of the curve has seen."""
    xor.push(SetTraining(Training(learning_rate=0.5, batch_size=2)), "Batches")
    for _ in range(5):
        xor.run.step()
    view = view_of(xor, qtbot)
    assert "at the end of epoch 2" in view.legend.text()
    xor.run.step()
    assert "at the end" not in view.legend.text()
    assert xor.run.show_update(3)
    assert "at the end of epoch 1" in view.legend.text()

"""The film below the loss: any epoch of a run can be looked at, and trained on from."""

from __future__ import annotations

from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot

from gui.session.session import Session
from gui.views.loss import LossView


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


def view_of(session: Session, qtbot: QtBot) -> LossView:
    view = LossView(session)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view.is_built and view.film.slider.maximum() > 0)
    return view


def test_the_slider_shows_any_epoch_and_undo_comes_back(xor: Session, qtbot: QtBot) -> None:
    seen = trained(xor, 10)
    view = view_of(xor, qtbot)
    slider = view.film.slider
    assert view.film.epochs.tolist() == list(range(10))
    assert slider.value() == slider.maximum()
    for place in (9, 4):
        slider.setValue(place)
        assert np.array_equal(now(xor), seen[place])
        assert view.film.label.text() == f"epoch {place} of 10"
        assert xor.run.epoch == place
    assert xor.undo_stack.undoText() == "Film: epoch 4"
    xor.undo()
    assert np.array_equal(now(xor), seen[10])
    assert slider.value() == slider.maximum()
    slider.setValue(2)
    slider.setValue(slider.maximum())
    assert np.array_equal(now(xor), seen[10])


def test_training_branches_from_the_frame_shown(xor: Session, qtbot: QtBot) -> None:
    seen = trained(xor, 10)
    view = view_of(xor, qtbot)
    view.film.slider.setValue(4)
    again = trained(xor, 3)
    assert all(np.array_equal(a, b) for a, b in zip(again, seen[4:8], strict=True))
    assert xor.run.epoch == 7
    assert view.film.epochs.tolist() == list(range(7))
    assert xor.run.history is not None
    assert xor.run.history.snapshot().epochs.tolist() == list(range(8))


def test_playing_ends_at_the_end(xor: Session, qtbot: QtBot) -> None:
    seen = trained(xor, 6)
    view = view_of(xor, qtbot)
    view.film.play.click()
    assert view.film.slider.value() == 0
    assert np.array_equal(now(xor), seen[0])
    qtbot.waitUntil(lambda: view.film.slider.value() == view.film.slider.maximum())
    assert np.array_equal(now(xor), seen[6])


def test_dragging_pauses_a_run(xor: Session, qtbot: QtBot) -> None:
    view = LossView(xor)
    qtbot.addWidget(view)
    view.show()
    xor.run.play()
    qtbot.waitUntil(lambda: view.is_built and view.film.slider.maximum() > 3)
    view.film.slider.setValue(1)
    assert not xor.run.running
    assert xor.undo_stack.undoText().startswith("Film: epoch ")
    xor.undo()
    assert xor.undo_stack.undoText().startswith("Train ")

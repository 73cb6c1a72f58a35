"""The memory view: the batch of the settings, the cursor inside an update, float16."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.library import library
from gui.plots.chart import Spot
from gui.plots.words.memory_words import bytes_text
from gui.session.session import Session
from gui.views.memory import MemoryView

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(library())
    assert session.open(EXAMPLES / "vanishing_sigmoid_chain.gradwire")
    yield session
    session.close()


def shown(session: Session, qtbot: QtBot) -> MemoryView:
    view = MemoryView(session)
    qtbot.addWidget(view)
    view.resize(1000, 300)
    view.show()
    qtbot.waitUntil(lambda: view.is_built and view.found is not None)
    return view


def test_the_cursor_says_what_is_kept_and_what_is_not_needed_any_more(
    session: Session, qtbot: QtBot
) -> None:
    view = shown(session, qtbot)
    assert "needed at once" in view.readout.text()
    assert "become 0" in view.words.text()
    session.stepper.forward()
    qtbot.waitUntil(lambda: "stop 1 of" in view.readout.text())
    assert "all of it still needed" in view.readout.text()
    assert "is known from stop" in view.words.text()
    score = session.stepper.score
    assert score is not None
    session.stepper.run_to("h1.bias")
    while session.stepper.stop is not None and session.stepper.stop + 1 < len(score):
        session.stepper.forward()
    qtbot.waitUntil(lambda: f"stop {len(score)} of" in view.readout.text())
    assert "not needed any more" in view.readout.text()
    assert "become 0" in view.words.text()
    assert view.time_panel.moment.isVisible()
    session.stepper.rest()
    qtbot.waitUntil(lambda: "needed at once" in view.readout.text())
    assert not view.time_panel.moment.isVisible()


def test_a_click_selects_what_the_bar_is_of(session: Session, qtbot: QtBot) -> None:
    view = shown(session, qtbot)
    assert view.found is not None
    places = list(view.found.memory.by_place)
    node = places.index("h3")
    view.chart.clicked.emit(Spot(0, 1.0, node + 0.5))
    assert view.session.selection.nodes == {"h3"}
    edge = next(place for place in places if place.endswith(".weight"))
    view.chart.clicked.emit(Spot(0, 1.0, places.index(edge) + 0.5))
    assert view.session.selection.edges == {edge.removesuffix(".weight")}


def test_the_scale_is_chosen_and_the_bytes_are_written(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    view = shown(session, qtbot)
    view.power.setValue(7)
    assert "E times 2^7" in view.words.text()
    view.power.setValue(0)
    assert "E times" not in view.words.text()
    for suffix in ("png", "svg", "csv"):
        view.export.save(tmp_path / f"memory.{suffix}")
        assert (tmp_path / f"memory.{suffix}").stat().st_size > 0
    assert "bytes needed" in (tmp_path / "memory.csv").read_text("utf-8")


def test_bytes_are_written_in_binary_units() -> None:
    assert bytes_text(72) == "72 bytes"
    assert bytes_text(1024) == "1 KiB"
    assert bytes_text(3 * 1024**2) == "3 MiB"

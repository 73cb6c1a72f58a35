"""The palette: groups, search, what is dragged."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.library import library
from gui.widgets.fuzzy_match import score
from gui.widgets.node_palette import MIME, Palette


@pytest.fixture
def palette(qtbot: QtBot) -> Palette:
    palette = Palette(library())
    qtbot.addWidget(palette)
    palette.show()
    return palette


def test_every_kind_is_listed(palette: Palette) -> None:
    assert palette.shown_kinds() == list(library())


@pytest.mark.parametrize(
    ("typed", "kind"), [("sigm", "sigmoid"), ("relu", "relu"), ("mse", "mean_squared_error")]
)
def test_typing_finds_the_kind_first(palette: Palette, qtbot: QtBot, typed: str, kind: str) -> None:
    QTest.keyClicks(palette.search, typed)
    assert palette.shown_kinds()[0] == kind
    palette.search.clear()
    assert len(palette.shown_kinds()) == len(library())


def test_enter_chooses_the_best_match(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.search, "tanh")
    with qtbot.waitSignal(palette.chosen) as chosen:
        QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert chosen.args == ["tanh"]


def test_a_kind_is_dragged_by_name(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.search, "neuron")
    item = palette.tree.topLevelItem(0)
    assert item is not None
    data = palette.tree.mimeData([item])
    assert data.data(MIME).data() == b"neuron"


def test_a_double_click_chooses(palette: Palette, qtbot: QtBot) -> None:
    QTest.keyClicks(palette.search, "neuron")
    item = palette.tree.topLevelItem(0)
    assert item is not None
    place = palette.tree.visualItemRect(item).center()
    QTest.mouseClick(palette.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(palette.chosen) as chosen:
        QTest.mouseDClick(palette.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["neuron"]


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [("sig", "sigmoid", "hard sigmoid"), ("hs", "hard sigmoid", "sinh"), ("add", "add", "padding")],
)
def test_better_fits_score_higher(typed: str, better: str, worse: str) -> None:
    assert score(typed, [better]) > score(typed, [worse])


def test_what_does_not_fit_scores_nothing() -> None:
    assert score("xyz", ["sigmoid", "logistic"]) == 0
    assert score("", ["anything"]) == 1

"""Formulas on screen: every term has its place, is lit with its like, is opened and copied."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.analysis.explanation.latex_symbols import symbol_latex
from gui.formulas.flow import set_lines
from gui.formulas.formula_view import FormulaView
from gui.formulas.glyphs import typeset, typeset_number
from gui.formulas.pieces import Line, Piece, sign

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def symbol(text: str, term: str, opens: str = "") -> Piece:
    place = ("node", term)
    return Piece(text, symbol_latex(text), term=term, opens=opens, place=place)  # type: ignore[arg-type]


def long_sum(terms: int) -> Line:
    line = [symbol("δ(h₁)", "h1"), sign("=")]
    for i in range(terms):
        line += [sign("+", breaks=True)] * (i > 0)
        line += [Piece("0.40", "0.40", is_number=True, term=f"w{i}"), sign("·")]
        line.append(symbol("δ(o)", f"o{i}", f"delta:o{i}"))
    return tuple(line)


@pytest.fixture
def view(qtbot: QtBot) -> FormulaView:
    view = FormulaView()
    qtbot.addWidget(view)
    view.resize(400, 100)
    view.show_lines(set_lines([long_sum(12)]))
    view.show()
    return view


def center(view: FormulaView, term: str) -> QPoint:
    return next(rect for piece, rect in view.pieces if piece.term == term).center().toPoint()


def test_every_term_is_found_where_it_is_drawn(view: FormulaView) -> None:
    for piece, rect in view.pieces:
        if piece.term:
            found = view.piece_at(rect.center())
            assert found is not None
            assert found.term == piece.term


def test_a_long_sum_goes_on_below_and_stays_inside(view: FormulaView) -> None:
    rects = [rect for _, rect in view.pieces]
    assert max(rect.right() for rect in rects) <= view.width()
    assert max(rect.bottom() for rect in rects) <= view.height()
    assert len({round(rect.bottom()) for piece, rect in view.pieces if piece.is_number}) > 1
    height = view.height()
    view.resize(1200, view.height())
    assert view.height() < height


def test_terms_do_not_overlap(view: FormulaView) -> None:
    for one, other in pairwise([rect for _, rect in view.pieces]):
        assert not one.adjusted(0.5, 0.5, -0.5, -0.5).intersects(
            other.adjusted(0.5, 0.5, -0.5, -0.5)
        )


def test_pointing_tells_the_term_and_clicking_opens_it(view: FormulaView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.pointed) as pointed:
        QTest.mouseMove(view, center(view, "o3"))
    assert pointed.args[0].place == ("node", "o3")
    with qtbot.waitSignal(view.chosen) as chosen:
        QTest.mouseClick(
            view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, center(view, "o3")
        )
    assert chosen.args[0].opens == "delta:o3"


def test_keys_go_through_the_terms(view: FormulaView, qtbot: QtBot) -> None:
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Right)
    with qtbot.waitSignal(view.chosen) as chosen:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert chosen.args[0].opens == "delta:o0"


def test_it_is_copied_as_text_and_as_latex(view: FormulaView) -> None:
    view.show_lines(set_lines([(symbol("∂E/∂w₁", "w"), sign("="), symbol("δ(ŷ)", "y"))]))
    view.copy_text()
    assert QGuiApplication.clipboard().text() == "∂E/∂w₁ = δ(ŷ)"
    view.copy_latex()
    written = r"\frac{\partial E}{\partial w_{1}} = \delta_{\hat{y}}"
    assert QGuiApplication.clipboard().text() == written


def test_a_symbol_is_as_wide_as_its_parts() -> None:
    assert typeset("ab").width == pytest.approx(typeset("a").width + typeset("b").width, rel=0.2)
    assert typeset_number("−1.25e−05").width > typeset_number("1.25").width


@given(st.text(max_size=8))
def test_any_name_can_be_typeset(name: str) -> None:
    assert typeset(symbol_latex(f"δ({name})")).width > 0

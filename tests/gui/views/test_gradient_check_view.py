"""The gradient check says of what it is, in the names and numbers of the text."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from gui.session.session import Session
from gui.views.gradient_check import GradientCheckView


def checked(session: Session, qtbot: QtBot) -> GradientCheckView:
    view = GradientCheckView(session)
    qtbot.addWidget(view)
    view.show()
    view.check()
    qtbot.waitUntil(lambda: view.is_built and view.table.topLevelItemCount() > 0)
    return view


def test_names_steps_and_both_errors_stand_in_the_table(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    session.open(Path("examples/dolhansky_3_outputs.gradwire"))
    view = checked(session, qtbot)
    names = {view.table.topLevelItem(i).text(0) for i in range(view.table.topLevelItemCount())}  # type: ignore[union-attr]
    assert "wᵢⱼ" in names
    item = view.table.topLevelItem(0)
    assert item is not None
    ahead, behind, step = (float(item.text(place).replace("−", "-")) for place in (5, 6, 7))
    difference = float(item.text(3).replace("−", "-"))
    view.export.save(tmp_path / "check.csv")
    lines = list(csv.reader((tmp_path / "check.csv").read_text("utf-8").splitlines()))
    assert len(lines) == 1 + view.table.topLevelItemCount()
    assert lines[1][1] == "[0,0]"
    numbers = [float(part) for part in lines[1][2:]]
    assert numbers[1] == (numbers[3] - numbers[4]) / (2 * numbers[5])
    assert (ahead - behind) / (2 * step) == pytest.approx(difference, rel=0.02, abs=1e-5)


def test_it_is_of_the_rows_that_are_shown_and_says_so(xor: Session, qtbot: QtBot) -> None:
    """It was once the batch mean beside the numbers of a row."""
    xor.set_row(2)
    view = checked(xor, qtbot)
    assert view.verdict.text().startswith("E of row 3 (train): All ")
    readings = xor.readings
    assert readings is not None
    shown = dict(zip(readings.edges, readings.gradient.tolist(), strict=True))
    assert view._checks is not None
    for check in view._checks:
        edge = check.parameter.removesuffix(".weight")
        if edge in shown:
            assert check.analytic == pytest.approx(shown[edge], rel=1e-9)
    xor.set_row(None)
    assert "no longer shown" in view.verdict.text()
    view.again.click()
    qtbot.waitUntil(lambda: view.verdict.text().startswith("E of mean over 4 training rows"))
    xor.push(SetParameterValues({"h1.bias": Tensor.of([2.0])}), "Bias")
    assert "no longer shown" in view.verdict.text()


def test_the_empty_view_has_a_button_that_checks(xor: Session, qtbot: QtBot) -> None:
    view = GradientCheckView(xor)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view.is_built and view.mend_button.isVisible())
    QTest.mouseClick(view.mend_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.table.isVisible() and view.table.topLevelItemCount() == 9)

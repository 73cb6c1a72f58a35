"""Views of one number, one unit, one layer: slice of E, activation, pictures of weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from gui.plots.chart import Spot
from gui.plots.plot_view import PlotView
from gui.session.session import Session
from gui.views.activation_curve import ActivationCurveView
from gui.views.loss_slice import LossSliceView
from gui.views.loss_surface import LossSurfaceView
from gui.views.regions import RegionsView
from gui.views.weight_pictures import WeightPicturesView
from gui.widgets.number_text import number_text


def shown(view: PlotView, qtbot: QtBot) -> None:
    qtbot.addWidget(view)
    view.resize(800, 400)
    view.show()
    qtbot.waitUntil(lambda: view.is_built)


def test_the_slice_follows_selection_rows_and_values(xor: Session, qtbot: QtBot) -> None:
    view = LossSliceView(xor)
    shown(view, qtbot)
    xor.select(edges=("x1-h2",))
    qtbot.waitUntil(lambda: "x1 → h2" in view.readout.text())
    assert view.found is not None
    readings = xor.readings
    assert readings is not None
    gradient = float(readings.gradient[readings.edges.index("x1-h2")])
    assert view.found.slope == pytest.approx(gradient, rel=1e-12)
    assert view.found.error == pytest.approx(readings.error, rel=1e-12)
    assert number_text(gradient) in view.readout.text()
    assert set(view.panel.curves()) == {"E", "tangent", "secant"}
    xor.set_row(1)
    qtbot.waitUntil(lambda: "row 2 (train)" in view.readout.text())
    xor.push(SetParameterValues({"x1-h2.weight": Tensor.of([[1.5]])}), "Weight")
    qtbot.waitUntil(lambda: view.found is not None and view.found.value == 1.5)
    xor.select(nodes=("o",))
    qtbot.waitUntil(lambda: "o bias" in view.readout.text())


def test_the_curve_of_the_selected_unit_has_its_s_on_it(session: Session, qtbot: QtBot) -> None:
    session.open(Path("examples/mazur.gradwire"))
    view = ActivationCurveView(session)
    shown(view, qtbot)
    assert view.found is None
    session.select(nodes=("h1",))
    qtbot.waitUntil(lambda: view.found is not None)
    assert "s = 0.3775, f(s) = 0.5933, f′(s) = 0.2413" in view.readout.text()
    assert set(view.panel.curves()) == {"f(s)", "f′(s)", "tangent"}
    session.select()
    assert view.found is None


def test_weights_of_digits_are_pictures(session: Session, qtbot: QtBot) -> None:
    session.open(Path("examples/digits.gradwire"))
    view = WeightPicturesView(session)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: len(view.found) == 1)
    weights = session.value("x-h.weight")
    assert weights is not None
    assert np.array_equal(view.grid.pictures, weights.reshape(-1, 8, 8))
    view.grid.hovered.emit((3, 2, 1))
    assert number_text(float(weights[3, 17])) in view.readout.text()
    view.grid.clicked.emit(3)
    assert session.selection.edges == {"x-h"}


def test_networks_without_pictures_say_what_is_missing(xor: Session, qtbot: QtBot) -> None:
    view = WeightPicturesView(xor)
    shown(view, qtbot)
    view.update_now()
    assert not view.found
    assert "8×8" in view.empty


def test_the_surface_shows_the_path_of_the_run(xor: Session, qtbot: QtBot) -> None:
    for _ in range(5):
        xor.run.step()
    view = LossSurfaceView(xor)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: view.found is not None)
    assert view.found is not None
    assert view.found.error == pytest.approx(xor.error, rel=1e-12)
    x, y = view.panel.curves()["path of the run"]
    assert len(x) == 6
    assert [x[-1], y[-1]] == view.found.value.tolist()
    view.numbers[1].choose([view.numbers[1].parameter.itemData(4)])
    view.update_now()
    qtbot.waitUntil(lambda: view.found is not None and view.found.value[1] != y[-1])
    names = [chooser.parameter.currentData() for chooser in view.numbers]
    weight = next(name for name in names[1:] + names if name.endswith(".weight"))
    xor.select(edges=(weight.removesuffix(".weight"),))
    names = [chooser.parameter.currentData() for chooser in view.numbers]
    assert names[0] == weight != names[1], "a plane needs two numbers"


def test_regions_of_two_inputs_follow_the_weights(
    xor: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    view = RegionsView(xor)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: view.found is not None)
    assert view.found is not None
    before = view.found.answers
    assert view.image.image.shape == before.shape
    assert len(view.points.data) == 4
    xor.run.step()
    qtbot.waitUntil(lambda: view.found is not None and view.found.answers is not before)
    view.chart.hovered.emit(Spot(0, 0.0, 1.0))
    assert "x1 = " in view.readout.text()
    view.export.save(tmp_path / "regions.csv")
    lines = (tmp_path / "regions.csv").read_text("utf-8").splitlines()
    assert view.found is not None
    assert len(lines) == 1 + view.found.answers.size
    assert float(lines[1].split(",")[2]) == view.found.answers[0, 0]

"""Loss and gradient views: what is drawn is what the run reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QMainWindow,
    QStackedLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from sklearn.datasets import load_digits

from engine.interpreter.probe import Probe
from engine.library import library
from engine.training import History
from graph.model.dataset import Generator, Inline, Split
from graph.model.edits import Batch, SetDataset, SetLabel, SetTraining
from graph.model.training import Training
from gui.commands.network_builder import Blueprint, network
from gui.look import theme
from gui.plots.chart import Spot
from gui.plots.panel import shortened
from gui.plots.plot_view import PlotView
from gui.plots.stable_range import log_ticks
from gui.session.edited_row import DataEntry
from gui.session.session import Session
from gui.views import view_classes
from gui.views.depth import DepthView
from gui.views.gradients import GradientsView
from gui.views.loss import LossView
from gui.views.metrics import MetricsView
from gui.views.predictions import PredictionsView

POINTS = Generator(
    name="xor", n=40, features=("x1", "x2"), targets=("y",), split=Split(validation=0.25)
)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(library())
    session.new()
    batch, _ = network(session.document, Blueprint((2, 3, 1)), ("x1", "x2"), ("y",))
    settings = SetTraining(Training(learning_rate=0.5, epochs=1_000_000))
    session.push(Batch((SetDataset(POINTS), batch, settings)), "Build")
    yield session
    session.close()


def shown(view: PlotView, qtbot: QtBot) -> PlotView:
    qtbot.addWidget(view)
    view.resize(800, 400)
    view.show()
    qtbot.waitExposed(view)
    return view


def has_content(view: PlotView) -> bool:
    """Tell whether there is something to see rather than how to get there."""
    stack = view.layout()
    assert isinstance(stack, QStackedLayout)
    return stack.currentIndex() == 1


def seen_range(view: LossView) -> list[float]:
    view.grab()  # pyqtgraph fits the axes when it paints
    bottom, top = view.panel.item.viewRange()[1]
    return [float(bottom), float(top)]


def train(session: Session, epochs: int) -> None:
    for _ in range(epochs):
        session.run.step()


def test_views_are_found_in_the_order_of_their_tabs(session: Session, qtbot: QtBot) -> None:
    classes = view_classes()
    assert [view.title for view in classes][:2] == ["Loss", "Gradients"]
    assert len({view.title for view in classes}) == len(classes)
    for view in classes:
        widget = view(session)
        qtbot.addWidget(widget)
        assert widget.icon
        assert widget.empty


@pytest.mark.parametrize("view_class", [LossView, GradientsView])
def test_a_view_says_how_to_start_and_follows_the_run(
    session: Session, qtbot: QtBot, view_class: type[PlotView]
) -> None:
    view = shown(view_class(session), qtbot)
    qtbot.waitUntil(lambda: view.is_built)
    assert not has_content(view)
    train(session, 3)
    assert has_content(view)
    session.new()
    assert not has_content(view)


def test_penalties_have_their_own_curve_and_e_includes_them(session: Session, qtbot: QtBot) -> None:
    """E of the run bar was once another number than anything in this view."""
    view = LossView(session)
    shown(view, qtbot)
    train(session, 2)
    assert set(view.panel.curves()) == {"train", "validation"}
    assert "E = train" in view.legend.text()
    session.run.reset()
    settings = msgspec.structs.replace(session.document.training, l2=3.0)
    session.push(SetTraining(settings), "Penalty")
    train(session, 5)
    curves = {name: y for name, (_, y) in view.panel.curves().items() if "previous" not in name}
    assert set(curves) == {"train", "validation", "penalty", "E"}
    assert curves["penalty"][-1] > 0
    assert curves["E"] == pytest.approx(curves["train"] + curves["penalty"], rel=1e-12)
    assert curves["E"][-1] == pytest.approx(session.run.error, rel=1e-12)
    assert "E = train + penalty" in view.legend.text()


def test_loss_is_drawn_for_each_split(session: Session, qtbot: QtBot) -> None:
    view = LossView(session)
    shown(view, qtbot)
    train(session, 5)
    curves = view.panel.curves()
    assert set(curves) == {"train", "validation"}
    epochs, loss = curves["train"]
    assert epochs.tolist() == [0, 1, 2, 3, 4, 5]
    assert loss[-1] == pytest.approx(session.run.error, rel=1e-12)
    assert "train" in view.legend.text()


def test_charts_follow_the_theme(session: Session, qtbot: QtBot) -> None:
    view = LossView(session)
    shown(view, qtbot)
    train(session, 2)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    try:
        for choice in (theme.DARK, theme.LIGHT):
            theme.apply(app, "dark" if choice.is_dark else "light")
            ground = view.chart.grab().toImage().pixelColor(2, 2)
            assert ground == view.palette().base().color()
            assert theme.of(view.palette()) is choice
    finally:
        theme.apply(app, "light")


def test_loss_is_drawn_live(session: Session, qtbot: QtBot) -> None:
    view = LossView(session)
    shown(view, qtbot)
    session.run.play()
    qtbot.waitUntil(lambda: has_content(view) and view.panel.curves()["train"][0][-1] > 30)
    session.run.pause()
    assert view.panel.curves()["train"][0][-1] == session.run.epoch


def test_log_axis_and_smoothing(session: Session, qtbot: QtBot) -> None:
    view = LossView(session)
    shown(view, qtbot)
    train(session, 20)
    low = seen_range(view)
    view.log.click()
    assert view.panel.log
    _, loss = view.panel.curves()["train"]
    bottom, top = seen_range(view)
    assert bottom <= np.log10(loss.min())
    assert top >= np.log10(loss.max())
    view.log.click()
    assert seen_range(view) == pytest.approx(low, rel=0.2)
    view.smoothing.setValue(90)
    _, smooth = view.panel.curves()["train"]
    assert np.abs(np.diff(smooth, 2)).sum() < np.abs(np.diff(loss, 2)).sum()


def test_the_run_before_stays_to_compare(session: Session, qtbot: QtBot) -> None:
    view = LossView(session)
    shown(view, qtbot)
    train(session, 8)
    before = view.panel.curves()["train"][1]
    session.run.reset()
    train(session, 3)
    curves = view.panel.curves()
    assert curves["train (previous run)"][1].tolist() == before.tolist()
    assert len(curves["train"][0]) == 4
    view.compare.click()
    assert set(view.panel.curves()) == {"train", "validation"}


def test_a_run_that_branches_off_leaves_the_old_one_faint(session: Session, qtbot: QtBot) -> None:
    """Though it has gone further than the old one before the view was seen again."""
    view = LossView(session)
    shown(view, qtbot)
    train(session, 8)
    before = view.panel.curves()["train"][1]
    view.hide()
    session.run.show_frame(4)
    train(session, 7)
    view.show()
    qtbot.waitUntil(lambda: len(view.epochs) > 0 and view.epochs[-1] == 11)
    curves = view.panel.curves()
    assert curves["train (previous run)"][1].tolist() == before.tolist()
    assert curves["train"][1][:5].tolist() == before[:5].tolist()
    while session.run.history is not None and session.run.last_epoch != 8:
        session.undo_stack.undo()
    qtbot.waitUntil(lambda: view.epochs[-1] == 8)
    curves = view.panel.curves()
    assert curves["train"][1].tolist() == before.tolist()


def test_learning_rate_panel(session: Session, qtbot: QtBot) -> None:
    view = LossView(session)
    shown(view, qtbot)
    train(session, 3)
    view.rate.click()
    assert view.rate_panel.item.scene() is not None
    assert view.rate_panel.curves()["learning rate"][1][-1] == 0.5
    view.rate.click()
    assert view.rate_panel.item.scene() is None


def test_gradients_have_a_row_for_every_parameter(session: Session, qtbot: QtBot) -> None:
    view = GradientsView(session)
    shown(view, qtbot)
    train(session, 6)
    plan = session.plan
    assert plan is not None
    assert view.names == tuple(parameter.name for parameter in plan.parameters)
    assert view.describe("x1-h2.weight") == "x1 → h2"
    history = session.run.history
    assert history is not None
    _, gradients = history.gradients()
    assert view.gradients.tolist() == gradients[1:].tolist(), "epoch 0 has no gradient yet"
    view.grab()  # pyqtgraph fits the axes when it paints
    for epoch, sample in enumerate(gradients[1:], 1):
        drawn = [view.heat.value_at(epoch, row) for row in range(len(view.names))]
        assert drawn == pytest.approx(sample.tolist(), rel=1e-6)


def test_the_heat_map_puts_uneven_samples_where_they_were_taken(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    """Columns once had equal widths: that of epoch 1,856 was drawn at 2,982."""
    view = GradientsView(session)
    shown(view, qtbot)
    train(session, 4)
    history = session.run.history
    assert history is not None
    size = len(history.parameters)
    taken = {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0, 104: 5.0, 1000: 6.0, 3000: -7.0}
    late = History(history.parameters)
    late._gradients.extend(
        np.array(list(taken)), np.repeat(np.array(list(taken.values()))[:, None], size, axis=1)
    )
    view._take(late)
    view._draw()
    view.grab()
    assert view.heat.value_at(104, 0) == 5.0
    assert view.heat.value_at(1999, 0) == 6.0
    assert view.heat.value_at(2001, 0) == -7.0
    view.map_panel.item.setXRange(0, 5, padding=0)
    view.grab()
    assert [view.heat.value_at(epoch, 0) for epoch in (1, 2, 3, 4)] == [1, 2, 3, 4]
    view.export.save(tmp_path / "gradients.csv")
    lines = (tmp_path / "gradients.csv").read_text("utf-8").splitlines()
    name = view.describe(view.names[0])
    assert f"{name},3000.0,-7.0" in lines


def test_a_matrix_is_a_row_with_its_norm(session: Session, qtbot: QtBot) -> None:
    session.new()
    made = Blueprint((2, 3, 1), together=True)
    batch, _ = network(session.document, made, ("x1", "x2"), ("y",))
    session.push(Batch((SetDataset(POINTS), batch)), "Build")
    view = GradientsView(session)
    shown(view, qtbot)
    train(session, 2)
    assert session.plan is not None
    matrices = [one.name for one in session.plan.parameters if one.size > 1]
    assert matrices
    for name in matrices:
        row = view.names.index(name)
        assert view.describe(name).startswith("‖")
        assert view.gradients[-1, row] > 0
        view._on_hover(Spot(0, 2.0, row + 0.5))
        symbol = "‖∂E/∂b‖" if name.endswith(".bias") else "‖∂E/∂W‖"
        assert symbol in view.readout.text()


def test_long_names_keep_the_beginnings_of_both_ends(qtbot: QtBot) -> None:
    metrics = QFontMetrics(QLabel().font())
    room = metrics.horizontalAdvance("first hidden → secon")
    text = shortened("first hidden layer → second hidden layer", metrics, room)
    source, target = text.split(" → ")
    assert source.startswith("fir")
    assert target.startswith("sec")
    assert metrics.horizontalAdvance(text) <= room
    assert shortened("x → h", metrics, 500) == "x → h"


def test_hover_names_the_weight_and_click_selects_it(session: Session, qtbot: QtBot) -> None:
    view = GradientsView(session)
    shown(view, qtbot)
    train(session, 6)
    view.grab()  # pyqtgraph fits the axes when it paints
    row = view.names.index("x1-h2.weight")
    box = view.map_panel.item.getViewBox()
    place = box.mapViewToScene(QPointF(4, row + 0.5))
    viewport, pixel = view.chart.viewport(), view.chart.mapFromScene(place)
    QTest.mouseMove(viewport, pixel)
    qtbot.waitUntil(lambda: "x1 → h2" in view.readout.text())
    assert "epoch 4" in view.readout.text()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=pixel)
    qtbot.waitUntil(lambda: session.selection.edges == {"x1-h2"})
    assert set(view.line_panel.curves()) == {"x1 → h2"}
    session.select(nodes=("h1",))
    assert set(view.line_panel.curves()) == {"x1 → h1", "x2 → h1", "h1 bias"}


def test_pinned_lines_stay_beside_what_is_selected(session: Session, qtbot: QtBot) -> None:
    view = GradientsView(session)
    shown(view, qtbot)
    train(session, 6)
    session.select(edges=("x1-h2",))
    view.pin.click()
    session.select(edges=("x2-h1",))
    assert set(view.line_panel.curves()) == {"x1 → h2", "x2 → h1"}
    session.select()
    assert set(view.line_panel.curves()) == {"x1 → h2"}
    view.pin.click()
    assert "x1 → h2" not in view.line_panel.curves() or len(view.line_panel.curves()) == 3


def test_rows_take_on_other_labels(session: Session, qtbot: QtBot) -> None:
    view = GradientsView(session)
    shown(view, qtbot)
    train(session, 3)
    session.select(edges=("x1-h2",))
    session.push(SetLabel("h2", "second"), "Label")
    assert set(view.line_panel.curves()) == {"x1 → second"}


def test_readouts_never_make_the_window_wider(session: Session, qtbot: QtBot) -> None:
    view = GradientsView(session)
    shown(view, qtbot)
    train(session, 3)
    before = view.minimumSizeHint().width()
    session.push(SetLabel("h2", "a name that is much longer than usual " * 5), "Label")
    session.select(nodes=("h2",))
    assert view.minimumSizeHint().width() == before


def test_hidden_views_do_nothing(session: Session, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    view = LossView(session)
    view.setParent(parent)
    train(session, 2)
    assert not view.is_built


def test_charts_are_exported(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    view = LossView(session)
    shown(view, qtbot)
    train(session, 4)
    for name in ("loss.png", "loss.svg", "loss.csv"):
        view.export.save(tmp_path / name)
    assert QImage(str(tmp_path / "loss.png")).width() == 2 * view.chart.width()
    assert "<svg" in (tmp_path / "loss.svg").read_text("utf-8")
    lines = (tmp_path / "loss.csv").read_text("utf-8").splitlines()
    assert lines[0] == "curve,x,y"
    assert len(lines) == 1 + 2 * 5
    with qtbot.waitSignal(session.notice) as refused:
        view.export.save(tmp_path / "missing" / "loss.csv")
    assert "missing" in refused.args[0]


def test_predictions_are_exported_with_all_digits(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    view = PredictionsView(session)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: has_content(view))
    view.export.save(tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text("utf-8").splitlines()
    assert lines[0] == "row,target 1,prediction 1,class,answered class"
    assert len(lines) == 31
    assert view.found is not None
    row, _, prediction, *_ = lines[1].split(",")
    assert int(row) == view.found.rows[0] + 1
    assert float(prediction) == view.found.prediction[0, 0]
    with qtbot.waitSignal(session.notice):
        view.export.save(tmp_path / "missing" / "rows.csv")


def test_inline_data_without_validation_has_one_curve(session: Session, qtbot: QtBot) -> None:
    rows = Inline(
        columns={"x1": [0, 1], "x2": [0, 1], "y": [0, 1]}, features=("x1",), targets=("y",)
    )
    session.push(SetDataset(rows), "Data")
    view = LossView(session)
    shown(view, qtbot)
    train(session, 2)
    assert set(view.panel.curves()) == {"train"}


def test_metrics_are_drawn_for_each_split(session: Session, qtbot: QtBot) -> None:
    view = MetricsView(session)
    shown(view, qtbot)
    train(session, 4)
    assert set(view.panel.curves()) == {"train accuracy", "validation accuracy"}
    _, accuracy = view.panel.curves()["train accuracy"]
    assert ((accuracy >= 0) & (accuracy <= 1)).all()


def readings_of(session: Session, row: int, qtbot: QtBot) -> Probe:
    qtbot.waitUntil(lambda: session.readings is not None and session.readings.row == row)
    assert session.readings is not None
    return session.readings


def test_depth_shows_delta_and_selects(session: Session, qtbot: QtBot) -> None:
    view = DepthView(session)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: has_content(view))
    assert [layer.nodes for layer in view.layers] == [("h1", "h2", "h3"), ("o",)]
    assert "mean over 30 training rows" in view.verdict.text()
    means = [layer.mean for layer in view.layers]
    of_rows = []
    assert session.prepared is not None
    for row in session.prepared.splits["train"].tolist():
        session.set_row(row)
        readings = readings_of(session, row, qtbot)
        delta = dict(zip(readings.nodes, np.abs(readings.delta), strict=True))
        of_rows.append([np.mean([delta["h1"], delta["h2"], delta["h3"]]), delta["o"]])
    assert means == pytest.approx(np.mean(of_rows, axis=0), rel=1e-9)
    qtbot.waitUntil(lambda: session.rows_text in view.verdict.text())
    assert [layer.mean for layer in view.layers] == pytest.approx(of_rows[-1], rel=1e-9)
    view.chart.clicked.emit(Spot(0, 1.1, 0.1))
    assert session.selection.nodes == {"h1", "h2", "h3"}
    view.chart.hovered.emit(Spot(0, 2.0, 0.1))
    assert "depth 2" in view.verdict.text()


def test_confusion_matrix_filters_the_rows(session: Session, qtbot: QtBot) -> None:
    view = PredictionsView(session)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: has_content(view))
    found = view.found
    assert found is not None
    assert found.classifies
    counts = found.confusion
    assert counts.sum() == view.model.rowCount() == 30
    view.matrix.setCurrentCell(1, 0)
    assert view.model.rowCount() == counts[1, 0]
    view.matrix.clearSelection()
    view.table.setCurrentIndex(view.model.index(3, 0))
    assert session.row == view.model.dataset_row(3)
    view.split.setCurrentText("validation")
    view.split.activated.emit(1)
    qtbot.waitUntil(lambda: view.model.rowCount() == 10)
    assert view.summary.text().startswith("10 rows   accuracy")


def test_depth_leaves_out_what_the_cursor_has_not_come_to(session: Session, qtbot: QtBot) -> None:
    view = DepthView(session)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: has_content(view))
    assert len(drawn_depths(view)) == 2
    session.stepper.forward()
    assert drawn_depths(view) == []
    assert "not yet known" in view.verdict.text()
    while not session.stepper.knows("delta:o"):
        session.stepper.forward()
    assert drawn_depths(view) == [2]
    while not session.stepper.knows("delta:h1") or not session.stepper.knows("delta:h3"):
        session.stepper.forward()
    while not session.stepper.knows("delta:h2"):
        session.stepper.forward()
    assert drawn_depths(view) == [1, 2]
    session.stepper.rest()
    assert drawn_depths(view) == [1, 2]
    assert "not yet known" not in view.verdict.text()


def drawn_depths(view: DepthView) -> list[int]:
    return [round(x) for bars in view._bars for x in bars.opts["x"]]


def test_a_split_without_rows_empties_the_confusion_matrix(session: Session, qtbot: QtBot) -> None:
    """The matrix of the training rows once stayed."""
    view = PredictionsView(session)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: has_content(view) and view.matrix.rowCount() == 2)
    view.split.setCurrentText("test")
    view.split.activated.emit(2)
    qtbot.waitUntil(lambda: view.summary.text() == "there are no such rows")
    assert view.matrix.rowCount() == view.matrix.columnCount() == view.model.rowCount() == 0
    assert has_content(view), "so that another split can be chosen"
    view.split.setCurrentText("train")
    view.split.activated.emit(0)
    qtbot.waitUntil(lambda: view.matrix.rowCount() == 2)


def test_a_row_that_is_a_picture_is_shown_as_one(qtbot: QtBot) -> None:
    session = Session(library())
    try:
        session.open(Path("examples/digits.gradwire"))
        view = PredictionsView(session)
        shown(view, qtbot)
        qtbot.waitUntil(lambda: has_content(view) and view.model.rowCount() > 0)
        view.split.setCurrentText("test")
        view.split.activated.emit(2)
        qtbot.waitUntil(lambda: view.found is not None and view.found.rows[0] != 0)
        view.table.setCurrentIndex(view.model.index(5, 0))
        assert view.found is not None
        row = int(view.found.rows[5])
        assert session.row == row
        digits = load_digits()
        qtbot.waitUntil(lambda: f"is {digits.target[row]}," in view.picture.caption.text())
        qtbot.waitUntil(lambda: session.readings is not None and session.readings.row == row)
        view.update_now()
        (picture,) = view.picture.grid.pictures
        assert np.corrcoef(picture.ravel(), digits.images[row].ravel())[0, 1] > 0.999
        assert f"row {row + 1} (test)" in view.picture.caption.text()
    finally:
        session.close()


def test_predictions_of_numbers_are_points(session: Session, qtbot: QtBot) -> None:
    rows = Inline(
        columns={"x1": [0, 1, 2], "x2": [0, 1, 0], "y": [0.1, 0.5, 0.7]},
        features=("x1", "x2"),
        targets=("y",),
    )
    session.push(SetDataset(rows), "Data")
    view = PredictionsView(session)
    shown(view, qtbot)
    qtbot.waitUntil(lambda: has_content(view))
    assert not view.matrix.isVisible()
    assert view.points.points is not None
    assert view.points.points[:, 0].tolist() == [0.1, 0.5, 0.7]
    assert "R²" in view.summary.text()


@pytest.mark.parametrize(
    ("low", "high", "numbers"),
    [
        (-8.3, -0.5, [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]),
        (-3.4, -2.0, [5e-4, 1e-3, 2e-3, 5e-3, 1e-2]),
        (0.0, 0.3, [1.0, 1.2, 1.4, 1.6, 1.8]),
        (-40.0, 0.0, [10.0**place for place in range(-36, 1, 6)]),
    ],
)
def test_logarithmic_axes_write_few_round_numbers(
    low: float, high: float, numbers: list[float]
) -> None:
    assert [10**place for place in log_ticks(low, high)] == pytest.approx(numbers)


def test_a_view_behind_another_tab_waits_until_it_is_seen(session: Session, qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    views = [LossView(session), MetricsView(session)]
    docks = [QDockWidget(view.title) for view in views]
    for view, dock in zip(views, docks, strict=True):
        dock.setWidget(view)
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
    window.tabifyDockWidget(*docks)
    docks[0].raise_()
    window.resize(600, 400)
    window.show()
    qtbot.waitUntil(lambda: views[0].is_built)
    train(session, 3)
    assert has_content(views[0])
    assert not views[1].is_built
    docks[1].raise_()
    qtbot.waitUntil(lambda: has_content(views[1]))


def test_the_button_of_an_empty_view_trains(xor: Session, qtbot: QtBot) -> None:
    view = LossView(xor)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view.is_built and view.mend_button.isVisible())
    QTest.mouseClick(view.mend_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: xor.run.epoch > 0)
    xor.run.pause()
    qtbot.waitUntil(lambda: not view.mend_button.isVisible())


def test_predictions_say_that_they_are_of_the_stored_data(xor: Session, qtbot: QtBot) -> None:
    """An input edited by hand changes the canvas, and not the table of the data."""
    view = PredictionsView(xor)
    qtbot.addWidget(view)
    view.show()
    xor.set_row(1)
    qtbot.waitUntil(lambda: view.is_built and view.found is not None)
    assert not view.edited.isVisible()
    xor.edit_input(DataEntry("x1", 0), "x1", -3.0)
    qtbot.waitUntil(view.edited.isVisible)
    assert view.edited.text().startswith("The canvas shows row 2 (train) with x1 = −3 (edited)")
    xor.end_edits()
    qtbot.waitUntil(lambda: not view.edited.isVisible())

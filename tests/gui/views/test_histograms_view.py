"""Histograms over time: bars and map are NumPy's histograms of what the run and the window hold."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QStackedLayout
from pytestqt.qtbot import QtBot

from engine.arrays.aliases import Array, Floats
from engine.interpreter.interpreter import Interpreter
from engine.library import library
from graph.changes import adding
from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from gui.plots.chart import Spot
from gui.session.session import Session
from gui.views.histograms import HistogramsView
from gui.widgets.number_text import number_text

EXAMPLES = Path(__file__).parents[3] / "examples"


def train(session: Session, epochs: int) -> None:
    for _ in range(epochs):
        session.run.step()


def view_of(session: Session, qtbot: QtBot) -> HistogramsView:
    view = HistogramsView(session)
    qtbot.addWidget(view)
    view.resize(1000, 300)
    view.show()
    qtbot.waitUntil(lambda: view.is_built)
    settle(view, qtbot)
    return view


def settle(view: HistogramsView, qtbot: QtBot) -> None:
    def is_done() -> bool:
        view.update_now()
        return not view.session.background.busy

    qtbot.waitUntil(is_done)


def choose(box: QComboBox, text: str, view: HistogramsView, qtbot: QtBot) -> None:
    """Choose an item with the keyboard, as a user does."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    while box.currentText() != text:
        before = box.currentIndex()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert box.currentIndex() > before, f"there is no {text!r}"
    settle(view, qtbot)


def bars(view: HistogramsView) -> Floats:
    """Return the lengths of the bars that are drawn, from below."""
    found = np.asarray(view.bars.opts["width"], np.float64)
    assert np.asarray(view.bars.opts["x0"]).tolist() == [0] * len(found)
    return found


def edges(view: HistogramsView) -> Floats:
    """Return the ends of the bars, from below."""
    middles, heights = np.asarray(view.bars.opts["y"]), np.asarray(view.bars.opts["height"])
    return np.append(middles - heights / 2, middles[-1] + heights[-1] / 2)


def shares(values: Array, bins: Floats) -> Floats:
    """Return NumPy's histogram; what lies outside is in the outer bins."""
    counts = np.histogram(np.clip(values, bins[0], bins[-1]), bins)[0]
    found: Floats = counts / len(values)
    return found


def weights(session: Session, theta: Array | None = None) -> Array:
    plan = session.plan
    assert plan is not None
    assert session.theta is not None
    theta = session.theta if theta is None else theta
    return theta[~np.repeat(plan.parameters.is_bias, plan.parameters.sizes)]


def values_of(session: Session, quantity: str) -> Array:
    """Return s, z, δ of all units on all training rows, or gradients of weights, at the θ shown."""
    plan, data, theta = session.plan, session.prepared, session.theta
    assert plan is not None
    assert data is not None
    assert theta is not None
    interpreter = Interpreter(plan)
    run = interpreter.forward(theta, data.batch(plan.columns, data.splits["train"]))
    back = interpreter.backward(theta, run)
    if quantity == "gradients ∂E/∂w":
        return weights(session, back.gradient)
    found = {
        "s": [run.values[slot] for slot in plan.nets.values()],
        "z": [run.values[plan.outputs[node]] for node in plan.nets],
        "δ": [back.deltas[slot] * run.rows for slot in plan.nets.values()],
    }
    return np.concatenate(found[quantity]).ravel()


def test_it_says_how_to_begin(xor: Session, qtbot: QtBot) -> None:
    view = view_of(xor, qtbot)
    stack = view.layout()
    assert isinstance(stack, QStackedLayout)
    assert stack.currentIndex() == 0
    assert view.mend_button.text() == "Train"
    train(xor, 2)
    settle(view, qtbot)
    assert stack.currentIndex() == 1
    xor.run.reset()
    settle(view, qtbot)
    assert stack.currentIndex() == 0


def test_bars_and_map_are_the_histograms_of_theta(xor: Session, qtbot: QtBot) -> None:
    thetas = [weights(xor).copy()]
    for _ in range(12):
        xor.run.step()
        thetas.append(weights(xor).copy())
    view = view_of(xor, qtbot)
    assert view.epochs.tolist() == list(range(13))
    bins = edges(view)
    assert bars(view) == pytest.approx(shares(thetas[-1], bins))
    assert view.found is not None
    assert view.found.edges == pytest.approx(bins)
    for theta, row in zip(thetas, view.found.shares, strict=True):
        assert row == pytest.approx(shares(theta, bins))
    view.grab()  # pyqtgraph fits the axes when it paints
    for epoch in (0, 7, 12):
        drawn = [view.heat.value_at(epoch, row) for row in range(len(bins) - 1)]
        assert drawn == pytest.approx(shares(thetas[epoch], bins).tolist(), rel=1e-6)
    mean, deviation = thetas[-1].mean(), thetas[-1].std()
    assert f"mean <b>{number_text(mean)}</b>" in view.readout.text()
    assert f"standard deviation <b>{number_text(deviation)}</b>" in view.readout.text()
    assert "6 weights" in view.about.text()
    assert not view.split.isEnabled(), "weights are of no rows"


@pytest.mark.parametrize("height", [210, 500])
def test_bars_stand_beside_their_bins(xor: Session, qtbot: QtBot, height: int) -> None:
    """In a low view the map once had a label below it that the bars had not."""
    train(xor, 5)
    view = view_of(xor, qtbot)
    view.resize(900, height)
    choose(view.quantity, "z", view, qtbot)
    view.grab()
    assert view.chart.side is not None
    own, other = (one.item.getViewBox() for one in (view.panel, view.chart.side))
    assert own.sceneBoundingRect().top() == pytest.approx(other.sceneBoundingRect().top())
    assert own.sceneBoundingRect().height() == pytest.approx(other.sceneBoundingRect().height())
    left = view.panel.item.getAxis("left").label
    assert left.isVisible()
    assert left.toPlainText().strip() == "z"
    assert own.viewRange()[1] == pytest.approx(other.viewRange()[1])


def test_the_cursor_of_the_film_moves_the_bars(xor: Session, qtbot: QtBot) -> None:
    train(xor, 30)
    view = view_of(xor, qtbot)
    after, bins = bars(view), edges(view)
    view.chart.scrubbed.emit(0.2)  # dragging in the map, see test_film_cursor
    settle(view, qtbot)
    assert xor.run.epoch == 0
    assert edges(view) == pytest.approx(bins), "the bins are those of all moments"
    assert bars(view) == pytest.approx(shares(weights(xor), bins))
    assert bars(view).tolist() != after.tolist()
    assert view.panel.moment.value() == 0
    assert view.film.label.text() == "epoch 0 of 30"
    view.film.go(30)
    settle(view, qtbot)
    assert bars(view) == pytest.approx(after)


@pytest.mark.parametrize("quantity", ["s", "z", "δ", "gradients ∂E/∂w"])
def test_numbers_at_all_rows(xor: Session, qtbot: QtBot, quantity: str) -> None:
    train(xor, 9)
    view = view_of(xor, qtbot)
    choose(view.quantity, quantity, view, qtbot)
    for place in (9, 4):
        view.film.go(place)
        settle(view, qtbot)
        expected = values_of(xor, quantity)
        assert bars(view) == pytest.approx(shares(expected, edges(view)))
        assert f"mean <b>{number_text(expected.mean())}</b>" in view.readout.text()
    assert "4 training rows" in view.about.text()
    assert view.split.isEnabled()


def test_hidden_units_and_the_selection(xor: Session, qtbot: QtBot) -> None:
    train(xor, 3)
    view = view_of(xor, qtbot)
    choose(view.quantity, "z", view, qtbot)
    assert view.about.text() == "3 units, 4 training rows"
    choose(view.part, "hidden units", view, qtbot)
    assert view.about.text() == "2 units, 4 training rows"
    choose(view.part, "selection", view, qtbot)
    assert "select units on the canvas" in view.hint.text()
    assert view.hint.isVisible()
    assert not view.chart.isVisible()
    xor.select(["h1"])
    settle(view, qtbot)
    assert view.about.text() == "1 unit, 4 training rows"
    assert view.chart.isVisible()
    choose(view.quantity, "weights w", view, qtbot)
    assert view.about.text() == "2 weights"
    xor.select([], [next(iter(xor.document.edges))])
    settle(view, qtbot)
    assert view.about.text() == "1 weight"
    choose(view.quantity, "gradients ∂E/∂w", view, qtbot)
    assert view.about.text() == "1 weight, E over 4 training rows"
    choose(view.split, "test", view, qtbot)
    assert "no test rows" in view.hint.text()


def test_values_typed_since_are_in_the_bars_and_said(xor: Session, qtbot: QtBot) -> None:
    train(xor, 10)
    view = view_of(xor, qtbot)
    columns = view.found.counts.tolist() if view.found else []
    xor.push(SetParameterValues({"x1-h1.weight": Tensor.of([[0.123]])}), "Weight")
    settle(view, qtbot)
    assert 0.123 in weights(xor)
    assert bars(view) == pytest.approx(shares(weights(xor), edges(view)))
    assert "the map is of before the edit" in view.readout.text()
    assert view.found is not None
    assert view.found.counts.tolist() == columns
    xor.undo()
    settle(view, qtbot)
    assert "before the edit" not in view.readout.text()


def test_what_lies_beyond_the_bins_is_said(xor: Session, qtbot: QtBot) -> None:
    train(xor, 5)
    view = view_of(xor, qtbot)
    xor.push(SetParameterValues({"x1-h1.weight": Tensor.of([[1e4]])}), "Weight")
    settle(view, qtbot)
    assert "1 beyond the bins" in view.readout.text()
    assert bars(view)[-1] >= 1 / 6


def test_the_network_before_an_edit_is_marked(xor: Session, qtbot: QtBot) -> None:
    train(xor, 8)
    view = view_of(xor, qtbot)
    before = bars(view)
    edge = next(edge for edge in xor.document.edges.values() if edge.target == "h1")
    xor.push(adding.remove(xor.document, [], [edge.id]), "Cut")
    settle(view, qtbot)
    assert view.is_old
    assert bars(view) == pytest.approx(before)
    assert "of the network before the edit" in view.readout.text()
    assert view.heat.image.opacity() < 1
    assert not view.panel.moment.isVisible()
    choose(view.quantity, "z", view, qtbot)
    assert view.about.text() == "3 units, 4 training rows", "of the run's own network"
    train(xor, 2)
    settle(view, qtbot)
    assert not view.is_old
    assert view.heat.image.opacity() == 1


def test_it_follows_a_run(xor: Session, qtbot: QtBot) -> None:
    view = view_of(xor, qtbot)
    xor.run.play()
    qtbot.waitUntil(lambda: len(view.epochs) > 5)
    assert view.counts.moment is not None
    assert view.epochs[-1] == view.counts.moment[0]
    xor.run.pause()
    settle(view, qtbot)
    assert view.epochs[-1] == xor.run.last_epoch
    assert len(view.epochs) <= 60
    assert bars(view) == pytest.approx(shares(weights(xor), edges(view)))


def test_the_mouse_reads_a_bin(xor: Session, qtbot: QtBot) -> None:
    train(xor, 6)
    view = view_of(xor, qtbot)
    assert view.found is not None
    bins = view.found.edges
    place = int(view.found.counts[2].argmax())
    middle = (bins[place] + bins[place + 1]) / 2
    view.chart.hovered.emit(Spot(0, 2.1, middle))
    text = view.readout.text()
    assert text.startswith("epoch 2: w from ")
    assert f"<b>{view.found.counts[2][place]}</b> of 6 values" in text
    view.chart.hovered.emit(Spot(1, 0.1, middle))
    assert view.readout.text().startswith("epoch 6: w from ")
    view.chart.hovered.emit(None)
    assert "mean" in view.readout.text()


def test_logarithmic_colours_and_files(xor: Session, qtbot: QtBot, tmp_path: Path) -> None:
    train(xor, 4)
    view = view_of(xor, qtbot)
    plain = view.heat.value_at(4, int(bars(view).argmax()))
    view.log.click()
    view.grab()
    assert view.found is not None
    assert view.heat.value_at(4, int(bars(view).argmax())) != plain
    for suffix in ("png", "svg", "csv"):
        view.export.save(tmp_path / f"histograms.{suffix}")
        assert (tmp_path / f"histograms.{suffix}").stat().st_size > 0
    with (tmp_path / "histograms.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    last = [float(row["y"]) for row in rows if row["curve"] == "epoch 4"]
    assert last == view.found.counts[4].tolist()
    starts = [float(row["x"]) for row in rows if row["curve"] == "epoch 4"]
    assert starts == view.found.edges[:-1].tolist()


def test_a_film_of_many_frames_is_counted_at_sixty(xor: Session, qtbot: QtBot) -> None:
    train(xor, 130)
    view = view_of(xor, qtbot)
    choose(view.quantity, "δ", view, qtbot)
    assert 30 <= len(view.epochs) <= 60
    assert view.epochs[0] == 0
    assert view.epochs[-1] == 130
    assert len(np.unique(np.diff(view.epochs)[:-1])) == 1, "at equal distances"
    assert bars(view) == pytest.approx(shares(values_of(xor, "δ"), edges(view)))


def test_a_view_that_is_hidden_counts_on_when_it_is_seen_again(xor: Session, qtbot: QtBot) -> None:
    train(xor, 20)
    view = view_of(xor, qtbot)
    view.hide()
    train(xor, 20)
    assert "histograms" not in xor.background.busy
    view.show()
    qtbot.waitUntil(lambda: len(view.epochs) == 41)
    assert bars(view) == pytest.approx(shares(weights(xor), edges(view)))


def test_a_large_network_is_counted_without_stalling(qtbot: QtBot) -> None:
    """The window's thread is watched in every test: see conftest."""
    session = Session(library())
    assert session.open(EXAMPLES / "irregular.gradwire")
    qtbot.waitUntil(lambda: session.plan is not None and session.prepared is not None)
    train(session, 3)
    view = view_of(session, qtbot)
    choose(view.part, "hidden units", view, qtbot)
    choose(view.quantity, "δ", view, qtbot)
    assert view.about.text().startswith("200 units, ")
    session.close()

"""All views belong to one moment, whatever was done before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from graph.changes import adding
from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from gui.plots.plot_view import PlotView
from gui.plots.time_view import TimeView
from gui.session.session import Session
from gui.views.depth import DepthView
from gui.views.gradients import GradientsView
from gui.views.histograms import HistogramsView
from gui.views.loss import LossView
from gui.views.loss_slice import LossSliceView
from gui.views.metrics import MetricsView
from gui.widgets.number_text import number_text

TIMES = (LossView, GradientsView, MetricsView, HistogramsView)
Act = Callable[[Session, np.random.Generator, QtBot], None]


def _step(session: Session, rng: np.random.Generator, _bot: QtBot) -> None:
    for _ in range(int(rng.integers(1, 6))):
        session.run.step()


def _play(session: Session, rng: np.random.Generator, bot: QtBot) -> None:
    epochs = int(rng.integers(3, 40))
    session.run.play()
    if session.run.running:  # else a unit has lost its last wire
        until = session.run.epoch + epochs
        bot.waitUntil(lambda: session.run.epoch >= until)
    session.run.pause()


def _film(session: Session, rng: np.random.Generator, _bot: QtBot) -> None:
    epochs = session.run.film_epochs
    if len(epochs) and not session.run.difference(session.document, session.plan, session.prepared):
        session.run.show_frame(int(rng.choice(epochs)) if rng.random() < 0.8 else None)


def _undo(session: Session, _rng: np.random.Generator, _bot: QtBot) -> None:
    if session.undo_stack.index() > 1:  # the first entry built the network
        session.undo()


def _redo(session: Session, _rng: np.random.Generator, _bot: QtBot) -> None:
    session.redo()


def _row(session: Session, rng: np.random.Generator, _bot: QtBot) -> None:
    session.set_row(None if rng.random() < 0.5 else int(rng.integers(session.rows)))


def _value(session: Session, rng: np.random.Generator, _bot: QtBot) -> None:
    if "h1" in session.document.nodes:
        value = Tensor.of([float(rng.normal())])
        session.push(SetParameterValues({"h1.bias": value}), "Bias")


def _reset(session: Session, _rng: np.random.Generator, _bot: QtBot) -> None:
    session.run.reset()


def _cut(session: Session, rng: np.random.Generator, _bot: QtBot) -> None:
    edges = [one.id for one in session.document.edges.values() if one.target.startswith("h")]
    if len(edges) > 2:
        edge = str(rng.choice(sorted(edges)))
        session.push(adding.remove(session.document, [], [edge]), "Cut")


ACTS: tuple[Act, ...] = (_step, _play, _film, _film, _undo, _redo, _row, _value, _reset, _cut)


def _settled(session: Session, views: list[PlotView], bot: QtBot) -> None:
    def quiet() -> bool:
        for view in views:
            view.update_now()
        readings = session.readings
        current = readings is None or readings.version == session.calculation.version
        return not session.background.busy and current

    bot.waitUntil(quiet)


def _check_time(session: Session, view: TimeView) -> None:
    run = session.run
    if run.history is None or not len(view.epochs):
        return
    panels = view.chart.panels
    found = run.difference(session.document, session.plan, session.prepared)
    assert view.difference == found
    if found == "network":
        assert not any(panel.moment.isVisible() for panel in panels)
        assert "before the edit" in view.film.readout.text()
        return
    assert {panel.moment.value() for panel in panels} == {run.epoch}
    assert view.film.label.text().split(" of ")[0] == f"epoch {run.epoch:,}"
    assert ("before the edit" in view.film.readout.text()) == (found == "values")
    if isinstance(view, LossView):
        (place,) = np.flatnonzero(view.epochs == run.epoch)
        loss = float(view.series["train"][place])
        assert f"<b>{number_text(loss)}</b>" in view.legend.text()
        if not found and session.row is None:
            assert loss == pytest.approx(session.error, rel=1e-9)


@pytest.mark.heavy("many views at once")
@pytest.mark.parametrize("seed", range(14))
def test_all_views_tell_of_the_same_moment(xor: Session, qtbot: QtBot, seed: int) -> None:
    rng = np.random.default_rng(seed)
    depth, slice_ = DepthView(xor), LossSliceView(xor)
    times: list[TimeView] = [kind(xor) for kind in TIMES]
    views: list[PlotView] = [*times, depth, slice_]
    for view in views:
        qtbot.addWidget(view)
        view.resize(700, 300)
        view.show()
    qtbot.waitUntil(lambda: all(view.is_built for view in views))
    for _ in range(14):
        act = ACTS[int(rng.integers(len(ACTS)))]
        act(xor, rng, qtbot)
        _settled(xor, views, qtbot)
        for time in times:
            _check_time(xor, time)
        if slice_.found is not None and xor.error is not None:
            assert slice_.found.error == pytest.approx(xor.error, rel=1e-9)
            assert xor.rows_text in slice_.readout.text()
        readings = xor.readings
        if depth.layers and readings is not None and xor.row is not None:
            delta = dict(zip(readings.nodes, np.abs(readings.delta).tolist(), strict=True))
            for layer in depth.layers:
                mean = np.mean([delta[node] for node in layer.nodes])
                assert layer.mean == pytest.approx(mean, rel=1e-9, abs=1e-300)

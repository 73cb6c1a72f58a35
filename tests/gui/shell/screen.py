"""What the whole window shows, against an evaluation that shares no number with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from engine.analysis.cost.path_counts import count_paths
from engine.analysis.explanation import Explainer, read_quantity
from engine.analysis.grids.regions import regions
from engine.analysis.predictions import predictions
from engine.analysis.symmetry import equal_units
from engine.analysis.what_if.ablation import Effect
from engine.arrays.aliases import Array, Flags
from engine.compiler.compile import compile_document
from engine.interpreter.interpreter import Interpreter
from engine.interpreter.probe import probe
from engine.plan.plan import Parameter
from gui.canvas.layers.wire_labels import wire_text
from gui.plots.plot_view import PlotView
from gui.plots.time_view import TimeView
from gui.shell.window import Window
from gui.views.gradients import GradientsView
from gui.views.histograms import HistogramsView
from gui.views.loss import LossView
from gui.widgets.number_text import number_text

NEAR: dict[str, Any] = {"rel": 1e-9, "abs": 1e-13, "nan_ok": True}


def read(text: str) -> float:
    """Read a number from the screen."""
    return float(text.replace("−", "-").replace(" ", ""))


EXPLAINED = ("value", "s", "delta", "message", "gradient", "E")


class Truth:
    """The document at the window's cursor, compiled, fetched and computed anew."""

    def __init__(self, window: Window) -> None:
        session = window.session
        self.document, data = session.document, session.prepared
        assert data is not None
        self.data, self.row = data, session.row
        self.plan = compile_document(self.document, dict(data.schema))
        self.theta = np.concatenate([self._value(window, one) for one in self.plan.parameters])
        train = data.splits["train"]
        self.m, self.rows = len(train), train
        self.ahead = session.run.next_update() if session.stepper.stop is not None else None
        self._update = self.ahead.updates if self.ahead is not None else 0
        if self.ahead is not None:
            self.rows = self.ahead.next_rows
        if self.row is not None:
            self.rows = np.array([self.row])
        self.columns = data.batch(self.plan.columns, self.rows)
        settings = self.document.training, self.m, None, 0
        self.numbers = probe(self.plan, self.theta, self.columns, *settings)
        interpreter = Interpreter(self.plan)
        self.run = interpreter.forward(self.theta, self.columns)
        self.back = interpreter.backward(self.theta, self.run)

    def _value(self, window: Window, parameter: Parameter) -> Array:
        given = self.document.parameters.get(parameter.name)
        if given is None:  # drawn, not written: the session alone knows it
            drawn = window.session.calculation.value(parameter.name)
            assert drawn is not None
            return drawn.reshape(-1)
        return np.array(given.numbers(), np.float64)

    @property
    def is_bias(self) -> Flags:
        """Whether each entry of θ is that of a bias."""
        return np.repeat(self.plan.parameters.is_bias, self.plan.parameters.sizes)

    def theta_after(self) -> Array:
        """Return θ after the update that the cursor is in."""
        assert self.ahead is not None
        if self.ahead.updates == self._update:
            self.ahead.step()
        return self.ahead.theta

    @property
    def words(self) -> str:
        """What the numbers are of."""
        if self.row is None:
            return f"{len(self.rows):,}" if len(self.rows) > 1 else f"row {self.rows[0] + 1}"
        return f"row {self.row + 1} ({self.data.split_of(self.row)})"

    def quantity(self, name: str) -> Array:
        """Return all entries of a quantity."""
        at = self.document, self.plan, self.theta, self.columns, self.m
        whole = read_quantity(name, self.document)._replace(component=())
        return Explainer(*at).values(whole)

    def sizes(self, node: str) -> float:
        """Return the mean over rows and components of |δ| of a node."""
        slot = self.plan.nets.get(node, self.plan.outputs[node])
        return float(np.abs(self.back.deltas[slot]).mean() * self.run.rows)


class Screen:
    """Every panel of a window, each in a window of its own so that all are seen at once."""

    def __init__(self, window: Window) -> None:
        self.window, self.session = window, window.session
        window.show_canvas()
        for dock in window.docks.values():
            dock.setFloating(True)
            dock.resize(520, 320)
            dock.show()
        widgets = {name: dock.widget() for name, dock in window.docks.items()}
        self.views = {n: view for n, view in widgets.items() if isinstance(view, PlotView)}

    def check(self) -> None:
        """Compare all there is with the truth; raises until what is slow has arrived."""
        for view in self.views.values():
            assert view.is_built
        assert not self.session.background.busy
        if self.session.plan is None:
            self._check_nothing()
            return
        truth = Truth(self.window)
        self._check_canvas(truth)
        self._check_bars(truth)
        self._check_explanation(truth)
        self._check_inspector(truth)
        self._check_times(truth)
        self._check_computed(truth)

    def _check_nothing(self) -> None:
        """What cannot run as a whole has no E, no answers, and old curves."""
        assert self.session.error is None
        assert self.window.run_bar.error.text() == "–"
        assert self.window.status.error.text() == ""
        for name in ("loss_slice", "loss_surface", "regions"):
            assert self.views[name].found is None  # type: ignore[attr-defined]

    # -- what is known ---------------------------------------------------------------------------

    def _known(self, name: str) -> bool:
        return self.session.stepper.knows(name)

    def _or_blank(self, name: str, number: float) -> float:
        return number if self._known(name) else float("nan")

    # -- canvas ----------------------------------------------------------------------------------

    def _check_canvas(self, truth: Truth) -> None:
        scene, expected = self.window.canvas.scene, truth.numbers
        arrays, shading = scene.arrays, scene.shading
        assert scene.unit == self.session.rows_text
        assert truth.words in scene.unit
        for place, node in enumerate(expected.nodes):
            row = arrays.node_row[node]
            value, delta = float(expected.value[place]), float(expected.delta[place])
            if node in expected.strips:
                value = float(np.linalg.norm(expected.strips[node]))
                delta = float(np.linalg.norm(expected.delta_strips[node]))
            letter = "delta" if node in truth.plan.nets else "gradient"
            self._same(shading.value[row], self._or_blank(f"value:{node}", value), node)
            self._same(shading.delta[row], self._or_blank(f"{letter}:{node}", delta), node)
            if node not in expected.strips:
                net = float(expected.net[place])
                self._same(shading.net[row], self._or_blank(f"s:{node}", net), node)
        for place, edge in enumerate(expected.edges):
            row = arrays.edge_row[edge]
            message = self._or_blank(f"message:{edge}", float(expected.message[place]))
            self._same(shading.message[row], message, edge)
            name = self.session.document.parameter_name(f"{edge}.weight")
            slope = float(expected.gradient[place])
            if not self._knows_gradient(truth, name):
                slope = float("nan")
            self._same(shading.gradient[row], slope, edge)
            self._same(shading.weight[row], self._weight(truth, name), edge)
            carried = shading.value[arrays.source[row]]
            shown = carried if shading.shown == "value" else getattr(shading, shading.shown)[row]
            assert shading.shown == self.session.shown
            widths = scene.highlights.marks.widths
            if not np.isnan(shown):
                assert wire_text(arrays, shading, row, widths).split()[-1]
            self._same(shading.wire[row], shown, edge)

    def _knows_gradient(self, truth: Truth, name: str) -> bool:
        """Tell whether all of a parameter's gradient is known, its penalty included."""
        stepper = self.session.stepper
        names = [parameter.name for parameter in truth.plan.parameters]
        if stepper.stop is None or stepper.score is None or name not in names:
            return True
        known_from = stepper.score.parameter_gradient_from[names.index(name)]
        return bool(known_from <= stepper.stop)

    def _weight(self, truth: Truth, name: str) -> float:
        """Return a parameter at the cursor, of several numbers their norm; NaN if it is none."""
        found = truth.plan.parameters.find(name)
        if found is None:
            return float("nan")
        is_new = truth.ahead is not None and self._known(f"update:{name}")
        theta = truth.theta_after() if is_new else truth.theta
        own = theta[found.offset : found.offset + found.size]
        return float(np.linalg.norm(own) if found.size > 1 else own[0])

    def _same(self, shown: float, expected: float, where: str) -> None:
        scale = self.window.canvas.scene.shading.scales["value"]
        allowed = {**NEAR, "abs": max(1e-13, 1e-13 * scale)}
        assert float(shown) == pytest.approx(expected, **allowed), where

    # -- bars ------------------------------------------------------------------------------------

    def _check_bars(self, truth: Truth) -> None:
        session, bar, status = self.session, self.window.run_bar, self.window.status
        run = session.run
        assert bar.epoch.text().replace(" ", "") == str(run.epoch)
        assert status.epoch.text() == (f"epoch {run.epoch:,}" if run.epoch else "")
        assert bar.row.value() == (0 if session.row is None else session.row + 1)
        assert truth.words in bar.error.toolTip()
        error = truth.numbers.error
        if self._known("E") and truth.plan.losses:
            assert session.error == pytest.approx(error, **NEAR)
            assert bar.error.text() == number_text(session.error or 0.0)
            assert status.error.text().endswith(f"= {number_text(session.error or 0.0, 5)}")
            assert ("row" in status.error.text()) == (session.row is not None)
        else:
            assert session.error is None
            assert bar.error.text() == "–"
            assert status.error.text() == ""

    # -- explanation and inspector -----------------------------------------------------------------

    def _check_explanation(self, truth: Truth) -> None:
        panel, session = self.window.explanation, self.session
        answer = panel.page.answer
        if not panel.quantity:
            assert answer is None
            return
        assert answer is not None
        assert answer.quantity == panel.quantity
        about = panel.page.about.text()
        assert truth.words in about.lower()
        count = session.run.shown_update
        when = f"after {count:,} update" if count else "before training"
        assert when in about, about
        if panel.quantity.partition(":")[0] in EXPLAINED:
            expected = truth.quantity(panel.quantity)
            assert answer.entries.reshape(-1) == pytest.approx(expected.reshape(-1), **NEAR)

    def _check_inspector(self, truth: Truth) -> None:
        page, expected = self.window.inspector.page, truth.numbers
        numbers = getattr(page, "numbers", lambda: None)()
        labels: dict[str, QLabel] = getattr(page, "_numbers", {})
        node = getattr(page, "node", None)
        for slot in page.slots:
            if slot._field is not None:
                value = self._weight(truth, slot.name)
                assert slot._field.value() == pytest.approx(value, rel=1e-9, abs=1e-13)
        if node is None or numbers is None or node in expected.strips:
            return
        place = expected.nodes.index(node)
        letter = "delta" if node in truth.plan.nets else "gradient"
        for name, quantity, number in (
            ("s", "s", expected.net), ("z", "value", expected.value),
            ("slope", letter, expected.delta),
        ):  # fmt: skip
            if name in labels and self._known(f"{quantity}:{node}"):
                shown = labels[name].text()
                assert shown != "–"
                assert read(shown) == pytest.approx(float(number[place]), rel=1e-4, abs=1e-12)

    # -- plots -------------------------------------------------------------------------------------

    def times(self) -> Iterator[TimeView]:
        """Yield the plots over epochs that have curves."""
        for view in self.views.values():
            if isinstance(view, TimeView):
                yield view

    def _check_times(self, truth: Truth) -> None:
        session, run = self.session, self.session.run
        found = run.difference(session.document, session.plan, session.prepared)
        for view in self.times():
            if run.history is None:
                assert not len(view.epochs)
                continue
            if not len(view.epochs):
                continue
            assert view.difference == found
            moments = [panel.moment for panel in view.chart.panels]
            if found == "network":
                assert not any(moment.isVisible() for moment in moments)
                assert "before the edit" in view.film.readout.text()
                continue
            assert view.epochs[-1] == run.last_epoch
            assert {moment.value() for moment in moments} == {run.epoch}
            assert view.film.label.text().split(" of ")[0] == f"epoch {run.epoch:,}"
            assert ("before the edit" in view.film.readout.text()) == (found == "values")
            if isinstance(view, GradientsView) and not found:
                assert "in its last update" in view.readout.text()
            if isinstance(view, LossView):
                self._check_loss(view, truth, found)
            if isinstance(view, HistogramsView) and view.counts.moment is not None:
                weights = truth.theta[~truth.is_bias]
                assert view.counts.moment[1].values == pytest.approx(np.sort(weights), **NEAR)

    def _check_loss(self, view: LossView, truth: Truth, found: str) -> None:
        run = self.session.run
        name = "E" if view.has_penalty else "train"
        (place,) = np.flatnonzero(view.epochs == run.epoch)
        loss = float(view.series[name][place])
        assert f"<b>{number_text(loss)}</b>" in view.legend.text()
        between = run.batch[0] > 0  # then E is of updates that no point of the curve has seen
        assert ("end of epoch" in view.legend.text()) == between
        if not found and not between and self.session.row is None and truth.ahead is None:
            assert loss == pytest.approx(truth.numbers.error, rel=1e-7)

    def _check_what_if(self, truth: Truth) -> None:
        view: Any = self.views["what_if"]
        error = truth.numbers.error
        if isinstance(view.found, Effect):
            assert view.found.before.error == pytest.approx(error, **NEAR)
            assert truth.words in view.words.text().lower()
        if truth.plan.losses:
            assert view.ranked.error == pytest.approx(error, **NEAR)
            assert truth.words in view.ranking.words.text().lower()

    def _check_computed(self, truth: Truth) -> None:
        session, views = self.session, self.views
        error = truth.numbers.error
        for name in ("loss_slice", "loss_surface"):
            view: Any = views[name]
            if not truth.plan.losses or view.found is None:
                assert name == "loss_surface" or not truth.plan.losses or not truth.plan.size
                continue
            assert view.found.error == pytest.approx(error, **NEAR)
            assert truth.words in view.readout.text()
        self._check_what_if(truth)
        answers: Any = views["predictions"]
        split = answers.split.currentText()
        expected = predictions(truth.plan, truth.theta, truth.data, split)
        assert (answers.found is None) == (expected is None)
        if expected is not None:
            shown = answers.found.prediction
            assert np.allclose(shown, expected.prediction, rtol=1e-9, atol=1e-13)
        plane: Any = views["regions"]
        if plane.found is not None:
            again = regions(truth.plan, truth.theta, truth.data)
            assert again is not None
            assert np.allclose(plane.found.answers, again.answers, rtol=1e-9, atol=1e-13)
        depth: Any = views["depth"]
        for layer in depth.layers:
            mean = float(np.mean([truth.sizes(node) for node in layer.nodes]))
            assert layer.mean == pytest.approx(mean, rel=1e-6, abs=1e-300)
        if depth.layers:
            assert truth.words in depth.verdict.text()
        paths: Any = views["paths"]
        wires = session.document.edges.values()
        edges = [(wire.source, wire.target) for wire in wires if wire.port != "target"]
        losses = {loss.node for loss in truth.plan.losses}
        assert paths.paths == count_paths(list(truth.plan.outputs), edges, losses)
        curve: Any = views["activation_curve"]
        if curve.found is not None:
            (node,) = [n for n in sorted(session.selection.nodes) if n in truth.plan.outputs][:1]
            slot = truth.plan.nets.get(node)
            if slot is not None:
                net = truth.run.values[slot].reshape(-1)
                assert np.allclose(np.sort(curve.found.at), np.sort(net), rtol=1e-9, atol=1e-13)
            assert truth.words in curve.readout.text()
        alike: Any = views["symmetry"]
        if truth.plan.nets:
            same = equal_units(truth.plan, truth.theta, truth.columns)
            assert [group.units for group in alike.found] == [group.units for group in same]
            assert truth.words in alike.words.text()

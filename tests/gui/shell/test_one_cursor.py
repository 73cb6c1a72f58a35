"""Whatever is done, all that the window shows is of one moment, one row and one network."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from graph.changes import adding
from graph.errors import EditError
from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from graph.model.trainable import carries_weight
from gui.inspector.explanation_panel import Explanation
from gui.plots.time_view import TimeView
from gui.session.session import Session
from gui.shell.window import Window
from gui.widgets.number_text import number_text
from tests.gui.shell.screen import Screen

EXAMPLES = Path(__file__).parents[3] / "examples"
Act: TypeAlias = Callable[["Hand"], None]


class Hand:
    """Uses a window at random."""

    def __init__(self, screen: Screen, seed: int, bot: QtBot) -> None:
        self.screen, self.rng, self.bot = screen, np.random.default_rng(seed), bot
        self.window: Window = screen.window
        self.session: Session = screen.session

    def one_of(self, things: list[str]) -> str | None:
        return things[int(self.rng.integers(len(things)))] if things else None

    # -- the run ---------------------------------------------------------------------------------

    def play(self) -> None:
        run, bar = self.session.run, self.window.run_bar
        bar.play.click()
        if run.running:
            until = run.updates + int(self.rng.integers(1, 60))
            self.bot.waitUntil(lambda: run.updates >= until or not run.running)
        if run.running:
            bar.play.click()

    def step(self) -> None:
        for _ in range(int(self.rng.integers(1, 4))):
            self.window.run_bar.step.click()

    def forward(self) -> None:
        for _ in range(int(self.rng.integers(1, 9))):
            self.window.run_bar.forward.click()

    def back(self) -> None:
        for _ in range(int(self.rng.integers(1, 9))):
            self.window.run_bar.back.click()

    def phase(self) -> None:
        step_bar = self.window.step_bar
        button = step_bar.next if self.rng.random() < 0.7 else step_bar.previous
        button.click()

    def run_to(self) -> None:
        place = self.one_of([*self.session.document.nodes, *self.session.document.edges])
        if place:
            self.session.stepper.run_to(place)

    def rest(self) -> None:
        self.window.step_bar.leave.click()

    def reset(self) -> None:
        self.window.run_bar.reset.click()

    def film(self) -> None:
        views = [view for view in self.screen.times() if len(view.epochs)]
        if views:
            view: TimeView = views[int(self.rng.integers(len(views)))]
            view.chart.scrubbed.emit(float(self.rng.uniform(0, view.epochs[-1])))

    # -- what is looked at -------------------------------------------------------------------------

    def row(self) -> None:
        field = self.window.run_bar.row
        field.setValue(int(self.rng.integers(field.maximum() + 1)))

    def mean(self) -> None:
        self.window.run_bar.row.setValue(0)

    def wires(self) -> None:
        shown = self.window.run_bar.shown
        shown.setCurrentIndex(int(self.rng.integers(shown.count())))
        shown.activated.emit(shown.currentIndex())

    def select(self) -> None:
        document = self.session.document
        if self.rng.random() < 0.5 and document.edges:
            self.session.select((), [self.one_of(list(document.edges)) or ""])
        else:
            self.session.select([self.one_of(list(document.nodes)) or ""])

    # -- the document -----------------------------------------------------------------------------

    def undo(self) -> None:
        self.session.undo()

    def redo(self) -> None:
        self.session.redo()

    def value(self) -> None:
        plan = self.session.plan
        if plan is None or not len(plan.parameters):
            return
        parameter = plan.parameters[int(self.rng.integers(len(plan.parameters)))]
        numbers = self.rng.normal(size=parameter.shape)
        self.session.push(
            SetParameterValues({parameter.name: Tensor.of(numbers.tolist())}), "Value"
        )

    def cut(self) -> None:
        document = self.session.document
        edges = [edge for edge in document.edges if carries_weight(document, edge)]
        edge = self.one_of(edges)
        if len(edges) > 2 and edge:
            self.session.push(adding.remove(document, [], [edge]), "Cut")

    def connect(self) -> None:
        document = self.session.document
        units = [node.id for node in document.nodes.values() if node.kind == "neuron"]
        target = self.one_of(units)
        source = self.one_of([node for node in document.nodes if node != target])
        if target and source:
            try:
                edit, _ = adding.connect(document, source, target, "in")
            except EditError:
                return
            self.session.push(edit, "Connect")

    def kind(self) -> None:
        document = self.session.document
        kinds = {"sigmoid": "tanh", "tanh": "sigmoid", "half_squared_error": "squared_error",
                 "squared_error": "half_squared_error"}  # fmt: skip
        node = self.one_of([n.id for n in document.nodes.values() if n.kind in kinds])
        if node:
            other = kinds[document.nodes[node].kind]
            self.session.push(adding.replace_kind(document, node, other), "Kind")


ACTS: tuple[Act, ...] = (
    Hand.play, Hand.play, Hand.step, Hand.forward, Hand.forward, Hand.back, Hand.phase, Hand.run_to,
    Hand.rest, Hand.film, Hand.film, Hand.row, Hand.row, Hand.mean, Hand.wires, Hand.select,
    Hand.select, Hand.undo, Hand.undo, Hand.redo, Hand.value, Hand.reset,
)  # fmt: skip
EDITS: tuple[Act, ...] = (Hand.cut, Hand.connect, Hand.kind, Hand.undo)


@pytest.mark.heavy("all panels at once")
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("xor", 1), ("dolhansky_3_outputs", 3), ("ng_test_network_regularised", 4), ("mazur", 6),
        ("rnn_unrolled", 8),
    ],
)  # fmt: skip
def test_everything_on_screen_is_of_one_cursor(
    window: Window, qtbot: QtBot, name: str, seed: int
) -> None:
    assert window.session.open(EXAMPLES / f"{name}.gradwire")
    screen = Screen(window)
    hand = Hand(screen, seed, qtbot)
    window.session.run.speed = None
    qtbot.waitUntil(screen.check)
    for number in range(20):
        acts = ACTS if number % 6 < 5 else EDITS
        acts[int(hand.rng.integers(len(acts)))](hand)
        qtbot.waitUntil(screen.check)


@pytest.mark.heavy("a whole window")
@pytest.mark.parametrize("name", ["xor", "digits"])
def test_while_a_run_goes_on_bars_are_of_the_moment_of_the_canvas_and_no_plot_is_ahead(
    window: Window, qtbot: QtBot, name: str
) -> None:
    """Run bar, status and plots once were some epochs apart, the plots ahead of the canvas."""
    assert window.session.open(EXAMPLES / f"{name}.gradwire")
    screen, session = Screen(window), window.session
    qtbot.waitUntil(lambda: session.readings is not None)
    seen: list[tuple[int, ...]] = []

    def compare() -> None:
        if not session.run.running:
            return
        epoch = session.run.epoch
        assert re.sub(r"\D", "", window.run_bar.epoch.text()) == str(epoch)
        assert window.run_bar.error.text() == number_text(session.error)
        told = re.match(r"epoch ([\d,]+)", window.status.epoch.text())
        assert (int(told[1].replace(",", "")) if told else 0) == epoch
        ends = [int(view.epochs[-1]) for view in screen.times() if len(view.epochs)]
        assert all(end <= epoch for end in ends)
        seen.append((epoch, *ends))

    session.readings_changed.connect(compare, Qt.ConnectionType.QueuedConnection)
    session.run.play()
    qtbot.waitUntil(lambda: len({epoch for epoch, *ends in seen if ends}) > 3)
    session.run.pause()
    session.readings_changed.disconnect(compare)


@pytest.mark.heavy("a whole window")
@pytest.mark.parametrize("name", ["xor", "digits"])
def test_a_snapshot_stays_until_all_that_is_seen_has_drawn_it(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Plots and explanations once had timers of their own, and were of epochs before."""
    assert window.session.open(EXAMPLES / f"{name}.gradwire")
    session, run, publication = window.session, window.session.run, window.session.publication
    publication.most = math.inf  # however slow the machine
    monkeypatch.setattr("gui.jobs.follower._QUICK", math.inf)
    views = [cast("TimeView", window.raise_dock(name)) for name in ("loss", "gradients")]
    panel = cast("Explanation", window.raise_dock("explanation"))
    qtbot.waitUntil(lambda: session.readings is not None)
    unit = next(n.id for n in session.document.nodes.values() if n.kind in ("neuron", "dense"))
    session.select([unit])
    seen: list[int] = []
    drawn: list[int] = []
    begin = publication.begin

    def compare(now: float) -> None:
        if len(seen) > 1:
            for view in views:
                if view.is_seen and len(view.epochs):
                    assert int(view.epochs[-1]) == run.epoch
                    drawn.append(run.epoch)
            answer = panel.page.answer
            assert answer is not None
            assert answer.moment.updates == run.updates
        seen.append(run.epoch)
        begin(now)

    monkeypatch.setattr(publication, "begin", compare)
    run.speed = 30.0
    run.play()
    qtbot.waitUntil(lambda: len(set(seen)) > 8 or not run.running)
    run.pause()
    assert len(set(seen)) > 8
    assert drawn

"""The cursor inside an update: which stop of its score is shown, and what is known there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from engine.analysis.score import Phase
from engine.arrays.aliases import Array
from engine.data.row_numbers import row_name
from graph.errors import GradwireError
from graph.model.impact import Impact
from gui.look.edge_quantity import EdgeQuantity
from gui.session.stop_text import Quiz, StopNumber, is_there, lit_edges, lit_node, stop_number

if TYPE_CHECKING:
    from engine.analysis.score import Score, Stop
    from engine.interpreter.probe import Probe
    from engine.plan.plan import Plan
    from engine.training import Trainer
    from graph.model.document import Document
    from gui.session.derived_state import Calculation
    from gui.session.training_run import TrainingRun

PACES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Seconds that playing stays at each stop."""


_MODES: Mapping[Phase, EdgeQuantity] = {
    Phase.FORWARD: "value",
    Phase.LOSS: "value",
    Phase.BACKWARD: "message",
    Phase.GRADIENTS: "gradient",
    Phase.PENALTY: "gradient",
    Phase.UPDATE: "weight",
}


class StepperHost(Protocol):
    """What the cursor may use of its session."""

    document: Document
    calculation: Calculation
    run: TrainingRun
    shown: EdgeQuantity

    def show_on_edges(self, shown: EdgeQuantity) -> None:
        """Choose what the wires show."""

    @property
    def notice(self) -> SignalInstance:
        """One sentence on what went wrong."""

    @property
    def news(self) -> SignalInstance:
        """One sentence that is good to know."""

    @property
    def readings_changed(self) -> SignalInstance:
        """What is shown is new."""


class Stepper(QObject):
    """Moves the cursor through the score of the next update, and across updates.

    At rest everything is known, and nothing of the next update has begun. At stop i what becomes
    known at the stops 0 … i is known; the numbers are those of the rows of that update, or of the
    row that is chosen. Going on from the last stop makes the update.

    Attributes
    ----------
    quiz : Quiz
        Hides the number of a stop until it is typed, if it is on.
    stop : int or None
        Where the cursor is; None at rest.
    pace : float
        Seconds that `play` stays at a stop.
    """

    changed = Signal()
    breaks_changed = Signal()

    def __init__(self, session: StepperHost, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.stop: int | None = None
        self.quiz = Quiz(self._tell)
        self.breaks: frozenset[str] = frozenset()  # places at which playing stands still
        self._score: tuple[Plan, Score] | None = None
        self._shown: EdgeQuantity | None = None  # what wires showed before the update
        self._phase: Phase | None = None
        self._ahead: Trainer | None = None  # where the update begins
        self._after: Array | None = None  # the parameters where it ends
        self._masked: tuple[Probe | None, int, Probe | None] = None, -1, None
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self._play_on)
        session.run.state_changed.connect(self._on_run)

    # -- where it is ---------------------------------------------------------------------------

    @property
    def score(self) -> Score | None:
        """The score of an update of the present plan; None if there is none that trains."""
        plan = self._session.calculation.plan
        if plan is None or not plan.losses:
            return None
        if self._score is None or self._score[0] is not plan:
            from engine.analysis.score_stops import score_of

            self._score = plan, score_of(self._session.document, plan)
        return self._score[1]

    @property
    def at(self) -> Stop | None:
        """The stop at which the cursor is; None at rest, or if its place was just removed."""
        score = self.score if self.stop is not None else None
        at = score[self.stop] if score and self.stop is not None else None
        return at if at is not None and is_there(at, self._session.document) else None

    @property
    def phase(self) -> Phase | None:
        """The phase of the update in which the cursor is; None at rest."""
        return self.at.phase if self.at else None

    @property
    def known_stop(self) -> int | None:
        """The last stop whose number is known: the one before while the quiz asks for it."""
        return self.stop - 1 if self.stop is not None and self.quiz.asked is not None else self.stop

    @property
    def number(self) -> StopNumber | None:
        """The number that becomes known at the cursor; None at rest, or while it is not known."""
        at, score = self.at, self.score
        whole = self._session.calculation.probing.readings
        readings = self.masked(whole)
        if at is None or score is None or readings is None or self.quiz.asked is not None:
            return None
        before = self._session.calculation.theta
        return stop_number(score, at, readings, self._penalty_gradient(score), before, whole)

    @property
    def lit_edges(self) -> list[str]:
        """The edges at which the cursor is: those whose values, messages or weight it is about."""
        at, score = self.at, self.score
        return lit_edges(score, at, self._session.document) if at and score else []

    @property
    def lit_node(self) -> str | None:
        """The node at which the cursor is: of a message the one where it arrives."""
        at = self.at
        return lit_node(at, self._session.document) if at is not None else None

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @property
    def pace(self) -> float:
        """Seconds that `play` stays at a stop."""
        return self._timer.interval() / 1000

    @pace.setter
    def pace(self, seconds: float) -> None:
        self._timer.setInterval(round(1000 * seconds))
        self.changed.emit()

    def knows(self, quantity: str) -> bool:
        """Tell whether a quantity (``delta:h1``) is known at the cursor."""
        score, stop = self.score if self.stop is not None else None, self.known_stop
        return score is None or stop is None or score.known_from(quantity) <= stop

    # -- moving it -----------------------------------------------------------------------------

    def forward(self) -> None:
        """Go to the next stop; from the last one make the update, and rest after it."""
        score = self._ready()
        if score is None:
            return
        if self.quiz.asked is not None:
            self.quiz.reveal()
        elif self.stop is None:
            self._go(0)
        elif self.stop + 1 < len(score):
            self._go(self.stop + 1)
        else:
            self.finish()

    def back(self) -> None:
        """Go to the stop before; from rest to the last stop of the update that led there."""
        score = self._ready()
        if score is None:
            return
        if self.stop is None:
            if self._session.run.show_update(self._session.run.shown_update - 1):
                self._go(len(score) - 1)
        else:
            self._go(self.stop - 1 if self.stop else None)

    def next_phase(self) -> None:
        """Go to the first stop of the next phase; from the last phase make the update."""
        score = self._ready()
        if score is None:
            return
        place = 0 if self.stop is None else score.next_phase(self.stop)
        self._go(place) if place is not None else self.finish()

    def previous_phase(self) -> None:
        """Go to the first stop of this phase, or of the one before if it is there."""
        score = self._ready()
        if score is None:
            return
        if self.stop is None:
            self.back()
        else:
            self._go(score.previous_phase(self.stop))

    def finish_phase(self) -> None:
        """Go to the last stop of this phase."""
        score = self._ready()
        if score is not None:
            self._go(score.end_of_phase(self.stop or 0))

    def run_to(self, place: str) -> None:
        """Go to the next stop at a node, edge or parameter; in the next update if it is past."""
        score = self._ready()
        if score is None:
            return
        found = score.find(place)
        if not len(found):
            self._session.notice.emit("Nothing of an update happens there.")
            return
        later = found[found > (-1 if self.stop is None else self.stop)]
        if not len(later):
            self.finish()
        self._go(int(later[0] if len(later) else found[0]))

    def finish(self) -> None:
        """Make the update, and rest after it."""
        playing = self.playing
        self.rest()
        self._session.run.step()
        if playing and self._session.run.hit is None:
            self._timer.start()

    def rest(self) -> None:
        """Show everything that is known before the update; nothing of it has begun."""
        self._timer.stop()
        self._go(None)

    def play(self) -> None:
        """Go on by itself, one stop after the other, or stand still."""
        if self.playing:
            self._timer.stop()
        elif self._ready() is not None:
            self.forward()
            self._timer.start()
        self.changed.emit()

    def _play_on(self) -> None:
        self.forward()
        at = self.at
        if at is not None and self.breaks & {at.node, at.edge, *self.lit_edges, self.lit_node}:
            self._timer.stop()
            self._session.news.emit(f"Stopped at a breakpoint: {at.title}.")
            self.changed.emit()

    def break_at(self, place: str, *, on: bool) -> None:
        """Let playing stand still wherever an update comes to a node or an edge, or no more."""
        breaks = self.breaks | {place} if on else self.breaks - {place}
        if breaks != self.breaks:
            self.breaks = breaks
            self.breaks_changed.emit()

    def _on_run(self) -> None:
        if self._session.run.running and self.stop is not None:
            self.rest()

    def _ready(self) -> Score | None:
        """Return the score, the run standing still; None, and say why, if there is none."""
        session = self._session
        session.run.pause()
        score = self.score
        if score is None or session.calculation.prepared is None:
            session.notice.emit(session.calculation.why_not_runnable())
            return None
        return score

    def _go(self, stop: int | None) -> None:
        before, began, self.stop = self.stop, self.stop is None, stop
        self.quiz.ask(None)
        if stop is None:
            self._ahead = self._after = None
            if not began:
                self._session.calculation.show_batch(None, "")
        elif began:
            self._begin()
        if self.quiz.on and stop is not None and (before is None or stop > before):
            self.quiz.ask(self.number.single if self.number is not None else None)
        self._show_on_edges()
        self._tell()

    def _tell(self) -> None:
        self.changed.emit()
        self._session.readings_changed.emit()

    def _show_on_edges(self) -> None:
        """Let the wires show what the phase is about; at rest what they showed before."""
        phase, session = self.phase, self._session
        if phase is None:
            before, self._shown = self._shown, None
            if before is not None:
                session.show_on_edges(before)
        elif self._shown is None or phase is not self._phase:
            self._shown = self._shown or session.shown
            session.show_on_edges(_MODES[phase])
        self._phase = phase

    def _begin(self) -> None:
        """Show the rows of the next update."""
        trainer = self._session.run.next_update()
        if trainer is None:
            self.stop = None
            return
        self._ahead, rows = trainer, trainer.next_rows
        text = f"mean over the {len(rows):,} rows of this update"
        if len(rows) == 1:
            text = f"{row_name(rows[0])} (train), the batch of this update"
        elif trainer.batches > 1:
            text += f", batch {trainer.batch + 1} of {trainer.batches}"
        noise = None
        if any(form.op.spec.kind == "dropout" for form in trainer.plan.steps.forms):
            noise = trainer.next_noise
        self._session.calculation.show_batch(rows, text, noise)

    # -- what is known --------------------------------------------------------------------------

    def value(self, name: str) -> Array | None:
        """Return a parameter's value: the new one from the stop on that updates it."""
        calculation = self._session.calculation
        found = calculation.parameter(name)
        if self.stop is None or found is None or not self.knows(f"update:{name}"):
            return calculation.value(name)
        after, part = self._theta_after(), slice(found.offset, found.offset + found.size)
        return None if after is None else after[part].reshape(found.shape)

    def _theta_after(self) -> Array | None:
        """Return the parameters after this update, (P,)."""
        if self._after is None and self._ahead is not None:
            trainer = self._ahead
            try:
                trainer.step()
            except GradwireError as error:
                self._session.notice.emit(str(error))
            self._after = trainer.theta.astype(np.float64)
        return self._after

    def _penalty_gradient(self, score: Score) -> Array | None:
        """Return what penalties give to ∂E/∂θ before the update, (P,); None without penalties."""
        calculation, training = self._session.calculation, self._session.document.training
        if Phase.PENALTY not in score.phases or calculation.theta is None:
            return None
        from engine.interpreter.objective_terms import penalty_gradient

        settings = training.l1, training.l2, calculation.probing.m
        return penalty_gradient(score.plan, calculation.theta, *settings)

    def after_edit(self, impact: Impact) -> None:
        """Stay where it is if only numbers changed; else rest."""
        if self.stop is None or not impact.numeric:
            return
        if not impact.is_only(Impact.VALUES):
            self.rest()
            return
        self._after, self._masked = None, (None, -1, None)
        self.quiz.ask(None)
        self._begin()
        self._tell()

    def close(self) -> None:
        """Stand still for good."""
        self._timer.stop()

    def masked(self, readings: Probe | None) -> Probe | None:
        """Return readings without what is not yet known at the cursor (NaN); all at rest."""
        score, stop = self.score if self.stop is not None else None, self.known_stop
        if readings is None or score is None or stop is None:
            return readings
        if self._masked[0] is not readings or self._masked[1] != stop:
            from engine.analysis.known_part import known_part

            updates = score.update_from.min(initial=len(score)) <= stop
            after = self._theta_after() if updates else None
            penalty = self._penalty_gradient(score)
            known = known_part(score, stop, readings, after, penalty)
            self._masked = readings, stop, known
        return self._masked[2]

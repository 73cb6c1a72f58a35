"""Training from the editor: one worker thread; play, pause, step, reset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, Signal

from graph.errors import GradwireError
from graph.model.edits import Batch, SetParameterValues, SetTraining
from graph.model.impact import Applied, Impact
from gui.session.run_progress import RunProgress, RunState
from gui.session.training_host import RunClock, TrainingHost

if TYPE_CHECKING:
    from engine.analysis.explanation.parameter_formulas import RuleState
    from engine.training import Trainer
    from engine.training.breakpoints import BreakpointHit, Breakpoints, Condition
    from gui.session.run_lineage import RunLineage
    from gui.session.training_thread import Ended, TrainingThread

TEACHING = 0.25
"""Updates a second at which one sees what an update does."""
_TICK = 16  # ms between two looks at what the worker published
_OVER = {
    "epochs": "Training finished: all epochs are done. Play goes on for as many again.",
    "target": "Training finished: the loss is below its target.",
    "early": "Training stopped early: the loss no longer falls.",
    "converged": "Training finished: L-BFGS has converged.",
}


class TrainingRun(RunProgress):
    """Training of the session's document: the one place that knows where it stands.

    ``IDLE`` has no lineage of states; all others have one. Only ``RUNNING`` has a thread, which
    reports into the lineage; on leaving it (`_stand`) the state trained to is marked and becomes
    one undo entry. While it runs, `published` is emitted after each snapshot that was taken over,
    with the session's readings, `epoch` and `error`; the next comes when it was drawn.
    ``failure`` says why the last run failed (empty if it did not), ``hit`` is the breakpoint at
    which it stands.
    """

    state_changed = Signal(object)  # the `RunState`: another one, or the same at another update
    speed_changed = Signal()
    published = Signal()
    _ended = Signal(object)

    def __init__(self, host: TrainingHost, parent: QObject, clock: RunClock | None = None) -> None:
        super().__init__(parent)
        self._host, self._clock = host, clock or RunClock()
        self._speed: float | None = None
        self._conditions: tuple[Condition, ...] = ()
        self._worker: TrainingThread | None = None
        self._timer = self._clock.every(_TICK, self._tick, self)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self._seen = -1
        self._waits = False  # for the data, to begin then
        host.calculation.data_changed.connect(self._on_data)
        self._patches = 0  # changes by hand that the worker was given
        self._dropped: RunLineage | None = None  # by a reset that may be undone
        self.failure = ""
        self.hit: BreakpointHit | None = None

    # -- commands -----------------------------------------------------------------------------

    def play(self) -> None:
        """Start or go on; what hinders it goes to the host's ``notice``."""
        self._waits = not self.running and self._host.calculation.is_reading
        if self._waits:
            self._host.news.emit("Training begins as soon as the data is read.")
        elif not self.running and (lineage := self._ready()) is not None:
            self._start(lineage)

    def _on_data(self) -> None:
        """Begin now if play was pressed before the data was there."""
        if self._waits:
            self.play()

    def pause(self) -> None:
        """Stop after the current update; the trained parameters become one undo entry."""
        if self.running:
            self._halt()
            self._stand(RunState.PAUSED)

    def toggle(self) -> None:
        """Play if it does not run, else pause."""
        (self.pause if self.running else self.play)()

    def step(self) -> None:
        """Do one update (one minibatch), then stand still."""
        self.pause()
        lineage = self._ready()
        if lineage is None:
            return
        lineage.trainer.interrupt()
        try:
            for block in lineage.trainer.blocks():
                lineage.take(block)
                if lineage.fresh_updates:
                    break
        except GradwireError as error:
            self._fail(str(error))
            return
        self._changes += 1
        if not self._stop_at_breakpoint(lineage.trainer.stopped):
            self._stand(RunState.PAUSED)

    def reset(self) -> None:
        """Go back to the parameters before the run, epoch 0 and an empty history."""
        self.pause()
        lineage = self._lineage
        values = lineage.origin.values if lineage else {}
        self._drop()
        now = self._host.document.parameters
        changed = any(now.get(name) != value for name, value in values.items())
        if changed or self._host.calculation.shows_older_draws:
            self._host.push(SetParameterValues(values), "Reset the run", redraws=True)
            if lineage is not None:
                lineage.at = lineage.origin
            self._dropped = lineage

    def randomise(self) -> None:
        """Draw all trained parameters anew with the next seed."""
        self.pause()
        training, plan = self._host.document.training, self._host.calculation.plan
        if plan is None:
            return
        names = [p.name for p in plan.parameters if p.trainable]
        settings = SetTraining(replace(training, seed=training.seed + 1))
        self._drop()
        edit = Batch((SetParameterValues(dict.fromkeys(names)), settings))
        self._host.push(edit, "Randomise weights", redraws=True)

    def show_frame(self, epoch: int | None) -> None:
        """Show the parameters after an epoch of the film, or the end (None); one undo entry."""
        self.pause()
        if self._lineage is not None:
            text = "Film: the end" if epoch is None else f"Film: epoch {epoch}"
            self._host.push(self._lineage.frame(epoch), text, merge="film")

    def next_update(self) -> Trainer | None:
        """Return a trainer of its own at the state that is shown, for looking at what comes."""
        self.pause()
        lineage, theta = self._found(), self._host.calculation.theta
        return lineage.ahead(theta) if lineage is not None and theta is not None else None

    def show_update(self, number: int) -> bool:
        """Show the state after so many updates, bit for bit; whether there is one."""
        self.pause()
        lineage = self._lineage
        edit = lineage.update(number) if lineage and number >= 0 else None
        if edit is None:
            self._host.news.emit("This is where the run began; nothing is held from before.")
            return False
        return self._host.push(edit, f"Show update {number}", merge="film")

    @property
    def rule_state(self) -> RuleState | None:
        """What the optimiser remembers at the state that is shown; None before the first run."""
        from engine.analysis.explanation.parameter_formulas import RuleState
        from engine.training.rules.schedules import rate

        if self._lineage is None or self.running:
            return None
        at, settings = self._lineage.at.checkpoint, self._host.document.training
        eta = rate(settings, at.epoch, at.plateau.factor)
        is_same = at.optimizer == settings.optimizer
        return RuleState(at.count, at.memory, eta) if is_same else RuleState(0, (), eta)

    @property
    def shown_update(self) -> int:
        """Updates made up to the state that is shown."""
        if self.running:
            return self.updates
        return self._lineage.at.checkpoint.updates if self._lineage else 0

    def forget(self) -> None:
        """End the worker, and wait for it, without keeping what it trained."""
        self._waits = False
        self._halt()
        self._drop()

    # -- edits --------------------------------------------------------------------------------

    def before_edit(self, impact: Impact) -> None:
        """Prepare for an edit about to be applied: values and settings live, else pause first."""
        if not self.running or not impact.numeric:
            return
        if not impact.is_only(Impact.VALUES) and not impact.is_only(Impact.SETTINGS):
            self.pause()
            sentence = "Training stopped because the network changed; press play to go on."
            self._host.news.emit(sentence)

    def after_edit(self, applied: Applied) -> None:
        """Take an edit that was applied into the run: live, or as the state to go on from."""
        if self._host.calculation.theta is None or not applied.impact.numeric:
            return
        if self._worker is None:
            self._find_state()
        elif applied.impact.is_only(Impact.SETTINGS):
            self._restart()
        else:
            self._send_values(applied.ids.parameters)

    def _find_state(self) -> None:
        """Be in the state whose values the document has: after an undo, a redo, a frame."""
        dropped, plan = self._dropped, self._host.calculation.plan
        if self._lineage is None and dropped is not None and dropped.plan is plan:
            if dropped.find():
                self._lineage, self._dropped, self.hit = dropped, None, None
                self._changes += 1
                self._enter(RunState.PAUSED)
        elif self._lineage and self._lineage.plan is plan and self._lineage.find():
            self.hit = None  # it was found at another moment
            self._changes += 1
            self._enter(self._state)

    def _restart(self) -> None:
        """Go on with other settings or breakpoints."""
        self._halt()
        lineage = self._lineage
        assert lineage is not None  # it ran
        try:
            lineage.breakpoints = self._make_breakpoints()
            lineage.remake()
        except GradwireError as error:
            self._stand(RunState.PAUSED)
            self._host.notice.emit(f"Training stopped: {error}.")
        else:
            self._start(lineage)

    def _send_values(self, names: Iterable[str]) -> None:
        calculation = self._host.calculation
        for name in names:
            place, value = calculation.parameter(name), calculation.value(name)
            if self._worker is not None and place is not None and value is not None:
                self._worker.patch(place.offset, value.ravel().copy())
                self._patches += 1

    # -- from state to state ------------------------------------------------------------------

    def _ready(self) -> RunLineage | None:
        """Return the lineage, ready to go on; None, and say why, if there is nothing to train."""
        lineage, theta = self._found(), self._host.calculation.theta
        if lineage is None or theta is None:
            return None
        try:
            if lineage.breakpoints or self._conditions:
                lineage.breakpoints = self._make_breakpoints()
                lineage.remake()
            lineage.begin(theta)
        except GradwireError as error:
            self._host.notice.emit(str(error))
            return None
        self.failure, self.hit = "", None
        return lineage

    def _found(self) -> RunLineage | None:
        """Return the lineage of what the document is now, a new one if need be: see `_ready`."""
        from gui.session.run_lineage import RunLineage

        host, calculation = self._host, self._host.calculation
        plan, data, theta = calculation.plan, calculation.prepared, calculation.theta
        if plan is None or data is None or theta is None:
            host.notice.emit(calculation.why_not_runnable())
            return None
        lineage = self._lineage
        if lineage is None or not lineage.fits(host.document, plan, data):
            made = host.document, plan, data, theta, self._yield_gil, host.kernels.engine
            try:
                lineage = RunLineage(*made)
            except GradwireError as error:
                host.notice.emit(str(error))
                return None
        self._lineage, self._dropped = lineage, None
        return lineage

    def _start(self, lineage: RunLineage) -> None:
        from gui.session.training_thread import TrainingThread

        read, ended = self._host.calculation.read, self._ended.emit
        epochs = self._host.document.training.epochs
        worker = TrainingThread(lineage, read, ended, lambda: self._speed, self._clock, epochs)
        self._worker, self._seen, self._patches = worker, -1, 0
        self._snapshot = worker.latest
        self._timer.start()
        worker.start()
        self._enter(RunState.RUNNING)

    def _yield_gil(self) -> None:
        if self._worker is not None:
            self._worker.yield_gil()

    def _tick(self) -> None:
        worker = self._worker
        if worker is None or self.changes == self._seen:
            return
        if not self._host.publication.may_go_on(now := self._clock.now()):
            return
        self._seen, latest = self.changes, worker.latest
        if latest.patches < self._patches:
            return  # it is of before what was changed by hand
        if not self._host.calculation.is_of_now(latest.probe):
            worker.ask()
            return
        self._host.publication.begin(now)
        self._snapshot = latest
        self._host.calculation.show(latest.theta, latest.probe)
        self.published.emit()

    def _on_ended(self, ended: Ended) -> None:
        if ended.worker is not self._worker:
            return
        self._halt()
        if ended.error:
            self._fail(ended.error)
        elif not self._stop_at_breakpoint(ended.stopped):
            self._stand(RunState.FINISHED)
            self._host.news.emit(_OVER.get(ended.stopped, "Training finished."))

    def _stop_at_breakpoint(self, stopped: str) -> bool:
        """Say where it stopped, if at a breakpoint."""
        if stopped != "breakpoint" or self._lineage is None or not self._lineage.breakpoints:
            return False
        self.hit = self._lineage.breakpoints.hit
        self._stand(RunState.PAUSED)
        self._host.notice.emit(self.hit.sentence if self.hit else "Breakpoint.")
        return True

    def _fail(self, sentence: str) -> None:
        self.failure = sentence
        self._stand(RunState.FAILED)
        self._host.notice.emit(f"Training stopped: {sentence.rstrip('.')}.")

    def _halt(self) -> None:
        """End the thread."""
        self._timer.stop()
        worker, self._worker, self._snapshot = self._worker, None, None
        if worker is not None:
            worker.stop()
            self._changes += 1

    def _stand(self, state: RunState) -> None:
        """Stand still; what was trained becomes one undo entry."""
        if self._lineage is not None and self._lineage.fresh_updates:
            self._host.push(*self._lineage.stand(), always=True)
        self._enter(state)

    def _drop(self) -> None:
        """Forget the lineage: no run has been made."""
        self._changes += 1 + (self._lineage.changes if self._lineage else 0)
        self._lineage, self._dropped, self.failure, self.hit = None, None, "", None
        self._enter(RunState.IDLE)

    def _enter(self, state: RunState) -> None:
        self._state = state
        self.state_changed.emit(state)

    def _make_breakpoints(self) -> Breakpoints | None:
        from engine.training.breakpoints import Breakpoints

        return Breakpoints(self._conditions, self._host.document) if self._conditions else None

    # -- choices ------------------------------------------------------------------------------

    @property
    def speed(self) -> float | None:
        """Most epochs a second, below 1 updates; infinite is flat out.

        None begins slowly and gets faster, so that all epochs take some 20 seconds.
        """
        return self._speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        self._speed = speed
        self.speed_changed.emit()

    @property
    def breakpoints(self) -> tuple[Condition, ...]:
        """What stops a run at the very update: conditions of `engine.training.breakpoints`."""
        return self._conditions

    @breakpoints.setter
    def breakpoints(self, conditions: Sequence[Condition]) -> None:
        self._conditions = tuple(conditions)
        if self.running:
            self._restart()

"""Training from the editor: one worker thread; play, pause, step, reset."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from graph.errors import GradwireError
from graph.model.edits import Batch, SetParameterValues, SetTraining
from graph.model.impact import Applied, Impact

if TYPE_CHECKING:
    from engine.training import Engine, Epoch, History
    from gui.session.run_lineage import RunLineage
    from gui.session.session import Session
    from gui.session.training_thread import Ended, TrainingThread

_TICK = 16  # ms between two looks at what the worker published
_OVER = {
    "epochs": "Training finished: all epochs are done. Play goes on for as many again.",
    "target": "Training finished: the loss is below its target.",
    "early": "Training stopped early: the loss no longer falls.",
    "converged": "Training finished: L-BFGS has converged.",
}


class RunState(StrEnum):
    """Where training stands; equal to its plain string."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"


class Run(QObject):
    """Training of the session's document.

    Nothing is signalled while it runs but changes of state: whoever draws polls `changes` (it
    grows with every published result), `epoch`, `error`, `history` with a timer of its own. The
    session's readings follow by themselves.

    Attributes
    ----------
    state_changed : Signal(object)
        The new `RunState`.
    speed_changed : Signal()
    failure : str
        Why the last run failed; empty if it did not.
    """

    state_changed = Signal(object)
    speed_changed = Signal()
    _ended = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._state = RunState.IDLE
        self._speed: float | None = None
        self._worker: TrainingThread | None = None
        self._timer = QTimer(self, interval=_TICK)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self._changes = 0
        self._seen = -1
        self._course: RunLineage | None = None
        self.failure = ""

    # -- commands -----------------------------------------------------------------------------

    def play(self) -> None:
        """Start or go on; what hinders it goes to the session's ``notice``."""
        if self._state is not RunState.RUNNING and (course := self._ready()) is not None:
            self._start(course)

    def pause(self) -> None:
        """Stop after the current update; the trained parameters become one undo entry."""
        if self._state is RunState.RUNNING:
            self._halt()
            self._set_state(RunState.PAUSED)
            self._commit()

    def toggle(self) -> None:
        """Play if it does not run, else pause."""
        (self.pause if self._state is RunState.RUNNING else self.play)()

    def step(self) -> None:
        """Do one update (one minibatch), then stand still."""
        self.pause()
        course = self._ready()
        if course is None:
            return
        worker = self._make_worker(course)
        course.trainer.interrupt()
        try:
            for block in course.trainer.blocks():
                worker.take(block)
                if course.fresh_updates:
                    break
        except GradwireError as error:
            self._fail(str(error))
            return
        self._keep(worker)
        self._set_state(RunState.PAUSED)
        self._commit()

    def reset(self) -> None:
        """Go back to the parameters before the run, epoch 0 and an empty history."""
        self.pause()
        values = self._course.origin() if self._course else {}
        self._drop()
        now = self._session.document.parameters
        changed = any(now.get(name) != value for name, value in values.items())
        if changed or self._session.calculation.shows_older_draws:
            self._session.push(SetParameterValues(values), "Reset the run", redraws=True)

    def randomise(self) -> None:
        """Draw all trained parameters anew with the next seed."""
        self.pause()
        training, plan = self._session.document.training, self._session.plan
        if plan is None:
            return
        names = [p.name for p in plan.parameters if p.trainable]
        settings = SetTraining(replace(training, seed=training.seed + 1))
        self._drop()
        edit = Batch((SetParameterValues(dict.fromkeys(names)), settings))
        self._session.push(edit, "Randomise weights", redraws=True)

    def show_frame(self, epoch: int | None) -> None:
        """Show the parameters after an epoch of the film, or the end (None); one undo entry."""
        self.pause()
        if self._course is not None:
            text = "Film: the end" if epoch is None else f"Film: epoch {epoch}"
            self._session.push(self._course.frame(epoch), text, merge="film")

    def _drop(self) -> None:
        """Forget the course: no run has been made."""
        self._course, self.failure = None, ""
        self._changes += 1
        self._set_state(RunState.IDLE)

    def forget(self) -> None:
        """End the worker without keeping what it trained: the document is about to go."""
        self._halt()
        self._drop()

    def close(self) -> None:
        """End the worker and wait for it."""
        self.forget()

    # -- edits during training ----------------------------------------------------------------

    def meet(self, impact: Impact) -> None:
        """Prepare for an edit about to be applied: values and settings live, else pause first."""
        if self._state is not RunState.RUNNING or not impact.numeric:
            return
        if not impact.is_only(Impact.VALUES) and not impact.is_only(Impact.SETTINGS):
            self.pause()
            self._session.news.emit(
                "Training stopped because the network changed; press play to go on."
            )

    def follow(self, applied: Applied) -> None:
        """Take an edit that was applied into the course, running or not."""
        theta = self._session.theta
        if self._course is None or theta is None or not applied.impact.numeric:
            return
        if self._worker is None:
            looked_at = self._course.looked_at
            moved = self._course.plan is self._session.plan and self._course.return_to(theta)
            if moved or self._course.looked_at != looked_at:
                self._changes += 1
                self.state_changed.emit(self._state)
        elif applied.impact.is_only(Impact.SETTINGS):
            self._change_settings(self._course)
        else:
            self._send_values(applied.ids.parameters)

    def _change_settings(self, course: RunLineage) -> None:
        self._halt()
        try:
            course.adopt_settings()
        except GradwireError as error:
            self._set_state(RunState.PAUSED)
            self._commit()
            self._session.notice.emit(f"Training stopped: {error}.")
        else:
            self._start(course)

    def _send_values(self, names: Iterable[str]) -> None:
        calculation = self._session.calculation
        for name in names:
            place, value = calculation.parameter(name), calculation.value(name)
            if self._worker is not None and place is not None and value is not None:
                self._worker.patch(place.offset, value.ravel().copy())

    # -- starting and standing still ----------------------------------------------------------

    def _ready(self) -> RunLineage | None:
        """Return the course to go on with; None, and say why, if there is nothing to train."""
        from gui.session.run_lineage import RunLineage

        session = self._session
        plan, data, theta = session.plan, session.prepared, session.theta
        if plan is None or data is None or theta is None:
            session.notice.emit(session.calculation.obstacle())
            return None
        try:
            if self._course is None or not self._course.fits(session.document, plan, data):
                training = session.document.training
                engine = partial(session.kernels.engine, plan=plan, training=training)
                self._course = RunLineage(
                    session.document, plan, data, theta, self._yield_gil, engine
                )
            self._course.begin(theta)
        except GradwireError as error:
            session.notice.emit(str(error))
            return None
        self.failure = ""
        return self._course

    def _yield_gil(self) -> None:
        if self._worker is not None:
            self._worker.yield_gil()

    def _make_worker(self, course: RunLineage) -> TrainingThread:
        from gui.session.training_thread import TrainingThread

        read = self._session.calculation.read
        worker = TrainingThread(course.trainer, course.history, read, self._ended.emit)
        worker.speed, worker.last = self._speed, course.last
        return worker

    def _start(self, course: RunLineage) -> None:
        self._worker = self._make_worker(course)
        self._seen = -1
        self._timer.start()
        self._worker.start()
        self._set_state(RunState.RUNNING)

    def _halt(self) -> None:
        """End the thread and keep what it reported."""
        self._timer.stop()
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.stop()
            self._keep(worker)

    def _keep(self, worker: TrainingThread) -> None:
        if self._course is not None:
            self._course.last = worker.last
        self._changes += worker.changes + 1

    def _commit(self) -> None:
        """Write the trained parameters into the document as one undo entry."""
        if self._course is not None and self._course.fresh_updates:
            self._course.mark()
            self._session.push(*self._course.outcome())

    # -- while it runs ------------------------------------------------------------------------

    def _tick(self) -> None:
        worker = self._worker
        if worker is None or worker.changes == self._seen:
            return
        self._seen = worker.changes
        latest = worker.latest
        if latest is not None:
            self._session.calculation.show(latest.theta, latest.probe)

    def _on_ended(self, ended: Ended) -> None:
        if ended.worker is not self._worker:
            return
        self._halt()
        if ended.error:
            self._fail(ended.error)
            return
        self._set_state(RunState.FINISHED)
        self._commit()
        self._session.news.emit(_OVER.get(ended.stopped, "Training finished."))

    def _fail(self, sentence: str) -> None:
        self.failure = sentence
        self._set_state(RunState.FAILED)
        self._commit()
        self._session.notice.emit(f"Training stopped: {sentence.rstrip('.')}.")

    def _set_state(self, state: RunState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    # -- reading ------------------------------------------------------------------------------

    @property
    def state(self) -> RunState:
        """Where training stands."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether the worker trains at this moment."""
        return self._state is RunState.RUNNING

    @property
    def speed(self) -> float | None:
        """Most epochs per second; infinite is flat out, None begins slowly and gets there."""
        return self._speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        self._speed = speed
        if self._worker is not None:
            self._worker.speed = speed
        self.speed_changed.emit()

    @property
    def engine(self) -> Engine | None:
        """What trains; None before the first run."""
        return self._course.trainer.engine if self._course else None

    @property
    def engine_note(self) -> str:
        """Why NumPy trains this network rather than the fast engine; empty if it does not."""
        return self._course.trainer.engine_note if self._course else ""

    @property
    def epoch(self) -> int:
        """Epochs done since the last reset, or the one whose frame of the film is shown."""
        shown = self._course.looked_at if self._course else None
        return self.last_epoch if shown is None else shown

    @property
    def last_epoch(self) -> int:
        """Epochs done since the last reset."""
        return self._course.trainer.epoch if self._course else 0

    @property
    def batch(self) -> tuple[float, float]:
        """The share of the present epoch that is done, and E of its last batch."""
        trainer = self._course.trainer if self._course else None
        return (trainer.batch / trainer.batches, trainer.batch_error) if trainer else (0.0, 0.0)

    @property
    def updates(self) -> int:
        """Updates (minibatches) done since the last reset."""
        return self._course.trainer.updates if self._course else 0

    @property
    def last(self) -> Epoch | None:
        """What the last epoch reported."""
        if self._worker is not None:
            return self._worker.last
        return self._course.last if self._course else None

    @property
    def error(self) -> float | None:
        """E over the training rows after the last epoch; None before the first."""
        last = self.last
        return last.error if last else None

    @property
    def rate(self) -> float | None:
        """Learning rate of the last update."""
        last = self.last
        return last.rate if last else None

    @property
    def film_epochs(self) -> NDArray[np.int64]:
        """Epochs before the end of which the film has a frame; none before the first run."""
        if self._course is None:
            return np.zeros(0, np.int64)
        epochs = self._course.film.epochs
        return epochs[epochs < self._course.trainer.epoch]

    @property
    def film_place(self) -> int | None:
        """Place of the frame that is shown; None at the end."""
        shown = self._course.looked_at if self._course else None
        return None if shown is None else int(np.searchsorted(self.film_epochs, shown))

    @property
    def history(self) -> History | None:
        """The bounded history of losses, metrics and gradients; None before the first run."""
        return self._course.history if self._course else None

    @property
    def changes(self) -> int:
        """Grows whenever something new can be drawn."""
        return self._changes + (self._worker.changes if self._worker else 0)

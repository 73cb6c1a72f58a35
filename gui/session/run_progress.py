"""What a run has come to, for whoever draws it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from engine.data import Prepared
    from engine.plan.plan import Plan
    from engine.training import Checkpoint, Engine, Epoch, History
    from graph.model.document import Document
    from gui.session.run_lineage import RunLineage
    from gui.session.snapshot import Snapshot

Difference: TypeAlias = Literal["", "values", "network"]


class RunState(StrEnum):
    """Where training stands; equal to its plain string."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"


class RunStates(NamedTuple):
    """States of a run at the ends of epochs, in their order, and what was trained on what."""

    plan: Plan
    data: Prepared
    states: tuple[Checkpoint, ...]


class RunProgress(QObject):
    """How far a run is; all of it may be polled while it goes on.

    `changes` grows with all that is new.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._state = RunState.IDLE
        self._lineage: RunLineage | None = None
        self._changes = 0
        self._snapshot: Snapshot | None = None  # what the window draws of a run that goes on

    @property
    def state(self) -> RunState:
        """Where training stands."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether the worker trains at this moment."""
        return self._state is RunState.RUNNING

    @property
    def engine(self) -> Engine | None:
        """What trains; None before the first run."""
        return self._lineage.trainer.engine if self._lineage else None

    @property
    def engine_note(self) -> str:
        """Why NumPy trains this network rather than the fast engine; empty if it does not."""
        return self._lineage.trainer.engine_note if self._lineage else ""

    @property
    def epoch(self) -> int:
        """Epochs done up to what is shown: the readings of a run, a frame of the film, the end."""
        lineage = self._lineage
        if self.running and self._snapshot is not None:
            return self._snapshot.epoch
        is_frame = lineage is not None and lineage.at.is_frame and not self.running
        return lineage.at.epoch if lineage and is_frame else self.last_epoch

    @property
    def last_epoch(self) -> int:
        """Epochs done since the last reset."""
        if self._lineage is None:
            return 0
        return self._lineage.trainer.epoch if self.running else self._lineage.end.epoch

    @property
    def batch(self) -> tuple[float, float]:
        """The share of the shown epoch that is done, and E of its last batch."""
        if self.running and self._snapshot is not None:
            return self._snapshot.share, self._snapshot.batch_error
        if self._lineage is None:
            return 0.0, 0.0
        trainer, at = self._lineage.trainer, self._lineage.at.checkpoint
        state = trainer if self.running else at
        return state.batch / state.batches, trainer.batch_error

    @property
    def updates(self) -> int:
        """Updates (minibatches) done since the last reset."""
        if self._lineage is None:
            return 0
        if self.running and self._snapshot is not None:
            return self._snapshot.updates
        trained = self._lineage.trainer if self.running else self._lineage.end.checkpoint
        return trained.updates

    @property
    def last(self) -> Epoch | None:
        """What the last epoch reported."""
        if self._lineage is None:
            return None
        return self._lineage.last if self.running else self._lineage.end.last

    @property
    def error(self) -> float | None:
        """E over the training rows after the last epoch; None before the first."""
        return self.last.error if self.last else None

    @property
    def film_epochs(self) -> NDArray[np.int64]:
        """Epochs before the end of which the film has a frame; none before the first run."""
        if self._lineage is None:
            return np.zeros(0, np.int64)
        epochs = self._lineage.frames
        return epochs[epochs < self.last_epoch]

    @property
    def film_place(self) -> int | None:
        """Place of the frame that is shown; None at the end."""
        lineage = self._lineage
        if lineage is None or not lineage.at.is_frame or self.running:
            return None
        return int(np.searchsorted(self.film_epochs, lineage.at.epoch))

    @property
    def recorded(self) -> RunStates | None:
        """The frames of the film up to the end, or to what is shown of a run that goes on.

        The end is among them; None before the first run.
        """
        lineage = self._lineage
        if lineage is None:
            return None
        at = lineage.end.checkpoint
        end = () if self.running or at.batch else (at,)  # inside an epoch it is no state of these
        last = min(
            self.epoch if self.running else at.epoch - len(end), lineage.frames.max(initial=-1)
        )
        frames = [frame for frame in lineage.film.frames if frame.epoch <= last]
        return RunStates(lineage.plan, lineage.data, (*frames, *end))

    def path(self, plan: Plan, places: list[int]) -> NDArray[np.float64]:
        """Return some entries of a plan's θ through the film and at its end, (K, entries).

        There is none if the run is that of another plan.
        """
        lineage = self._lineage
        if lineage is None or lineage.plan is not plan:
            return np.zeros((0, len(places)))
        end = lineage.trainer.theta if self.running else lineage.end.checkpoint.theta
        before = int(self.film_epochs.max(initial=-1)) + 1
        return np.concatenate([lineage.film.path(places, before), end[None, places]])

    @property
    def history(self) -> History | None:
        """The bounded history of losses, metrics and gradients; None before the first run."""
        return self._lineage.history if self._lineage else None

    def difference(
        self, document: Document, plan: Plan | None, data: Prepared | None
    ) -> Difference:
        """Return how a document differs from the state at which its run stands.

        Not at all (also if there is no run, or it goes on), by values typed since, or it is
        another network or other data: then the run's curves are of the one before.
        """
        lineage = self._lineage
        if lineage is None or self.running:
            return ""
        if plan is None or data is None or not lineage.fits(document, plan, data):
            return "network"
        return "" if lineage.at.is_in(document) else "values"

    @property
    def changes(self) -> int:
        """Grows whenever something new can be drawn."""
        return self._changes + (self._lineage.changes if self._lineage else 0)

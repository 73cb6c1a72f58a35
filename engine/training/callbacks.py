"""What looks at a run between updates: each has one method, `Callback.observe`.

Those of this module decide, by the settings, when a run is over and how fast it goes.
"""

from __future__ import annotations

from typing import Protocol

from engine.training.runners.records import Progress
from engine.training.runners.state import TrainingState
from graph.model.training import Training

NO_LIMIT = 1 << 62
"""More updates than any run makes."""


class Callback(Protocol):
    """Looks at a run; may set ``state.stopped`` or the parameters."""

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Look at a state and at what was completed since the last look.

        Returns how many updates may be made at most before the next look; it may come earlier.
        """


class LowerRate:
    """The schedule ``plateau``: a lower rate when the watched loss no longer falls."""

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Take note of each epoch's loss."""
        if progress.block and (last := progress.block.last).epoch:
            state.plateau.observe(last.watched, state.settings.schedule)
        return state.updates_until(state.epoch + 1)


class StopEarly:
    """Early stopping: keeps the best parameters, and stops after ``patience`` worse epochs."""

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Take note of each epoch's loss."""
        early = state.settings.early_stopping
        last = progress.block.last if progress.block else None
        if last and early and state.watch.observe(last.watched, state.theta, early):
            state.stopped = "early"
        return state.updates_until(state.epoch + 1)


class ReachTarget:
    """Stops after the first epoch whose training loss is below the target.

    The native loop knows the target too, and returns by itself where it is reached.
    """

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Compare the last epoch's loss."""
        target = state.settings.target_loss
        if target is None or state.stopped or not progress.block:
            return NO_LIMIT
        if progress.block.last.loss["train"] < target:
            state.stopped = "target"
        return NO_LIMIT


class LastEpoch:
    """Stops when all epochs are done, or when the optimiser finds nothing lower."""

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Count the epochs."""
        if not state.stopped and not progress.place:
            if state.converged:
                state.stopped = "converged"
            elif state.epoch >= state.settings.epochs:
                state.stopped = "epochs"
        return state.updates_until(state.settings.epochs)


class RestoreBest:
    """Brings the best parameters back when a run with early stopping is over."""

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Do so once it has stopped."""
        early, best = state.settings.early_stopping, state.watch.best_theta
        over = state.stopped and state.stopped != "breakpoint"
        if over and early and early.restore and best is not None:
            state.set_parameters(best)
        return NO_LIMIT


def decisions(settings: Training) -> list[Callback]:
    """Return what the settings ask for, in the order in which it decides."""
    found: list[Callback] = []
    if settings.schedule.name == "plateau":
        found.append(LowerRate())
    if settings.early_stopping is not None:
        found.append(StopEarly())
    return [*found, ReachTarget(), LastEpoch()]

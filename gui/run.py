"""Training from the editor: one worker thread, play, pause, step, reset."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from graph.edits import Edit

if TYPE_CHECKING:
    from gui.session import Session

Array = NDArray[np.floating[Any]]


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
    grows with every published result), `epoch`, `error`, `history` with a timer of its own.

    Attributes
    ----------
    state_changed : Signal(object)
        The new `RunState`.
    speed_changed : Signal()
    """

    state_changed = Signal(object)
    speed_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._state = RunState.IDLE
        self._speed: float | None = None

    # -- commands -----------------------------------------------------------------------------

    def play(self) -> None:
        """Start or go on; what hinders it goes to the session's ``notice``."""

    def pause(self) -> None:
        """Stop after the current update; the trained parameters become one undo entry."""

    def toggle(self) -> None:
        """Play if it does not run, else pause."""
        (self.pause if self._state is RunState.RUNNING else self.play)()

    def step(self) -> None:
        """Do one update (one minibatch), then stand still."""

    def reset(self) -> None:
        """Go back to the parameters before the run, epoch 0 and an empty history."""

    def forget(self) -> None:
        """End the worker without keeping what it trained: the document is about to go."""

    def close(self) -> None:
        """End the worker and wait for it."""

    # -- edits during training ----------------------------------------------------------------

    def meet(self, edit: Edit) -> None:
        """Prepare for an edit about to be applied: live if it sets values, else pause first."""

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
        """Most epochs per second; None is flat out."""
        return self._speed

    @speed.setter
    def speed(self, speed: float | None) -> None:
        self._speed = speed
        self.speed_changed.emit()

    @property
    def epoch(self) -> int:
        """Epochs done since the last reset."""
        return 0

    @property
    def updates(self) -> int:
        """Updates (minibatches) done since the last reset."""
        return 0

    @property
    def error(self) -> float | None:
        """E over the training rows after the last epoch; None before the first."""
        return None

    @property
    def rate(self) -> float | None:
        """Learning rate of the last epoch."""
        return None

    @property
    def history(self) -> Any:
        """The bounded ``engine.training.History`` of losses, metrics and gradients; or None."""
        return None

    @property
    def changes(self) -> int:
        """Grows whenever something new can be drawn."""
        return 0

"""One course of training: trainer, history, and the places undo can return to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from engine.arrays.aliases import Array
from engine.data import Prepared
from engine.interpreter.parameter_vector import to_tensors
from engine.plan.plan import Plan
from engine.training import Checkpoint, Engine, Epoch, Film, History, Trainer
from graph.model.document import Document
from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from graph.model.training import Training

_MARKS = 50  # pauses and steps that undo can return to with the optimiser's memory
_MARK_BYTES = 160 << 20  # that they may hold together
_GRADIENTS = 4_000  # parameters whose gradients are recorded


@dataclass(frozen=True, slots=True)
class _Mark:
    """A state the run stood still in: found again by its parameters after an undo."""

    theta: Array
    checkpoint: Checkpoint
    last: Epoch | None


class RunLineage:
    """Training of one plan from its first update to a reset.

    Parameters
    ----------
    document, plan, data
        What is trained, on what; the document is only read.
    theta : (P,) array
        Where to start.
    yield_gil : callable
        Handed to the trainer.
    engine : callable
        Says for a dtype what trains: asked once, as a course keeps its engine.

    Attributes
    ----------
    trainer, history, film, last
        The trainer, what it reported and recorded, and the last epoch of that.
    looked_at : int or None
        The epoch whose frame of the film is shown; None at the end.

    Raises
    ------
    TrainingError, DataError
        If it cannot be trained.
    """

    def __init__(
        self,
        document: Document,
        plan: Plan,
        data: Prepared,
        theta: Array,
        yield_gil: Callable[[], object],
        engine: Callable[[str], Engine],
    ) -> None:
        self.plan = plan
        self._engine, self._engines = engine, dict[str, Engine]()
        self._document, self._data, self._yield_gil = document, data, yield_gil
        self._base = {p.name: document.parameters.get(p.name) for p in plan.parameters}
        self._marks: deque[_Mark] = deque(maxlen=_MARKS)
        self.history = History([p.name for p in plan.parameters[:_GRADIENTS]])
        self.film = Film()
        self.looked_at: int | None = None
        self._frame: tuple[int, Array] | None = None
        self.last: Epoch | None = None
        self.trainer = self._made(theta, None)
        self._began = (0, 0)
        self.mark()

    def fits(self, document: Document, plan: Plan, data: Prepared) -> bool:
        """Tell whether this is the course of that plan on that data."""
        return self._document is document and self.plan is plan and self._data is data

    def begin(self, theta: Array) -> None:
        """Get ready to go on from the document's settings and parameters."""
        self.look(theta)
        epoch, self.looked_at, self._frame = self.looked_at, None, None
        if epoch is not None:
            self._branch(epoch)
        self.adopt_settings()
        if not np.array_equal(self.trainer.theta, theta):
            self.trainer.set_parameters(theta)
        self._began = (self.trainer.epoch, self.trainer.updates)

    def adopt_settings(self) -> None:
        """Go on with the document's settings, prolonged if all their epochs are done."""
        if self.trainer.stopped or self.trainer.settings != self._settings(self.trainer.epoch):
            start = replace(self.trainer.checkpoint(), stopped="")
            self.trainer = self._made(start.theta, start)

    @property
    def fresh_updates(self) -> int:
        """Updates made since `begin`."""
        return self.trainer.updates - self._began[1]

    def outcome(self) -> tuple[SetParameterValues, str]:
        """Return the edit that keeps what was trained since `begin`, and what to call it."""
        epochs = self.trainer.epoch - self._began[0]
        n, thing = (epochs, "epoch") if epochs else (self.fresh_updates, "step")
        return self._edit(self.trainer.theta), f"Train {n} {thing}{'s' * (n != 1)}"

    def frame(self, epoch: int | None) -> SetParameterValues:
        """Return the edit that shows a frame of the film, or the end; training may branch there.

        Parameters
        ----------
        epoch : int or None
            One of ``film.epochs``; None for where the trainer stands.
        """
        if epoch is None:
            self.looked_at = self._frame = None
            return self._edit(self.trainer.theta)
        theta = self.film.frame(epoch).theta.astype(np.float64)
        self.looked_at, self._frame = epoch, (epoch, theta)
        return self._edit(theta)

    def look(self, theta: Array) -> None:
        """Find out anew whether these parameters are the frame that was shown last."""
        shown = self._frame is not None and np.array_equal(self._frame[1], theta)
        self.looked_at = self._frame[0] if self._frame is not None and shown else None

    def _branch(self, epoch: int) -> None:
        """Go on from a frame: what came after it is forgotten."""
        start = replace(self.film.frame(epoch), stopped="")
        self._cut(epoch)
        self.last = None
        self.trainer = self._made(start.theta, start)

    def _cut(self, epoch: int) -> None:
        self.history = self.history.until(epoch)
        self.film.cut(epoch)

    def _edit(self, theta: Array) -> SetParameterValues:
        tensors = to_tensors(self.plan, theta)
        return SetParameterValues(
            {p.name: tensors[p.name] for p in self.plan.parameters if p.trainable}
        )

    def origin(self) -> dict[str, Tensor | None]:
        """Return the document's parameter values from before the course."""
        return self._base

    def mark(self) -> None:
        """Remember where it stands, for an undo that comes back here."""
        checkpoint = self.trainer.checkpoint()
        while self._marks and checkpoint.nbytes * (len(self._marks) + 1) > _MARK_BYTES:
            self._marks.popleft()
        self._marks.append(_Mark(checkpoint.theta.astype(np.float64), checkpoint, self.last))

    def return_to(self, theta: Array) -> bool:
        """Be again where the parameters were these; False if there was no such place."""
        self.look(theta)
        if np.array_equal(self.trainer.theta, theta) or self.looked_at is not None:
            return False
        for mark in reversed(self._marks):
            if np.array_equal(mark.theta, theta):
                self.last = mark.last
                self.trainer = self._made(theta, mark.checkpoint)
                self._cut(mark.checkpoint.epoch)
                return True
        return False

    def _settings(self, epoch: int) -> Training:
        training = self._document.training
        return msgspec.structs.replace(
            training, epochs=training.epochs * (epoch // training.epochs + 1)
        )

    def _made(self, theta: Array, start: Checkpoint | None) -> Trainer:
        settings = self._settings(start.epoch if start else 0)
        engine = self._engines.get(settings.dtype) or self._engine(settings.dtype)
        self._engines[settings.dtype] = engine
        return Trainer(
            self.plan,
            self._data,
            settings,
            theta,
            yield_gil=self._yield_gil,
            start=start,
            engine=engine,
            callbacks=(self.film,),
        )

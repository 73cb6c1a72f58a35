"""The states of a run that one can go back to: where it stood still, and the frames of its film."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from engine.arrays.aliases import Array, Integers
from engine.data import Prepared
from engine.interpreter.parameter_vector import to_tensors
from engine.plan.plan import Plan
from engine.training import (
    Block,
    Checkpoint,
    Engine,
    Epoch,
    Film,
    History,
    Trainer,
    parameter_norms,
)
from engine.training.breakpoints import Breakpoints
from engine.training.replay import Stretch, state_at
from graph.model.document import Document
from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from graph.model.training import Training

_MARKS = 2_000  # states of each sort that undo can return to, beside the origin
_MARK_BYTES = 160 << 20  # that those of each sort may hold together
_GRADIENTS = 4_000  # parameters whose gradients are recorded


@dataclass(frozen=True, slots=True, eq=False)
class RunMark:
    """A state of a run, and the values that the document has there.

    The edit that brings the document there, and its inverse, hold these very tensors: the entry
    of the undo stack carries the state, and it is found again by identity, not by its numbers.
    """

    values: Mapping[str, Tensor | None]
    checkpoint: Checkpoint
    last: Epoch | None
    stretch: Stretch
    is_frame: bool = False

    @property
    def epoch(self) -> int:
        """Epochs completed there."""
        return self.checkpoint.epoch

    def is_in(self, document: Document) -> bool:
        """Tell whether a document holds its values."""
        now = document.parameters
        return all(now.get(name) is value for name, value in self.values.items())


class RunLineage:
    """Training of one plan from its first update to a reset; raises if it cannot be trained.

    The document is only read. What trains is asked of ``engine`` once for each dtype: a lineage
    keeps its engine.

    Attributes
    ----------
    plan, data : Plan, Prepared
        What is trained, and on what.
    trainer, history, film, last
        The trainer, what it reported and recorded, and the last epoch of that.
    changes : int
        Grows with all that is reported.
    at, end : RunMark
        The state the document is in, hand-made changes apart, and that from which the film looks
        back: another one while a frame is shown.
    breakpoints : Breakpoints or None
        What stops the next trainer.
    """

    def __init__(
        self,
        document: Document,
        plan: Plan,
        data: Prepared,
        theta: Array,
        yield_gil: Callable[[], object],
        engine: Callable[[str, Plan, Training], Engine],
    ) -> None:
        self.plan = plan
        self._engine, self._engines = engine, dict[str, Engine]()
        self._document, self.data, self._yield_gil = document, data, yield_gil
        self._marks: deque[RunMark] = deque(maxlen=_MARKS)
        self._frames: deque[RunMark] = deque(maxlen=_MARKS)
        self._history = History([p.name for p in plan.parameters[:_GRADIENTS]])
        self._earlier: tuple[RunMark, History] | None = None
        self.film = Film()
        self.changes = 0
        self.last: Epoch | None = None
        self.breakpoints: Breakpoints | None = None
        self.trainer = self._make_trainer(theta, None)
        self._stretch = Stretch.first(self.trainer.checkpoint(), self.trainer.settings)
        self._began = (0, 0)
        origin = {p.name: document.parameters.get(p.name) for p in plan.parameters}
        self.origin = self.at = self.end = self._stood = self._mark(origin)

    # -- training -----------------------------------------------------------------------------

    def fits(self, document: Document, plan: Plan, data: Prepared) -> bool:
        """Tell whether this is the training of that plan on that data."""
        return self._document is document and self.plan is plan and self.data is data

    def begin(self, theta: Array) -> None:
        """Get ready to go on from where the document is: its state, settings and parameters."""
        by_hand = not np.array_equal(self.at.checkpoint.theta, theta)
        otherwise = by_hand or self.trainer.settings != self._settings(self.at.epoch)
        if self._stood is not self.at or (otherwise and not self.at.checkpoint.updates):
            self._go_back(theta)
        self.end = self._stood = self.at
        if self.trainer.stopped or self.trainer.settings != self._settings(self.trainer.epoch):
            self._make_again()  # with the document's settings, prolonged if all epochs are done
        self.trainer.set_parameters(theta)
        goes_on = self.at.checkpoint.stopped in {"", "breakpoint"}  # no best θ was brought back
        if goes_on and not by_hand and self.trainer.settings == self.at.stretch.settings:
            self._stretch = self.at.stretch
        else:
            self._stretch = self._depart(self.at.stretch)
        self._began = (self.trainer.epoch, self.trainer.updates)

    def _go_back(self, theta: Array) -> None:
        """Make a trainer where the document is, and forget what it does not come from."""
        at = self.at.checkpoint
        epoch = self._shared(self.at) if at.updates else -1  # from the start a run begins anew
        self._history = self._history.until(epoch)
        self.film.cut(epoch)
        self.last = self.at.last
        self.trainer = self._make_trainer(theta, replace(at, stopped="") if at.updates else None)

    def set_parameters(self, theta: Array) -> None:
        """Go on from parameters set by hand."""
        self.trainer.set_parameters(theta)
        self._stretch = self._depart(self._stretch)

    def remake(self) -> None:
        """Go on with another trainer from the present state."""
        self._make_again()
        self._stretch = self._depart(self._stretch)

    def _make_again(self) -> None:
        start = replace(self.trainer.checkpoint(), stopped="")
        begun = len(self._history.snapshot().epochs)  # else epoch 0 is still to be reported
        self.trainer = self._make_trainer(start.theta, start if begun else None)

    def _depart(self, stretch: Stretch) -> Stretch:
        """Return what follows a stretch, where something was changed, by where the trainer is."""
        return stretch.then(self.trainer.checkpoint(), self.trainer.settings)

    def take(self, block: Block) -> None:
        """Keep what epochs reported, with the gradients of the history's parameters."""
        with np.errstate(all="ignore"):  # a gradient beyond float32 is drawn as infinite
            gradients = parameter_norms(self.plan, self.trainer.gradient)
            self._history.extend(block, gradients[: len(self._history.parameters)])
        self.last = block.last
        self.changes += 1

    @property
    def fresh_updates(self) -> int:
        """Updates made since `begin`."""
        return self.trainer.updates - self._began[1]

    def stand(self) -> tuple[SetParameterValues, str]:
        """Mark the state that was trained to; return the edit that keeps it, and its name."""
        epochs = self.trainer.epoch - self._began[0]
        n, thing = (epochs, "epoch") if epochs else (self.fresh_updates, "step")
        self.at = self.end = self._stood = self._mark(self._values(self.trainer.theta))
        return SetParameterValues(self._stood.values), f"Train {n} {thing}{'s' * (n != 1)}"

    # -- going back ---------------------------------------------------------------------------

    def frame(self, epoch: int | None) -> SetParameterValues:
        """Return the edit that shows a frame of the film, or the end (None)."""
        if epoch is None:
            return SetParameterValues(self.end.values)
        checkpoint = self.film.frame(epoch)
        return self._show(checkpoint, self._stretch.reaching(checkpoint.updates))

    def _show(self, checkpoint: Checkpoint, stretch: Stretch) -> SetParameterValues:
        values = self._values(checkpoint.theta)
        mark = RunMark(values, checkpoint, None, stretch, is_frame=True)
        return SetParameterValues(_kept(self._frames, mark).values)

    def ahead(self, theta: Array) -> Trainer:
        """Return a trainer where the document is, with its θ, for looking at what comes."""
        if self._stood is self.at and not self.trainer.stopped:
            start = self.trainer.checkpoint()
        else:
            start = replace(self.at.checkpoint, stopped="")
        trainer = self._make_trainer(theta, start, watched=False)
        trainer.set_parameters(theta)
        return trainer

    def update(self, number: int) -> SetParameterValues | None:
        """Return the edit that shows the state after so many updates; None if none is held."""
        marks = (self.origin, *self._marks, *self._frames)
        frames = self.film.frames
        held = [(frame, self._stretch.reaching(frame.updates)) for frame in frames]
        held += [(mark.checkpoint, mark.stretch) for mark in marks]
        found = state_at(self.at.stretch, number, held, self._make_unwatched)
        return self._show(*found) if found is not None else None

    def find(self) -> bool:
        """Find out in which state the document is; return whether that is another one.

        Values changed by hand leave it in the state it was in.
        """
        marks = (*reversed(self._frames), *reversed(self._marks), self.origin)
        at = next((mark for mark in marks if mark.is_in(self._document)), self.at)
        moved, self.at = at is not self.at, at
        if not at.is_frame:
            self.end = at
        return moved

    @property
    def history(self) -> History:
        """What was reported up to the end."""
        if self.end is self._stood:
            return self._history
        if self._earlier is None or self._earlier[0] is not self.end:
            self._earlier = self.end, self._history.until(self._shared(self.end))
        return self._earlier[1]

    @property
    def frames(self) -> Integers:
        """The epochs of the film's frames that led to the end, (K,)."""
        epochs = self.film.epochs
        return epochs if self.end is self._stood else epochs[epochs <= self._shared(self.end)]

    def _shared(self, mark: RunMark) -> int:
        """Return the epoch up to which history and film are those of a state."""
        parted = mark.stretch.shared_epoch(self._stretch)
        return mark.epoch if parted is None else min(mark.epoch, parted)

    def _mark(self, values: Mapping[str, Tensor | None]) -> RunMark:
        mark = RunMark(values, self.trainer.checkpoint(), self.last, self._stretch)
        return _kept(self._marks, mark)

    def _values(self, theta: Array) -> dict[str, Tensor | None]:
        tensors = to_tensors(self.plan, theta)
        return {p.name: tensors[p.name] for p in self.plan.parameters}  # frozen: set by hand

    def _settings(self, epoch: int) -> Training:
        training = self._document.training
        epochs = training.epochs * (epoch // training.epochs + 1)
        return msgspec.structs.replace(training, epochs=epochs)

    def _make_unwatched(self, settings: Training, start: Checkpoint) -> Trainer:
        place = start if start.updates else None
        return self._make_trainer(start.theta, place, settings, watched=False)

    def _make_trainer(
        self,
        theta: Array,
        start: Checkpoint | None,
        settings: Training | None = None,
        *,
        watched: bool = True,
    ) -> Trainer:
        settings = settings or self._settings(start.epoch if start else 0)
        engine = self._engines.get(settings.dtype) or self._engine(
            settings.dtype, self.plan, settings
        )
        self._engines[settings.dtype] = engine
        callbacks = (self.film, *((self.breakpoints,) if self.breakpoints else ()))
        return Trainer(
            self.plan,
            self.data,
            settings,
            theta,
            yield_gil=self._yield_gil,
            start=start,
            engine=engine,
            callbacks=callbacks if watched else (),
        )


def _kept(marks: deque[RunMark], mark: RunMark) -> RunMark:
    """Add a mark; the oldest give way to it."""
    size = mark.checkpoint.nbytes + mark.checkpoint.theta.nbytes  # its values are as many
    while marks and size * (len(marks) + 1) > _MARK_BYTES:
        marks.popleft()
    marks.append(mark)
    return mark

"""Training: a generator of epochs, over runs that make the updates."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

import numpy as np

from engine.data.preparation import Prepared
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.errors import DivergedError, TrainingError
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan
from engine.training.batches import Batches
from engine.training.film import Film
from engine.training.lbfgs import Lbfgs
from engine.training.numpy_run import NumpyRun
from engine.training.objective import Measured, Objective
from engine.training.optimizers import OPTIMIZERS, Optimizer
from engine.training.records import Block, Checkpoint, Epoch, EpochMeasures
from engine.training.schedules import Plateau, rate, rates
from engine.training.stopping import Watch
from engine.training.updating import NotFinite, TrainableMask, Updated
from graph.model.training import Training

if TYPE_CHECKING:
    from engine.training.native_run import NativeRun

Engine: TypeAlias = Literal["native", "numpy"]


class Trainer:
    """Trains the parameters of a plan.

    The same plan, data, settings, engine and θ give the same bits, also when a run is cut by
    checkpoints: the order of minibatches is a function of (seed, epoch), noise of (seed, epoch,
    batch).

    Parameters
    ----------
    plan : Plan
        What to train.
    data : Prepared
        The data, split.
    settings : Training
        How to train.
    theta : (P,) array
        Where to start; copied.
    yield_gil : callable, optional
        Called every few operations of NumPy, or every 10 ms, so that a worker thread can let
        others run.
    start : Checkpoint, optional
        Where an earlier trainer of the same plan and data was; replaces ``theta``. The
        optimiser's memory is dropped if the settings now name another one or other parameters
        are trained.
    engine : str
        ``native`` runs the tape, and NumPy where it lacks an operation; ``numpy`` runs NumPy.

    Attributes
    ----------
    theta : (P,) array
        The current parameters, in the dtype of the settings; changed in place.
    gradient : (P,) array
        ∂E/∂θ of the last update: penalties in, before clipping, frozen parameters included.
    epoch, batch, updates : int
        Completed epochs, updates made in the current one, updates in all.
    batches : int
        Updates that make an epoch.
    batch_error : float
        E of the last update's batch before it; NaN before any.
    film : Film or None
        Set it to have θ recorded after some epochs.
    ahead : bool
        Set it to let the native engine make many epochs before `run` yields their records one by
        one: everything else is then ahead of the record just yielded.
    engine, engine_note : str
        What runs the training, and one sentence on why it is not the native engine if that was
        asked for; else empty.
    stopped : str
        Why training is over (``epochs``, ``target``, ``early``, ``converged``); empty before.

    Raises
    ------
    TrainingError
        If there is nothing to train or to train on, or L-BFGS meets minibatches.
    """

    def __init__(
        self,
        plan: Plan,
        data: Prepared,
        settings: Training,
        theta: Array,
        *,
        yield_gil: YieldGil | None = None,
        start: Checkpoint | None = None,
        engine: Engine = "native",
    ) -> None:
        self.plan, self.settings = plan, settings
        self.theta = np.array(theta if start is None else start.theta, settings.dtype)
        self.gradient = np.zeros_like(self.theta)
        self.epoch = self.batch = self.updates = 0
        self.film: Film | None = None
        self.ahead, self.stopped = False, ""
        self._batches = Batches(plan, data, settings)
        self.batches = self._batches.count
        self._yield_gil = yield_gil
        self._trained = TrainableMask(plan)
        self._rule = self._new_rule()
        objective = Objective(plan, settings, self._batches.rows, yield_gil)
        self._numpy = NumpyRun(plan, self._batches, settings, objective, self._rule, self._trained)
        self._native: NativeRun | None = None
        self.engine_note = self._go_native(objective) if engine == "native" else ""
        self.engine: Engine = "numpy" if self._native is None else "native"
        self.batch_error = math.nan
        self._plateau, self._watch = Plateau(), Watch()
        self._rate = self._norm = 0.0
        self._last_good = self.theta.copy()
        self._blocks: deque[Block] = deque()  # made, not yet yielded
        self._pending: deque[Epoch] = deque()
        self._interrupted = False
        self._begun = start is not None
        if start is not None:
            self._continue_from(start)

    # -- running -----------------------------------------------------------------------------

    def run(self) -> Iterator[Epoch]:
        """Train until something says stop; yield epoch 0 (unless resumed), then every epoch.

        The iterator may be closed at any epoch, and training continued by another ``run()`` or
        from a checkpoint; epochs made but not yet yielded come first then.

        Raises
        ------
        DivergedError
            At the first number that is no longer finite; ``theta`` then holds the last
            parameters whose error was finite.
        """
        while self._pending:
            yield self._pending.popleft()
        for block in self.blocks():
            self._pending.extend(block.records())
            while self._pending:
                yield self._pending.popleft()

    def blocks(self) -> Iterator[Block]:
        """Do as `run`, but yield the epochs of each call of the engine together.

        Raises
        ------
        DivergedError
            As `run`.
        """
        if not self._begun:
            self._begun = True
            self._film_now()
            self._finish(self._measured(), np.zeros(1), np.zeros(1))
        yield from self._finished()
        while not self.stopped:
            if self._interrupted:
                self._advance(1, 1)
            else:
                self._advance(self._batches.rows << 32, self._epochs_at_once())
            yield from self._finished()
            if self._interrupted:
                self._interrupted = False
                return

    def interrupt(self) -> None:
        """Make ``run()`` return after the present update; may be called from any thread."""
        self._interrupted = True
        if self._native is not None:
            self._native.stop()

    def step(self) -> bool:
        """Make one update; return whether it completed an epoch.

        Raises
        ------
        DivergedError
            As `run`.
        """
        before = self.epoch
        self._advance(1, 1)
        self._blocks.clear()
        return self.epoch > before

    def unseen(self) -> list[Epoch]:
        """Return the records that `run` has not yielded yet; it will not yield them any more."""
        records = [*self._pending, *(one for block in self._blocks for one in block.records())]
        self._pending.clear()
        self._blocks.clear()
        return records

    def set_parameters(self, theta: Array) -> None:
        """Continue from other parameters (P,), set by hand."""
        self.theta[:] = theta
        self._numpy.forget()

    def checkpoint(self) -> Checkpoint:
        """Return everything needed to continue from here with the same bits."""
        return Checkpoint(
            theta=self.theta.copy(),
            epoch=self.epoch,
            batch=self.batch,
            updates=self.updates,
            optimizer=self.settings.optimizer,
            count=self._rule.count,
            state=tuple(array.copy() for array in self._rule.state),
            plateau=copy(self._plateau),
            watch=copy(self._watch),
            rate=self._rate,
            gradient_norm=self._norm,
        )

    def measure(self, split: SplitName) -> Measured | None:
        """Measure all rows of a split at the current parameters; None if it has none."""
        if not len(self._batches.split(split)):
            return None
        if self._native is not None:
            return self._native.measure(self.theta, split)
        return self._numpy.measure(self.theta, split)

    # -- updates -----------------------------------------------------------------------------

    def _advance(self, most: int, epochs: int) -> None:
        """Make updates, one at least, and at most ``most`` of so many epochs."""
        if self._native is None or isinstance(self._rule, Lbfgs):
            self._update()
        elif not self._advance_natively(self._native, most, epochs):
            self._update()  # NumPy says what is not finite
        if self._yield_gil is not None:
            self._yield_gil()

    def _advance_natively(self, native: NativeRun, most: int, epochs: int) -> bool:
        """Let the tape make updates; return whether it made any."""
        from engine.native import Epochs

        ahead = range(self.epoch, self.epoch + epochs)
        steps = rates(self.settings, ahead, self._plateau.factor)
        target = -np.inf if self.settings.target_loss is None else self.settings.target_loss
        frames = self.film.make_room(self.epoch + 1, epochs) if self.film else 0
        every = self.film.every if self.film else 1
        course = Epochs(self.epoch, native.orders(ahead), steps, target, every, frames)
        made = native.advance(self.theta, self.gradient, self._last_good, course, self.batch, most)
        if not made.count:
            return False
        if self.film:
            self.film.extend(self.epoch + 1, made.epochs, made.frames)
        self.batch_error, self._norm = float(made.errors[-1]), float(made.norms[-1])
        ends = self.batches - self.batch - 1 + self.batches * np.arange(made.epochs)
        self.updates += made.count
        self.epoch += made.epochs
        self.batch = (self.batch + made.count) % self.batches
        self._rate = float(steps[made.epochs if self.batch else made.epochs - 1])
        self._numpy.forget()
        if made.epochs:
            self._finish(native.read(made.figures), steps[: made.epochs], made.norms[ends])
        return True

    def _update(self) -> None:
        """Make one update in NumPy, or an L-BFGS iteration with the gradients of the tape."""
        self._rate = rate(self.settings, self.epoch, self._plateau.factor)
        try:
            done = self._updated()
        except NotFinite:
            where, of_error = self._numpy.where_not_finite(self.theta, self.epoch, self.batch)
            self._diverge(where, undo=of_error)
        self.batch_error, self.gradient, self._norm = done.error, done.gradient, done.norm
        if not done.moved:
            self.stopped = "converged"
        self.updates += 1
        self.batch += 1
        if self.batch == self.batches:
            self.epoch, self.batch = self.epoch + 1, 0
            self._film_now()
            self._finish(self._measured(), np.array([self._rate]), np.array([self._norm]))

    def _updated(self) -> Updated:
        if isinstance(self._rule, Lbfgs) and self._native is not None:
            evaluate = self._native.error_and_gradient
            return self._trained.iterate(self._rule, self.theta, self._last_good, evaluate)
        return self._numpy.update(self.theta, self._last_good, self.epoch, self.batch, self._rate)

    def _film_now(self) -> None:
        if self.film:
            self.film.see(self.epoch, self.theta)

    def _diverge(self, where: str, *, undo: bool) -> NoReturn:
        if undo:
            self.set_parameters(self._last_good)
        raise DivergedError(self.updates, where)

    # -- between epochs ----------------------------------------------------------------------

    def _epochs_at_once(self) -> int:
        """Return how many epochs may be made before anything must be decided."""
        decided = self.settings.early_stopping or self.settings.schedule.name == "plateau"
        if self._native is None or decided or not self.ahead:
            return 1
        return self._native.epochs_at_once(self.batch, self.settings.epochs - self.epoch)

    def _measured(self) -> EpochMeasures:
        run = self._numpy if self._native is None else self._native
        return run.measure_epoch(self.theta)

    def _finish(self, figures: EpochMeasures, rates: Array, norms: Array) -> None:
        """Keep the epochs just completed, and decide what follows."""
        before = len(norms) - 1
        step = self.updates - self.batch - before * self.batches
        block = Block(self.epoch - before, step, self.batches, figures, rates, norms)
        self._blocks.append(block)
        last = block.last
        if math.isfinite(last.error):
            self._decide(last)

    def _finished(self) -> Iterator[Block]:
        """Yield what `_finish` kept; an epoch that is not finite ends the run instead."""
        while self._blocks:
            block = self._blocks.popleft()
            finite = len(block) - (not math.isfinite(block.last.error))
            if finite:
                yield block.until(finite)
            if finite < len(block):
                self._diverge(self._numpy.where_in_measure(self.theta), undo=True)

    def _decide(self, record: Epoch) -> None:
        """Set ``stopped`` if it is time, and bring back the best parameters if asked to."""
        watched = record.loss.get("validation", record.loss["train"])
        if record.epoch and self.settings.schedule.name == "plateau":
            self._plateau.see(watched, self.settings.schedule)
        target, early = self.settings.target_loss, self.settings.early_stopping
        if early is not None and self._watch.see(watched, self.theta, early):
            self.stopped = "early"
        elif target is not None and record.loss["train"] < target:
            self.stopped = "target"
        elif record.epoch >= self.settings.epochs:
            self.stopped = self.stopped or "epochs"
        best = self._watch.best_theta
        if self.stopped and early is not None and early.restore and best is not None:
            self.set_parameters(best)

    # -- setting up --------------------------------------------------------------------------

    def _new_rule(self) -> Optimizer | Lbfgs:
        if self.settings.optimizer != "lbfgs":
            size = len(self._trained.of(self.theta))
            return OPTIMIZERS[self.settings.optimizer](self.settings, size, self.theta.dtype)
        if not self._batches.full:
            raise TrainingError("L-BFGS needs the full batch; remove the batch size")
        return Lbfgs()

    def _go_native(self, objective: Objective) -> str:
        """Lower the plan; return one sentence if NumPy must do the work."""
        if isinstance(self._rule, Lbfgs) and self._numpy.noisy:
            return "NumPy trains this network: L-BFGS with dropout has no native loop"
        # numba takes a while to import, so only those wait who need it
        from engine.native import Unsupported
        from engine.training.native_run import NativeRun

        try:
            self._native = NativeRun(self.plan, self._batches, self.settings, objective, self._rule)
        except Unsupported as error:
            return f"NumPy trains this network: {error}"
        return ""

    def _continue_from(self, start: Checkpoint) -> None:
        self.epoch, self.batch, self.updates = start.epoch, start.batch, start.updates
        size = len(self._trained.of(self.theta))
        fits = all(len(array) == size for array in start.state)
        if start.optimizer == self.settings.optimizer and fits:
            self._rule.restore(start.count, start.state)
        self._plateau, self._watch = copy(start.plateau), copy(start.watch)
        self._rate, self._norm = start.rate, start.gradient_norm
        if self.epoch >= self.settings.epochs:
            self.stopped = "epochs"

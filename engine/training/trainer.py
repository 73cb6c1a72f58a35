"""Training: a generator of epochs, one update at a time underneath."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.data.preparing import Prepared
from engine.data.splitting import Rows, SplitName
from engine.errors import DivergedError, TrainingError
from engine.op import Array
from engine.parameters import trainable_mask
from engine.plan import Plan
from engine.running import Backward, Breathe, Forward
from engine.training.batches import Batches
from engine.training.divergence import place
from engine.training.lbfgs import Lbfgs, Vector
from engine.training.objective import SAMPLE, Measured, Objective
from engine.training.optimizers import OPTIMIZERS, Optimizer, clipped
from engine.training.records import Checkpoint, Epoch
from engine.training.schedules import Plateau, rate
from engine.training.stopping import Watch
from graph.spec import Role
from graph.training import Training

if TYPE_CHECKING:
    from engine.training.native_run import NativeRun

Engine: TypeAlias = Literal["native", "numpy"]


class Trainer:
    """Trains the parameters of a plan.

    The same plan, data, settings and θ give the same bits, also when a run is cut by checkpoints:
    the order of minibatches is a function of (seed, epoch), noise of (seed, epoch, batch).

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
    breathe : callable, optional
        Called every few operations, so that a worker thread can let others run.
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
        breathe: Breathe | None = None,
        start: Checkpoint | None = None,
        engine: Engine = "numpy",
    ) -> None:
        self.plan, self.settings = plan, settings
        self.theta = np.array(theta if start is None else start.theta, settings.dtype)
        self.gradient = np.zeros_like(self.theta)
        self.epoch = self.batch = self.updates = 0
        self.stopped = ""
        self._batches = Batches(plan, data, settings)
        self.batches = self._batches.count
        self._objective = Objective(plan, settings, self._batches.rows, breathe)
        self._trained = _trained(plan)
        self._rule = self._new_rule()
        self._noisy = any(
            step.op.takes_context and step.op.spec.role is Role.OPERATION for step in plan.steps
        )
        self._native = self._native_run(engine)
        self._breathe = breathe
        self._plateau, self._watch = Plateau(), Watch()
        self._rate = self._norm = 0.0
        self._ready: Forward | None = None
        self._last_good = self.theta.copy()
        self._interrupted = False
        self._begun = start is not None
        if start is not None:
            self._continue_from(start)

    # -- running -----------------------------------------------------------------------------

    def run(self) -> Iterator[Epoch]:
        """Train until something says stop; yield epoch 0 (unless resumed), then every epoch.

        The iterator may be closed at any epoch, and training continued by another ``run()`` or
        from a checkpoint.

        Raises
        ------
        DivergedError
            At the first number that is no longer finite; ``theta`` then holds the last
            parameters whose error was finite.
        """
        if not self._begun:
            self._begun = True
            yield self._finish_epoch()
        while not self.stopped:
            while not self._advance(self.batches - self.batch):
                if self._interrupted:
                    self._interrupted = False
                    return
            yield self._finish_epoch()

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
        return self._advance(1)

    def set_parameters(self, theta: Array) -> None:
        """Continue from other parameters (P,), set by hand."""
        self.theta[:] = theta
        self._ready = None

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
        rows = self._batches.split(split)
        if not len(rows):
            return None
        with np.errstate(all="ignore"):
            return self._measure(rows)

    # -- one update --------------------------------------------------------------------------

    def _advance(self, most: int) -> bool:
        """Make updates, at most ``most`` and one at least; return whether the epoch is complete."""
        made = 0
        if self._native is not None:
            made = self._advance_natively(1 if self._interrupted else most)
        if not made:
            with np.errstate(all="ignore"):
                self._update()
            made = 1
        self.updates += made
        self.batch += made
        if self.batch < self.batches:
            return False
        self.epoch, self.batch = self.epoch + 1, 0
        return True

    def _advance_natively(self, most: int) -> int:
        """Return how many updates the tape made; 0 where NumPy must say what is not finite."""
        assert self._native is not None  # the caller asked
        step = rate(self.settings, self.epoch, self._plateau.factor)
        made = self._native.advance(
            self.theta, self.gradient, self._last_good, self.epoch, self.batch, step, most
        )
        if made.count:
            self._rate, self._norm, self._ready = step, made.norm, None
            if self._breathe is not None:
                self._breathe()
        return made.count

    def _update(self) -> None:
        run = self._ready or self._forward()
        back = self._objective.backward(self.theta, run)
        gradient = self._pick(back.gradient)
        norm = float(np.linalg.norm(gradient))
        if not np.isfinite(norm) and not np.isfinite(gradient).all():
            self._diverge(run, back)
        self.gradient, self._norm = back.gradient, norm
        self._rate = rate(self.settings, self.epoch, self._plateau.factor)
        np.copyto(self._last_good, self.theta)
        values = self._pick(self.theta)
        if isinstance(self._rule, Lbfgs):
            error = self._objective.errors(self.theta, run).total
            if not self._rule.update(values, error, gradient, self._error_and_gradient):
                self.stopped = "converged"
        else:
            self._rule.update(values, clipped(gradient, norm, self.settings), self._rate)
        if self._trained is not None:
            self.theta[self._trained] = values
        self._ready = None

    def _forward(self) -> Forward:
        columns = self._batches.batch(self.epoch, self.batch)
        run = self._objective.forward(self.theta, columns, self._noise())
        if not np.isfinite(self._objective.errors(self.theta, run).total):
            self._diverge(run)
        return run

    def _noise(self) -> np.random.Generator | None:
        if not self._noisy:
            return None
        if isinstance(self._rule, Lbfgs):  # it needs a function that stands still
            return self._batches.noise(0, 0)
        return self._batches.noise(self.epoch, self.batch)

    def _error_and_gradient(self, values: Vector) -> tuple[float, Vector]:
        """Return E and ∂E/∂θ over the trained parameters; E is ∞ where it is not a number."""
        theta = self.theta.copy()
        theta[... if self._trained is None else self._trained] = values
        columns = self._batches.batch(self.epoch, self.batch)
        run = self._objective.forward(theta, columns, self._noise())
        error = self._objective.errors(theta, run).total
        gradient = self._pick(self._objective.backward(theta, run).gradient)
        return error if np.isfinite(error) else np.inf, gradient.astype(np.float64)

    def _pick(self, array: Array) -> Array:
        """Return the trained entries of θ or of its gradient: itself if nothing is frozen."""
        return array if self._trained is None else array[self._trained]

    def _diverge(self, run: Forward, back: Backward | None = None) -> None:
        where = place(self.plan, self.theta, run, back)
        if back is None:
            self.set_parameters(self._last_good)
        raise DivergedError(self.updates, where)

    # -- between epochs ----------------------------------------------------------------------

    def _finish_epoch(self) -> Epoch:
        with np.errstate(all="ignore"):
            record = self._record()
            if not np.isfinite(record.error):
                rows = self._batches.sample(SAMPLE)
                self._diverge(self._objective.forward(self.theta, self._batches.of(rows)))
        watched = record.loss.get("validation", record.loss["train"])
        if self.epoch and self.settings.schedule.name == "plateau":
            self._plateau.see(watched, self.settings.schedule)
        self._decide(record, watched)
        return record

    def _decide(self, record: Epoch, watched: float) -> None:
        """Set ``stopped`` if it is time, and bring back the best parameters if asked to."""
        target, early = self.settings.target_loss, self.settings.early_stopping
        if early is not None and self._watch.see(watched, self.theta, early):
            self.stopped = "early"
        elif target is not None and record.loss["train"] < target:
            self.stopped = "target"
        elif self.epoch >= self.settings.epochs:
            self.stopped = self.stopped or "epochs"
        best = self._watch.best_theta
        if self.stopped and early is not None and early.restore and best is not None:
            self.set_parameters(best)

    def _record(self) -> Epoch:
        found = {"train": self._measure_training()}
        validation = self.measure("validation")
        if validation is not None:
            found["validation"] = validation
        return Epoch(
            epoch=self.epoch,
            step=self.updates,
            loss={name: result.loss for name, result in found.items()},
            penalty=found["train"].penalty,
            metrics={name: result.metrics for name, result in found.items()},
            rate=self._rate,
            gradient_norm=self._norm,
        )

    def _measure_training(self) -> Measured:
        """Measure the training rows; NumPy keeps a full batch's values for the next update."""
        if not self._batches.full or self._noisy:
            return self._measure(self._batches.sample(SAMPLE))
        if self._native is not None:
            return self._measure(self._batches.split("train"))
        self._ready = self._ready or self._forward()
        return self._objective.measured(self.theta, iter((self._ready,)))

    def _measure(self, rows: Rows) -> Measured:
        if self._native is None:
            return self._objective.measure(self.theta, self._batches, rows)
        return self._objective.measured(self.theta, self._native.forward(self.theta, rows))

    # -- setting up --------------------------------------------------------------------------

    def _new_rule(self) -> Optimizer | Lbfgs:
        if self.settings.optimizer != "lbfgs":
            size = len(self._pick(self.theta))
            return OPTIMIZERS[self.settings.optimizer](self.settings, size, self.theta.dtype)
        if not self._batches.full:
            raise TrainingError("L-BFGS needs the full batch; remove the batch size")
        return Lbfgs()

    def _native_run(self, engine: Engine) -> NativeRun | None:
        if engine == "numpy" or self._noisy or isinstance(self._rule, Lbfgs):
            return None
        # numba takes a while to import, so only those wait who need it
        from engine.training.native_run import native_run

        return native_run(self.plan, self._batches, self.settings, self._rule)

    def _continue_from(self, start: Checkpoint) -> None:
        self.epoch, self.batch, self.updates = start.epoch, start.batch, start.updates
        size = len(self._pick(self.theta))
        fits = all(len(array) == size for array in start.state)
        if start.optimizer == self.settings.optimizer and fits:
            self._rule.restore(start.count, start.state)
        self._plateau, self._watch = copy(start.plateau), copy(start.watch)
        self._rate, self._norm = start.rate, start.gradient_norm
        if self.epoch >= self.settings.epochs:
            self.stopped = "epochs"


def _trained(plan: Plan) -> NDArray[np.intp] | None:
    """Return the indices of θ that are trained; None if all are."""
    mask = trainable_mask(plan)
    if not mask.any():
        raise TrainingError("there is nothing to train: every parameter is frozen, or none exists")
    return None if mask.all() else np.flatnonzero(mask)

"""The state of a run: all that its next update depends on, and copies of it to go on from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.counter_stream import Stream
from engine.declaration.op import Array
from engine.errors import TrainingError
from engine.plan.plan import Plan
from engine.training.rules.lbfgs import Lbfgs
from engine.training.rules.optimizers import OPTIMIZERS, Optimizer
from engine.training.rules.patience import Watch
from engine.training.rules.schedules import Plateau
from engine.training.rules.updates import TrainableMask, UpdateTerms
from engine.training.runners.batches import Batches
from engine.training.runners.records import Block, EpochMeasures
from graph.model.training import Training


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run needs to go on with the same bits as if it had never stopped; holds copies.

    The order of the rows is a function of (seed, epoch), noise of (seed, epoch, batch): the
    place in the epoch and the seed of the settings are their whole state.

    Parameters
    ----------
    theta, previous : (P,) arrays
        Parameters, and those before the last update, which a number that is not finite brings
        back.
    epoch, batch, batches, updates : int
        Completed epochs, updates made in the current one, updates of an epoch, updates in all.
    optimizer, count, memory : str, int, tuple of arrays
        Name of the optimiser, its updates and its memory.
    plateau, watch : Plateau, Watch
        Memory of the schedule and of early stopping, the best parameters included.
    rate, gradient_norm : float
        Of the last update.
    stopped : str
        Why the run was over, as in `TrainingState`.
    """

    theta: Array
    previous: Array
    epoch: int
    batch: int
    batches: int
    updates: int
    optimizer: str
    count: int
    memory: tuple[Array, ...]
    plateau: Plateau
    watch: Watch
    rate: float
    gradient_norm: float
    stopped: str = ""

    @property
    def nbytes(self) -> int:
        """The memory its arrays take."""
        best = self.watch.best_theta
        arrays = self.theta, self.previous, *self.memory, *(() if best is None else (best,))
        return sum(array.nbytes for array in arrays)


class TrainingState:
    """Where a run is.

    Parameters
    ----------
    plan, settings, batches
        What is trained, how, and on what.
    theta : (P,) array
        Where to start; copied.

    Attributes
    ----------
    theta, gradient, previous : (P,) arrays
        The parameters, changed in place; ∂E/∂θ of the last update (penalties in, before
        clipping, frozen parameters included); the parameters before the last update.
    epoch, batch, updates, batches : int
        Completed epochs, updates made in the current one, updates in all, updates of an epoch.
    rule : Optimizer or Lbfgs
        The optimiser and its memory.
    plateau, watch : Plateau, Watch
        Memory of the schedule and of early stopping.
    rate, gradient_norm, batch_error : float
        Of the last update: learning rate, norm of the gradient, E of its batch before it.
    converged : bool
        Whether the last update left the parameters as they were.
    stopped : str
        Why training is over (``epochs``, ``target``, ``early``, ``converged``, ``breakpoint``);
        empty before.
    interrupted : bool
        Whether the run shall return after the present update.
    fresh : int
        Updates made since the callbacks looked last.
    changes : int
        How often the parameters were set by hand.

    Raises
    ------
    TrainingError
        If there is nothing to train, or L-BFGS meets minibatches.
    """

    def __init__(self, plan: Plan, settings: Training, batches: Batches, theta: Array) -> None:
        self.plan, self.settings, self._rows = plan, settings, batches
        self.theta = np.array(theta, settings.dtype)
        self.gradient = np.zeros_like(self.theta)
        self.previous = self.theta.copy()
        self.epoch = self.batch = self.updates = self.fresh = self.changes = 0
        self.batches = batches.count
        self.trained = TrainableMask(plan)
        self.rule = self._new_rule(batches)
        self.plateau, self.watch = Plateau(), Watch()
        self.rate = self.gradient_norm = 0.0
        self.batch_error = math.nan
        self.converged = self.interrupted = False
        self.stopped = ""

    def checkpoint(self) -> Checkpoint:
        """Return everything needed to continue from here with the same bits."""
        return Checkpoint(
            theta=self.theta.copy(),
            previous=self.previous.copy(),
            epoch=self.epoch,
            batch=self.batch,
            batches=self.batches,
            updates=self.updates,
            optimizer=self.settings.optimizer,
            count=self.rule.count,
            memory=self.rule.snapshot(),
            plateau=copy(self.plateau),
            watch=copy(self.watch),
            rate=self.rate,
            gradient_norm=self.gradient_norm,
            stopped=self.stopped,
        )

    def restore(self, start: Checkpoint) -> None:
        """Be where an earlier state of the same plan was.

        The optimiser's memory stays empty if the settings now name another one or other
        parameters are trained; with other batches the epoch begins anew.
        """
        self.theta[:], self.previous[:] = start.theta, start.previous
        self.epoch, self.updates = start.epoch, start.updates
        self.batch = start.batch if start.batches == self.batches else 0
        size = len(self.trained.of(self.theta))
        fits = all(len(array) == size for array in start.memory)
        if start.optimizer == self.settings.optimizer and fits:
            self.rule.restore(start.count, start.memory)
        self.plateau, self.watch = copy(start.plateau), copy(start.watch)
        self.rate, self.gradient_norm = start.rate, start.gradient_norm
        self.stopped = "" if start.stopped in {"epochs", "breakpoint"} else start.stopped

    def set_parameters(self, theta: Array) -> None:
        """Continue from other parameters (P,), set by hand."""
        self.theta[:] = theta
        self.changes += 1

    def take(self, terms: UpdateTerms) -> None:
        """Count an update."""
        self.batch_error, self.gradient = terms.error, terms.gradient
        self.gradient_norm, self.converged = terms.norm, not terms.moved
        self.updates += 1
        self.batch += 1
        if self.batch == self.batches:
            self.epoch, self.batch = self.epoch + 1, 0

    def values(self, slots: Sequence[int]) -> Iterator[list[Array]]:
        """Yield the plan's value slots at the present parameters, training rows chunk by chunk.

        One view (B, width) for each slot; without noise, of at most `SAMPLE` rows in all.
        """
        raise NotImplementedError

    @property
    def next_rows(self) -> Integers:
        """The rows of the dataset that the next update looks at, (B,)."""
        return self._rows.rows_of(self.epoch, self.batch)

    @property
    def next_noise(self) -> Stream:
        """The source of noise (dropout) of the next update."""
        return self._rows.noise(self.epoch, self.batch)

    def updates_until(self, epoch: int) -> int:
        """Return how many updates it takes until so many epochs are completed."""
        return (epoch - self.epoch) * self.batches - self.batch

    def block(self, figures: EpochMeasures, rates: Array, norms: Array) -> Block:
        """Return the epochs just completed."""
        before = len(norms) - 1
        step = self.updates - self.batch - before * self.batches
        return Block(self.epoch - before, step, self.batches, figures, rates, norms)

    def _new_rule(self, batches: Batches) -> Optimizer | Lbfgs:
        if self.settings.optimizer != "lbfgs":
            size = len(self.trained.of(self.theta))
            return OPTIMIZERS[self.settings.optimizer](self.settings, size, self.theta.dtype)
        if not batches.full:
            raise TrainingError("L-BFGS needs the full batch; remove the batch size")
        return Lbfgs()

"""Epochs on end: a tape, the data and an optimiser's memory, in one call of the loop."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.columnar import stretches
from engine.arrays.counter_stream import Stream
from engine.declaration.op import Array
from engine.interpreter.parameter_vector import trainable_mask, weight_mask
from engine.native.api.blas_threads import large, threads
from engine.native.api.epoch_measures import NOTHING, Measures
from engine.native.api.tape import Tape
from engine.native.kernels.optimizers import (
    BETA1,
    BETA2,
    CLIP_NORM,
    CLIP_VALUE,
    CONSTANTS,
    DECAY,
    EPSILON,
    L1,
    L2,
    MOMENTUM,
    RULES,
    WEIGHT_DECAY,
)
from engine.native.machine.loop import (
    ASKED,
    EPOCHS,
    FLAGS,
    FRAMES,
    MADE,
    NO_ERROR,
    NO_FIGURES,
    NO_GRADIENT,
    UPDATE,
    EpochPlan,
    Report,
    Rule,
    run,
)
from graph.model.training import Training

_NOT_FINITE = (NO_ERROR, NO_GRADIENT, NO_FIGURES)


@dataclass(frozen=True, slots=True)
class Epochs:
    """Epochs to come.

    Parameters
    ----------
    first : int
        Epochs completed before.
    orders : (K, m) array of int
        Rows of the table: one order for each epoch, or one for all.
    rates : (E,) array of float64
        Their learning rates.
    target : float
        Training loss below which to stop after an epoch.
    every, frames : int
        Epochs between two frames of θ, recorded after those whose number ``every`` divides, and
        the most of them.
    """

    first: int
    orders: Integers
    rates: Array
    target: float = -np.inf
    every: int = 1
    frames: int = 0


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What a call did.

    Parameters
    ----------
    count, epochs : int
        Updates made, epochs completed.
    errors, norms : (count,) arrays
        E before each update, and the norm of its gradient.
    figures : (epochs, columns) array
        What was measured after each epoch.
    frames : (k, P) array
        θ after the epochs at which a frame was due.
    seconds : float
        How long the loop ran; θ took its time to get in and out besides.
    finite : bool
        False if the next update, or the last epoch's figures, met a number that is not finite; θ
        is as it was before it.
    """

    count: int
    epochs: int
    errors: Array
    norms: Array
    figures: Array
    frames: Array
    seconds: float
    finite: bool


class Updater:
    """Makes updates of θ in place; no two calls at a time.

    Parameters
    ----------
    tape : Tape
        What is trained; its arena holds a minibatch, and a chunk of what is measured.
    table : (m, columns) array
        The data: ``tape.table(…)``.
    settings : Training
        Batch size, optimiser, penalties, clipping, seed.
    m : int
        Number of training rows.
    memory : tuple of arrays
        The optimiser's memory as in ``engine.training.optimizers``, changed in place.
    measures : Measures
        What is measured after each epoch; by default nothing.
    """

    def __init__(
        self,
        tape: Tape,
        table: Array,
        settings: Training,
        m: int,
        memory: tuple[Array, ...] = (),
        measures: Measures = NOTHING,
    ) -> None:
        self._tape, self._table, self._settings = tape, table, settings
        self._memory, self.measures = memory, measures
        size = min(self._settings.batch_size or m, m)
        batches = [(UPDATE, at, min(at + size, m), 0, 1, 0) for at in range(0, m, size)]
        self._turns = np.concatenate([np.array(batches, np.int64), self.measures.turns])
        self._several = large(tape.program.code, size)
        self._constants = _constants(settings, m)
        order, trained = self._tape.lowered.order, trainable_mask(self._tape.plan)
        self._weights = stretches(order.chosen(weight_mask(self._tape.plan)))
        self._trained = stretches(order.chosen(trained))
        self._memory_order = order.among(trained)
        clips = settings.clip_norm is not None or settings.clip_value is not None
        self._scratch = np.zeros(int(trained.sum()) if clips else 0, self._tape.dtype)
        self._flags = np.zeros(FLAGS, np.int64)

    def stop(self) -> None:
        """Make a call that is running return after its present update; from any thread."""
        self._flags[ASKED] = 1

    def make(
        self,
        theta: Array,
        gradient: Array,
        last: Array,
        epochs: Epochs,
        first: int,
        count: int,
        limit: int,
    ) -> UpdateResult:
        """Make updates of some epochs, without the GIL.

        Parameters
        ----------
        theta, gradient, last : (P,) arrays
            Parameters; gets ∂E/∂θ (penalties in); gets θ before the last update.
        epochs : Epochs
            What to do.
        first : int
            Batch of the first epoch to begin with.
        count : int
            Updates the optimiser has made before.
        limit : int
            Most updates.
        """
        order, own = self._tape.lowered.order, self._memory_order
        inside = order.inside(theta), order.room(gradient), order.room(last)
        memory = tuple(own.inside(vector) for vector in self._memory)
        course = self._course(self._turns, epochs)
        report = self._report(limit, epochs, len(inside[0]))
        began = time.perf_counter()
        status = self._run(course, report, self._rule(memory), inside, first, count, limit)
        seconds = time.perf_counter() - began
        made, done = int(report.flags[MADE]), int(report.flags[EPOCHS])
        if made:
            order.bring_back(inside[0], theta)
            order.bring_back(inside[2], last)
            for vector, changed in zip(self._memory, memory, strict=True):
                own.bring_back(changed, vector)
        if made or status == NO_GRADIENT:
            order.bring_back(inside[1], gradient)
        return UpdateResult(
            made, done, report.errors[:made], report.norms[:made], report.figures[:done],
            self._outside(report.frames[: report.flags[FRAMES]]), seconds,
            status not in _NOT_FINITE,
        )  # fmt: skip

    def _outside(self, frames: Array) -> Array:
        """Return frames in the plan's order of θ."""
        order = self._tape.lowered.order
        if order.places is None:
            return frames
        outside = np.zeros((len(frames), self._tape.size), self._tape.dtype)
        for frame, inside in zip(outside, frames, strict=True):
            order.bring_back(inside, frame)
        return outside

    def measure(self, theta: Array) -> Array:
        """Return the figures at some parameters, (1, columns)."""
        epochs, nothing = (
            Epochs(0, np.zeros((1, 0), np.int64), np.zeros(1)),
            np.zeros(0, self._tape.dtype),
        )
        report = self._report(0, epochs, 0)
        course = self._course(self.measures.turns, epochs)
        inside = self._tape.lowered.order.inside(theta), nothing, nothing
        self._run(course, report, self._rule(()), inside, 0, 0, 0)
        figures: Array = report.figures
        return figures

    def _report(self, updates: int, epochs: Epochs, size: int) -> Report:
        self._flags[:] = 0
        figures = np.zeros((len(epochs.rates), self.measures.starts[-1]))
        frames = np.zeros((epochs.frames, size), self._tape.dtype)
        return Report(np.zeros(updates + 1), np.zeros(updates), figures, frames, self._flags)

    def _rule(self, memory: tuple[Array, ...]) -> Rule:
        first, second, *_ = (*memory, self._scratch, self._scratch)
        vectors = first, second, self._scratch
        name = self._settings.optimizer
        number = RULES.index(name) if name in RULES else 0  # L-BFGS only measures
        return Rule(number, self._constants, self._weights, self._trained, vectors)

    def _course(self, turns: Integers, epochs: Epochs) -> EpochPlan:
        key = Stream(self._settings.seed).fork(0).key
        count = len(epochs.rates)
        order_of = np.arange(count) if len(epochs.orders) > 1 else np.zeros(count, np.int64)
        return EpochPlan(
            turns, epochs.orders, order_of, self.measures.seen, epochs.rates, epochs.target,
            epochs.first, epochs.every, np.uint64(key), self.measures.judges,
            self.measures.thresholds,
        )  # fmt: skip

    def _run(
        self,
        course: EpochPlan,
        report: Report,
        rule: Rule,
        inside: tuple[Array, ...],
        first: int,
        count: int,
        limit: int,
    ) -> int:
        with threads(several=self._several):
            status: int = run(
                self._tape.program, rule, course, report, self._tape.arena, *inside, self._table,
                first, count, limit,
            )  # fmt: skip
        return status


def _constants(settings: Training, m: int) -> Array:
    h = np.zeros(CONSTANTS)
    h[MOMENTUM], h[BETA1], h[BETA2] = settings.momentum, settings.beta1, settings.beta2
    h[DECAY], h[EPSILON] = settings.decay, settings.epsilon
    h[WEIGHT_DECAY] = settings.weight_decay
    h[L1], h[L2] = settings.l1 / m, settings.l2 / m
    h[CLIP_NORM] = np.inf if settings.clip_norm is None else settings.clip_norm
    h[CLIP_VALUE] = np.inf if settings.clip_value is None else settings.clip_value
    return h

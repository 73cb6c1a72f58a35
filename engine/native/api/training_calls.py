"""Consecutive epochs: a tape, the data and an optimiser's memory, in one call of the loop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.columnar import stretches
from engine.arrays.counter_stream import Stream
from engine.declaration.op import Array
from engine.interpreter.parameter_vector import trainable_mask, weight_mask
from engine.native.api.blas_threads import large
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
    PENALTIES,
    UPDATES,
    WEIGHT_DECAY,
)
from engine.native.machine.loop import (
    EPOCHS,
    FLAGS,
    NO_ERROR,
    NO_FIGURES,
    NO_GRADIENT,
    STOP_REQUESTED,
    UPDATE,
)
from engine.native.machine.loop import UPDATES as UPDATES_DONE
from engine.native.runtime.compilation import address
from graph.model.training import Training

_VECTORS = "theta", "gradient", "last"
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
    """

    first: int
    orders: Integers
    rates: Array
    target: float = -np.inf


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
        The optimiser's memory as in ``engine.training.rules.optimizers``, changed in place.
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
        self._several = large(tape.program, size)
        self._constants = _constants(settings, m)
        order, trained = self._tape.lowered.order, trainable_mask(self._tape.plan)
        self._weights = stretches(order.chosen(weight_mask(self._tape.plan)))
        self._trained = stretches(order.chosen(trained))
        self._memory_order = order.among(trained)
        self._flags = np.zeros(FLAGS, np.int64)

    def stop(self) -> None:
        """Make a call that is running return after its present update; from any thread."""
        self._flags[STOP_REQUESTED] = 1

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
        native = order.to_native(theta), order.empty_native(gradient), order.empty_native(last)
        memory = tuple(own.to_native(vector) for vector in self._memory)
        self._set(self._turns, epochs, memory, dict(zip(_VECTORS, native, strict=True)))
        report = self._report(limit, epochs)
        began = time.perf_counter()
        status = self._tape.run(first, count, limit, several=self._several)
        seconds = time.perf_counter() - began
        made, done = int(self._flags[UPDATES_DONE]), int(self._flags[EPOCHS])
        if made:
            order.from_native(native[0], theta)
            order.from_native(native[2], last)
            for vector, changed in zip(self._memory, memory, strict=True):
                own.from_native(changed, vector)
        if made or status == NO_GRADIENT:
            order.from_native(native[1], gradient)
        errors, norms, figures = report["errors"], report["norms"], report["figures"]
        is_finite = status not in _NOT_FINITE
        return UpdateResult(
            made, done, errors[:made], norms[:made], figures[:done], seconds, is_finite
        )

    def measure(self, theta: Array) -> Array:
        """Return the figures at some parameters, (1, columns)."""
        epochs = Epochs(0, np.zeros((1, 0), np.int64), np.zeros(1))
        native = {"theta": self._tape.lowered.order.to_native(theta)}
        self._set(self.measures.turns, epochs, (), native)
        figures = self._report(0, epochs)["figures"]
        self._tape.run(several=self._several)
        return figures

    def _report(self, updates: int, epochs: Epochs) -> dict[str, Array]:
        """Set where the loop reports, and return these arrays by name."""
        self._flags[:] = 0
        report: dict[str, Array] = {
            "errors": np.zeros(updates + 1),
            "norms": np.zeros(updates),
            "figures": np.zeros((len(epochs.rates), self.measures.starts[-1])),
        }
        self._tape.memory.set(flags=self._flags, **report)
        return report

    def _set(
        self,
        turns: Integers,
        epochs: Epochs,
        moments: tuple[Array, ...],
        vectors: Mapping[str, Array],
    ) -> None:
        """Set what the loop is to do, and with what."""
        count, nothing = len(epochs.rates), np.zeros(0, self._tape.dtype)
        first, second, *_ = (*moments, nothing, nothing)
        self._tape.memory.set(
            turns=turns,
            orders=epochs.orders,
            order_of=np.arange(count) if len(epochs.orders) > 1 else np.zeros(count, np.int64),
            measured=self.measures.seen,
            rates=epochs.rates,
            target=epochs.target,
            first_epoch=epochs.first,
            noise_key=Stream(self._settings.seed).fork(0).key,
            counters=self.measures.counters,
            thresholds=self.measures.thresholds,
            **self._kernels,
            constants=self._constants,
            weights=self._weights,
            trained=self._trained,
            first_moment=first,
            second_moment=second,
            table=self._table,
            **vectors,
        )

    @cached_property
    def _kernels(self) -> dict[str, int]:
        """The addresses of the optimiser's kernels; L-BFGS has no update, it only measures here."""
        real = self._tape.dtype.name
        found = dict.fromkeys(("update", *PENALTIES), 0)
        if self._settings.l1 or self._settings.l2:
            found |= {name: address(name, PENALTIES[name], None, real) for name in PENALTIES}
        if self._settings.optimizer in UPDATES:
            name = self._settings.optimizer
            found["update"] = address(f"update.{name}", UPDATES[name], None, real)
        return found


def _constants(settings: Training, m: int) -> Array:
    h = np.zeros(CONSTANTS)
    h[MOMENTUM], h[BETA1], h[BETA2] = settings.momentum, settings.beta1, settings.beta2
    h[DECAY], h[EPSILON] = settings.decay, settings.epsilon
    h[WEIGHT_DECAY] = settings.weight_decay
    h[L1], h[L2] = settings.l1 / m, settings.l2 / m
    h[CLIP_NORM] = np.inf if settings.clip_norm is None else settings.clip_norm
    h[CLIP_VALUE] = np.inf if settings.clip_value is None else settings.clip_value
    return h

"""Updates on end: a tape, the data and an optimiser's memory, in one call of the loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.native.blanks import stretches
from engine.native.loop import DONE, MADE, STOP, STOPPED, TRAIN, run
from engine.native.program import Integers
from engine.native.tape import Tape
from engine.native.threads import threads_for
from engine.native.updates import (
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
from engine.op import Array
from engine.parameters import trainable_mask, weight_mask
from graph.training import Training


@dataclass(frozen=True, slots=True)
class Made:
    """What a call did: updates made, their errors E before each, and the last gradient's norm.

    ``finite`` is False if the next update met a number that is not; θ is as it was before it.
    """

    count: int
    errors: Array
    norm: float
    finite: bool


class Updater:
    """Makes updates of θ in place; no two calls at a time.

    Parameters
    ----------
    tape : Tape
        What is trained; its batch is the minibatch size.
    table : (m, columns) array
        The data: ``tape.table(…)``.
    settings : Training
        Optimiser, penalties, clipping.
    m : int
        Number of training rows, for the penalties.
    memory : tuple of arrays
        The optimiser's memory as in ``engine.training.optimizers``, changed in place.
    """

    def __init__(
        self, tape: Tape, table: Array, settings: Training, m: int, memory: tuple[Array, ...]
    ) -> None:
        self._tape, self._table = tape, table
        self._rule = RULES.index(settings.optimizer)
        self._constants = _constants(settings, m)
        trained, self._order = trainable_mask(tape.plan), tape.lowered.order
        self._weights = stretches(self._order.chosen(weight_mask(tape.plan)))
        self._ranges = stretches(self._order.chosen(trained))
        self._memory_order = self._order.among(trained)
        clips = settings.clip_norm is not None or settings.clip_value is not None
        scratch = np.zeros(int(trained.sum()) if clips else 0, tape.dtype)
        self._memory, self._scratch = memory, scratch
        self._flags = np.zeros(2, np.int64)

    def stop(self) -> None:
        """Make a call that is running return after its present update; from any thread."""
        self._flags[STOP] = 1

    def make(
        self,
        theta: Array,
        gradient: Array,
        last: Array,
        order: Integers,
        first: int,
        count: int,
        rates: Array,
    ) -> Made:
        """Make one update for each of ``rates``, without the GIL.

        Parameters
        ----------
        theta, gradient, last : (P,) arrays
            Parameters; gets ∂E/∂θ (penalties in); gets θ before the last update.
        order : (m,) array of int
            Rows of the table, cut into batches; after the last batch the first one follows.
        first : int
            Batch to begin with.
        count : int
            Updates the optimiser has made before.
        rates : array of float64
            Learning rates.
        """
        errors, norms = np.zeros(len(rates)), np.zeros(len(rates))
        size = min(self._tape.batch, len(order))
        short = len(order) % size or size
        self._flags[:] = 0
        vectors = theta, gradient, last
        inside = [self._order.inside(vector) for vector in vectors]
        memory = [self._memory_order.inside(vector) for vector in self._memory]
        first_memory, second_memory, *_ = (*memory, self._scratch, self._scratch)
        with threads_for(self._tape.program.code, size):
            status = run(
                TRAIN, self._tape.program, self._rule, self._constants, self._weights, self._ranges,
                *inside, (first_memory, second_memory, self._scratch), self._table, order, size,
                first, count, rates,
                self._tape.arena(size), self._tape.arena(short), errors, norms, self._flags,
            )  # fmt: skip
        for vector, own in zip(vectors, inside, strict=True):
            self._order.bring_back(own, vector)
        for vector, own in zip(self._memory, memory, strict=True):
            self._memory_order.bring_back(own, vector)
        made = int(self._flags[MADE])
        norm = float(norms[made - 1]) if made else 0.0
        return Made(made, errors[:made], norm, status in (DONE, STOPPED))


def _constants(settings: Training, m: int) -> Array:
    h = np.zeros(CONSTANTS)
    h[MOMENTUM], h[BETA1], h[BETA2] = settings.momentum, settings.beta1, settings.beta2
    h[DECAY], h[EPSILON] = settings.decay, settings.epsilon
    h[WEIGHT_DECAY] = settings.weight_decay
    h[L1], h[L2] = settings.l1 / m, settings.l2 / m
    h[CLIP_NORM] = np.inf if settings.clip_norm is None else settings.clip_norm
    h[CLIP_VALUE] = np.inf if settings.clip_value is None else settings.clip_value
    return h

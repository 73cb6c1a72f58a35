"""The one compiled entry: turns of consecutive epochs, without the GIL.

A turn computes a batch: an update of θ, a part of a measure at an epoch's end, or what a caller
wants to look at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.native.kernels.dropout import fork
from engine.native.kernels.epoch_metrics import PENALTY, SPLITS, count_batch, objective
from engine.native.kernels.optimizers import RATE, norm, usable
from engine.native.kernels.sources import fill
from engine.native.runtime.compilation import entry
from engine.native.runtime.memory import call, instruction
from engine.native.simd.array_views import flat, folded, row, span
from engine.native.simd.jit import exact, kernel, part
from engine.native.simd.vectors import lanes, store, width

DONE, PAUSED, TARGET, NO_ERROR, NO_GRADIENT, NO_FIGURES, GOING = range(7)
"""Why `run` returned: all turns taken, limit or stop, target reached; E, the gradient or an
epoch's figures were not finite."""
ACTION, START, STOP, COLUMN, OUT_OF, IS_LAST, ENTRIES = range(7)
"""Columns of the turns: what to do, rows; for a measure where, out of how many rows, and whether
it ends the epoch."""
UPDATE, FORWARD, BOTH_WAYS, MEASURE = -3, -2, -1, 0
"""What to do; from `MEASURE` on it is the number of the split."""
_NO, _YES = np.int64(0), np.int64(1)  # for bare numbers functions would be compiled once more
NAME = "loop"
"""Of its file."""
STOP_REQUESTED, UPDATES, EPOCHS, FLAGS = range(4)
"""The flags: set the first to stop; the others count updates and epochs."""


@part
def _forward(m: Any) -> Any:
    """Compute every value of a batch; return E without training's own penalties."""
    addresses, code = m.forward, m.code
    for k in range(addresses.size):
        call(addresses[k], m, instruction(code, k))
    return objective(m, _YES, _YES)


@exact
def _prepare_deltas(m: Any) -> None:
    """Zero what is added to, and give losses and penalties their δ."""
    d, gradient = m.deltas, m.gradient
    zero = type(d[0, 0])(0)
    for k in range(m.blank.shape[0]):
        start, stop = m.blank[k, 0], m.blank[k, 1]
        fill(flat(d, start, stop - start), zero)
    for k in range(m.blank_gradient.shape[0]):
        start, stop = m.blank_gradient[k, 0], m.blank_gradient[k, 1]
        fill(span(gradient, start, stop - start), zero)
    for k in range(m.seeds.size):
        seed, share = row(d, m.seeds[k]), m.shares[k]
        each = type(zero)(1 if share < 0 else share / d.shape[1])
        for at in range(0, seed.size, width(seed)):
            store(seed, at, lanes(seed, at) + each)


@part
def _backward(m: Any) -> None:
    """Compute δ of every row, and ∂E/∂θ, of the last forward run."""
    _prepare_deltas(m)
    addresses, code = m.backward, m.code
    for k in range(addresses.size - 1, -1, -1):
        if addresses[k]:
            call(addresses[k], m, instruction(code, k))


@kernel
def _own_penalty(m: Any) -> Any:
    """Return training's own penalties."""
    if not m.penalise:
        return 0.0
    call(m.penalise, m, instruction(m.code, 0))
    return m.penalty


@part
def _apply_update(m: Any, rate: Any, count: Any, error: Any) -> Any:
    """Make the update of a gradient, the first being number ``count`` + 1; say how it goes."""
    if not math.isfinite(error):
        return NO_ERROR
    done, gradient = m.flags[UPDATES], m.gradient
    penalty = _own_penalty(m)
    if m.penalise_back:
        call(m.penalise_back, m, instruction(m.code, 0))
    size = norm(m.trained, gradient)
    m.norms[done] = size
    m.errors[done] = error + penalty
    if not usable(size, m.trained, gradient):
        return NO_GRADIENT
    m.constants[RATE] = rate
    m.norm = size
    m.count = count + done + 1
    call(m.update, m, instruction(m.code, 0))
    m.flags[UPDATES] = done + 1
    return GOING


@part
def _measure(m: Any, epoch: Any, turn: Any) -> Any:
    """Add a batch to an epoch's figures; at the end of the epoch, say how it goes."""
    v, figures = m.values, row(m.figures, epoch)
    figures[turn[COLUMN]] += v.shape[1] / turn[OUT_OF] * objective(m, _YES, _NO)
    count_batch(m.counters, m.thresholds, turn[ACTION], v, figures)
    if not turn[IS_LAST]:
        return GOING
    figures[PENALTY] = objective(m, _NO, _YES) + _own_penalty(m)
    m.flags[EPOCHS] = epoch + 1
    if not math.isfinite(figures[SPLITS] + figures[PENALTY]):
        return NO_FIGURES
    return TARGET if figures[SPLITS] < m.target else GOING


@part
def _resize(m: Any, batch: Any) -> None:
    """Cut values and deltas (rows, B) out of their memories for a batch."""
    m.values = folded(m.value_memory, m.height, batch)
    m.deltas = folded(m.delta_memory, m.height, batch)


def _run(m: Any, first: Any, count: Any, limit: Any) -> Any:
    turns, flags, status, batch = m.turns, m.flags, GOING, -1
    for k in range(first, turns.shape[0] * m.order_of.size):
        epoch, place = k // turns.shape[0], k % turns.shape[0]
        turn = row(turns, place)
        action, start, stop = turn[ACTION], turn[START], turn[STOP]
        if action == UPDATE and (flags[UPDATES] == limit or flags[STOP_REQUESTED]):
            return PAUSED
        if stop - start != batch:
            batch = stop - start
            _resize(m, batch)
        m.noise = np.uint64(0)
        if action == UPDATE:
            m.rows = span(row(m.orders, m.order_of[epoch]), start, batch)
            if m.noise_key:
                m.noise = fork(fork(m.noise_key, m.first_epoch + epoch), place)
        else:
            m.rows = span(m.measured, start, batch)
        error = _forward(m)
        m.errors[flags[UPDATES]] = error
        if action >= MEASURE:
            status = _measure(m, epoch, turn)
        elif action != FORWARD:
            _backward(m)
        if action == UPDATE:
            status = _apply_update(m, m.rates[epoch], count, error)
        if status != GOING:
            return status
    return DONE


def loop(real: str) -> Callable[..., int]:
    """Return the loop for a precision: (address of the memory, first, count, limit) → why it ended.

    ``first`` is the turn to begin with, ``count`` how many updates were made before, ``limit`` the
    most to make.
    """
    return entry(NAME, _run, 3, real)

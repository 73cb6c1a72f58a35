"""The one compiled entry: turns of a course, whole epochs on end, without the GIL.

A turn computes a batch: an update of θ, a part of a measure at an epoch's end, or what a caller
wants to look at.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from engine.arrays.aliases import Integers
from engine.native.kernels.dropout import fork
from engine.native.kernels.epoch_metrics import (
    PENALTY,
    SPLITS,
    graph_penalties,
    mean_loss,
    own_penalties,
    tally,
)
from engine.native.kernels.optimizers import RATE, add_penalties, norm, update, usable
from engine.native.machine.backward import backward
from engine.native.machine.forward import forward
from engine.native.machine.instructions import shaped
from engine.native.simd.array_views import borrowed
from engine.native.simd.jit import entry, part

DONE, PAUSED, TARGET, NO_ERROR, NO_GRADIENT, NO_FIGURES, GOING = range(7)
"""Why `run` returned: all turns taken, limit or stop, target reached; E, the gradient or an
epoch's figures were not finite."""
WHAT, START, STOP, COLUMN, SHARE_OF, LAST, ENTRIES = range(7)
"""Columns of the turns: what to do, rows; for a measure where, out of how many rows, and whether
it ends the epoch."""
UPDATE, FORWARD, BOTH_WAYS, MEASURE = -3, -2, -1, 0
"""What to do; from `MEASURE` on it is the number of the split."""
ASKED, MADE, EPOCHS, FRAMES, FLAGS = range(5)
"""The flags: set the first to stop; the others count updates, epochs and frames."""


class Rule(NamedTuple):
    """The optimiser: number, constants, ranges (start, stop) of θ, two vectors and a scratch."""

    number: int
    constants: Any
    weights: Integers
    trained: Integers
    memory: Any


class EpochPlan(NamedTuple):
    """What is done in which order.

    Parameters
    ----------
    turns : (T, ENTRIES) array
        The turns of an epoch.
    orders, order_of : (K, m), (E,) arrays
        Rows of the table in several orders, and which of them each epoch takes.
    seen : array
        Rows of the table that are measured or looked at.
    rates : (E,) array
        Learning rates.
    target : float
        Training loss below which to stop.
    epochs, every : int
        Epochs completed before; a frame is recorded after each epoch whose number ``every``
        divides.
    noise : uint64
        Key of the noise; 0 if there is none.
    judges, thresholds : (J, 7), (J, 2) arrays
        See `figures`.
    """

    turns: Integers
    orders: Integers
    order_of: Integers
    seen: Integers
    rates: Any
    target: float
    epochs: int
    every: int
    noise: Any
    judges: Integers
    thresholds: Any


class Report(NamedTuple):
    """What others may read meanwhile: E and norm of updates, figures of epochs, frames, flags."""

    errors: Any
    norms: Any
    figures: Any
    frames: Any
    flags: Integers


def _stamp() -> int:
    """Return a number for the present text of all kernels.

    Numba only looks at the file of the function it has in its cache, not at those it calls.
    """
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")


@part
def _noise(course: Any, what: Any, epoch: Any, batch: Any) -> Any:
    """Return the key of a batch's noise; 0 where there is none."""
    if course.noise and what == UPDATE:
        return fork(fork(course.noise, course.epochs + epoch), batch)
    return np.uint64(0)


@part
def _improve(
    rule: Any, rate: Any, count: Any, error: Any, theta: Any, gradient: Any, last: Any, report: Any
) -> Any:
    """Make the update of a gradient, the first being number ``count`` + 1; say how it goes."""
    if not math.isfinite(error):
        return NO_ERROR
    h, made = rule.constants, report.flags[MADE]
    add_penalties(h, rule.weights, theta, gradient)
    size = norm(rule.trained, gradient)
    report.norms[made] = size
    report.errors[made] = error + own_penalties(h, rule.weights, theta)
    if not usable(size, rule.trained, gradient):
        return NO_GRADIENT
    h[RATE] = rate
    number = count + made + 1
    update(rule.number, h, number, size, rule.trained, theta, gradient, last, rule.memory)
    report.flags[MADE] = made + 1
    return GOING


@part
def _keep(theta: Any, report: Any) -> None:
    """Record a frame if there is room."""
    frame = report.flags[FRAMES]
    if frame < report.frames.shape[0]:
        for i in range(theta.size):
            report.frames[frame, i] = theta[i]
        report.flags[FRAMES] = frame + 1


@part
def _measure(
    program: Any, rule: Any, course: Any, report: Any, epoch: Any, turn: Any, theta: Any, v: Any
) -> Any:
    """Add a batch to an epoch's figures; at the end of the epoch, say how it goes."""
    row = report.figures[epoch]
    row[turn[COLUMN]] += v.shape[1] / turn[SHARE_OF] * mean_loss(program, v)
    tally(course.judges, course.thresholds, turn[WHAT], v, row)
    if not turn[LAST]:
        return GOING
    own = own_penalties(rule.constants, rule.weights, theta)
    row[PENALTY] = graph_penalties(program, v) + own
    report.flags[EPOCHS] = epoch + 1
    if (course.epochs + epoch + 1) % course.every == 0:
        _keep(theta, report)
    if not math.isfinite(row[SPLITS] + row[PENALTY]):
        return NO_FIGURES
    return TARGET if row[SPLITS] < course.target else GOING


def _entry(stamp: int) -> Callable[..., Any]:
    @entry
    def run(
        program: Any, rule: Any, course: Any, report: Any, arena: Any, theta: Any, gradient: Any,
        last: Any, table: Any, first: Any, count: Any, limit: Any,
    ) -> Any:  # fmt: skip
        if stamp < 0:
            return DONE
        program, rule, course, report, arena, theta, gradient, last, table = borrowed(
            (program, rule, course, report, arena, theta, gradient, last, table)
        )
        turns, flags, status = course.turns, report.flags, GOING
        v, d = shaped(arena, turns[0, STOP] - turns[0, START])
        for k in range(first, turns.shape[0] * course.order_of.size):
            epoch, turn = k // turns.shape[0], turns[k % turns.shape[0]]
            what, start, stop = turn[WHAT], turn[START], turn[STOP]
            if what == UPDATE and (flags[MADE] == limit or flags[ASKED]):
                return PAUSED
            if stop - start != v.shape[1]:
                v, d = shaped(arena, stop - start)
            rows = course.orders[course.order_of[epoch]] if what == UPDATE else course.seen
            noise = _noise(course, what, epoch, k % turns.shape[0])
            error = forward(program, theta, table, rows[start:stop], noise, v)
            report.errors[flags[MADE]] = error
            if what >= MEASURE:
                status = _measure(program, rule, course, report, epoch, turn, theta, v)
            elif what != FORWARD:
                backward(program, theta, gradient, noise, v, d)
            if what == UPDATE:
                rate = course.rates[epoch]
                status = _improve(rule, rate, count, error, theta, gradient, last, report)
            if status != GOING:
                return status
        return DONE

    return run


STAMP = _stamp()
"""The number; kernels of another one are compiled anew."""
run = _entry(STAMP)

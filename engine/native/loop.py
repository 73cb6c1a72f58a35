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

from engine.native.figures import NORM, PENALTY, mean_loss, penalties, tally
from engine.native.jit import entry
from engine.native.machine import backward, forward
from engine.native.noise import fork
from engine.native.program import Integers
from engine.native.updates import RATE, add_penalties, norm, update, usable

DONE, PAUSED, TARGET, NO_ERROR, NO_GRADIENT, NO_FIGURES = range(6)
"""Why `run` returned: all turns taken, limit or stop, target reached; E, the gradient or an
epoch's figures were not finite."""
WHAT, START, STOP, COLUMN, SHARE_OF = range(5)
"""Columns of the turns: what to do, rows, and for a measure where and out of how many rows."""
UPDATE, FORWARD, BOTH_WAYS = -1, -2, -3
"""What to do; from 0 on it is the number of the split measured."""
ASKED, MADE, EPOCHS = range(3)
"""The flags: set the first to stop; the others count updates and epochs."""


class Rule(NamedTuple):
    """The optimiser: its number and constants, ranges (start, stop) of θ, its two vectors and one
    of scratch."""

    number: int
    constants: Any
    weights: Integers
    trained: Integers
    memory: Any


class Course(NamedTuple):
    """What is done in which order.

    Parameters
    ----------
    turns : (T, 5) array
        The turns of an epoch.
    orders : (E, m) array
        Rows of the table in the order of each epoch.
    seen : array
        Rows of the table that are measured or looked at.
    rates : (E,) array
        Learning rates.
    target : float
        Training loss below which to stop.
    noise : (2,) array of uint64
        Key of the noise, and the first epoch's number; no noise if the key is 0.
    judges, thresholds : (J, 7), (J, 2) arrays
        See `figures`.
    """

    turns: Integers
    orders: Integers
    seen: Integers
    rates: Any
    target: float
    noise: Any
    judges: Integers
    thresholds: Any


class Report(NamedTuple):
    """What others may read while the loop runs: E and norm of each update, figures of each epoch,
    flags."""

    errors: Any
    norms: Any
    figures: Any
    flags: Integers


def _stamp() -> int:
    """Return a number for the present text of all kernels.

    Numba only looks at the file of the function it has in its cache, not at those it calls.
    """
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")


def _entry(stamp: int) -> Callable[..., Any]:
    @entry
    def run(
        program: Any, rule: Any, course: Any, report: Any, memory: Any, heights: Any, theta: Any,
        gradient: Any, last: Any, table: Any, first: Any, count: Any, limit: Any,
    ) -> Any:  # fmt: skip
        if stamp < 0:
            return DONE
        h, flags, many = rule.constants, report.flags, course.turns.shape[0]
        (values, deltas, spare), (rows_v, rows_s) = memory, heights
        turn, made, n = first, 0, 1
        v, d = values[:rows_v].reshape(rows_v, 1), deltas[:rows_v].reshape(rows_v, 1)
        scratch = spare[:rows_s].reshape(rows_s, 1)
        while turn < many * course.orders.shape[0]:
            epoch, t = turn // many, turn % many
            what, start, stop = course.turns[t, WHAT], course.turns[t, START], course.turns[t, STOP]
            updating = what == UPDATE
            if updating and (made == limit or flags[ASKED]):
                return PAUSED
            if stop - start != n:
                n = stop - start
                v, d = values[: rows_v * n].reshape(rows_v, n), deltas[: rows_v * n].reshape(rows_v, n)
                scratch = spare[: rows_s * n].reshape(rows_s, n)
            rows = course.orders[epoch, start:stop] if updating else course.seen[start:stop]
            noise = course.noise[0]
            if noise:
                noise = fork(fork(noise, course.noise[1] + epoch), t) if updating else noise * 0
            error = forward(program, theta, table, rows, noise, v, scratch)
            if what < 0:
                report.errors[made] = error
                if updating and not math.isfinite(error):
                    return NO_ERROR
                if what != FORWARD:
                    backward(program, theta, gradient, noise, v, d, scratch)
            if updating:
                add_penalties(h, rule.weights, theta, gradient)
                size = norm(rule.trained, gradient)
                report.norms[made] = size
                if not usable(size, rule.trained, gradient):
                    return NO_GRADIENT
                h[RATE] = course.rates[epoch]
                update(rule, count + made + 1, size, theta, gradient, last)
                made += 1
                flags[MADE] = made
            elif what >= 0:
                figures = report.figures[epoch]
                share = n / course.turns[t, SHARE_OF]
                figures[course.turns[t, COLUMN]] += share * mean_loss(program, v)
                tally(course.judges, course.thresholds, what, v, figures)
                if t + 1 == many:
                    figures[NORM] = report.norms[made - 1] if made else 0.0
                    figures[PENALTY] = penalties(program, v, h, rule.weights, theta)
                    flags[EPOCHS] = epoch + 1
                    train = figures[PENALTY + 1]
                    if not math.isfinite(train + figures[PENALTY]):
                        return NO_FIGURES
                    if train < course.target:
                        return TARGET
            turn += 1
        return DONE

    return run


run = _entry(_stamp())

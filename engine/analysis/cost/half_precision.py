"""What float16 loses of δ and gradients, and what a scaled loss saves.

float16 has 10 bits of mantissa and 5 of exponent: below 2⁻¹⁴ numbers lose digits, and what rounds
to less than 2⁻²⁴ is 0. δ and gradients are proportional to E, so an E that is 2ᵏ times as large
moves all of them up; the gradient is divided by 2ᵏ again before the update.

Source: P. Micikevicius et al., Mixed precision training (2018), section 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Array
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.interpreter.objective_terms import add_penalty_gradient
from engine.plan.plan import Plan
from graph.model.training import Training

SMALLEST_NORMAL = float(np.finfo(np.float16).smallest_normal)
"""2⁻¹⁴: smaller numbers of float16 have fewer digits."""
SMALLEST_SUBNORMAL = float(np.finfo(np.float16).smallest_subnormal)
"""2⁻²⁴: the smallest number of float16 above 0."""


@dataclass(frozen=True, slots=True)
class HalfCount:
    """What becomes of numbers as float16.

    Parameters
    ----------
    numbers : int
        How many are not 0 to begin with.
    smallest, largest : float
        Of their absolute values, before the scale; NaN if there is none.
    subnormal, lost, infinite : int
        How many become a number of fewer digits, 0, or infinite.
    """

    numbers: int
    smallest: float
    largest: float
    subnormal: int
    lost: int
    infinite: int


def half_count(numbers: Array, power: int = 0) -> HalfCount:
    """Cast ``2^power · numbers`` to float16 and count what becomes of those that are not 0."""
    sizes = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)], dtype=np.float64)
    if not sizes.size:
        return HalfCount(0, float("nan"), float("nan"), 0, 0, 0)
    with np.errstate(over="ignore", under="ignore"):
        half = np.ldexp(sizes, power).astype(np.float16)
    lost, infinite = half == 0, np.isinf(half)
    subnormal = ~lost & (half < SMALLEST_NORMAL)
    extremes = float(sizes.min()), float(sizes.max())
    counts = (int(np.count_nonzero(flags)) for flags in (subnormal, lost, infinite))
    return HalfCount(sizes.size, *extremes, *counts)


@dataclass(frozen=True, slots=True, eq=False)
class BackwardNumbers:
    """What one update computes on its way back.

    Parameters
    ----------
    deltas : (n,) array
        Every δ of every row, the 1/B of the batch inside; of a network without units ∂E/∂z.
    gradient : (P,) array
        ∂E/∂θ, penalties included.
    """

    deltas: Array
    gradient: Array


def backward_numbers(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    training: Training,
    m: int,
    batch: int,
    yield_gil: YieldGil | None = None,
) -> BackwardNumbers:
    """Run rows forward and back in float64.

    Parameters
    ----------
    columns : mapping
        What the plan reads of the rows, (N, width).
    m : int
        Number of training rows (the penalties' divisor).
    batch : int
        B: each δ is what it is in a batch of so many rows.
    """
    interpreter = Interpreter(plan, yield_gil)
    run = interpreter.forward(theta, columns)
    back = interpreter.backward(theta, run)
    add_penalty_gradient(plan, theta, back.gradient, training.l1, training.l2, m)
    slots = [*plan.nets.values()] or [*plan.outputs.values()]
    deltas = [back.deltas[slot].ravel() for slot in slots]
    flat = np.concatenate(deltas) if deltas else np.zeros(0)
    return BackwardNumbers(flat * (run.rows / batch), back.gradient)

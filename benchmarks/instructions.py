"""Where the time of an update goes, by kind of instruction.

The arena is filled by a whole update; then programs that keep the instructions of one kind only
are run at learning rate 0, forward alone and both ways, and the time of the program without
instructions is taken off. What the kinds miss or exceed of the whole is shown: alone, a kind finds
its rows in the cache.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.benchmark.cases import PreparedCase
from engine.benchmark.edit_runner import EditRunner
from engine.benchmark.networks import SparseNetwork
from engine.benchmark.report import duration
from engine.native import Epochs, Tape, Updater, lower
from engine.native.kernels.table import KERNELS

_TURNS, _SECONDS, _MOST = 25, 0.004, 4_096
Mask = NDArray[np.bool_]


class Variants:
    """A problem's tape with only some of its instructions.

    Parameters
    ----------
    problem : PreparedCase
        What is profiled.
    """

    def __init__(self, problem: PreparedCase) -> None:
        self._problem, case = problem, problem.case
        self.tape = lower(problem.plan, case.settings.dtype, case.batch)
        self.ops = self.tape.program.ops
        self._table = self.tape.table(problem.columns)
        self._rows = np.arange(len(self._table))
        self._turn(self.tape, 1)
        self._filled = self.tape.arena.values.copy(), self.tape.arena.deltas.copy()

    def only(self, kept: Mask, *, back: bool = True) -> Tape:
        """Return a tape with the kept instructions, forward alone or both ways."""
        program = self.tape.program
        tape = copy.copy(self.tape)
        tape.__dict__.pop("memory", None)
        live = program.live[kept] & back
        tape.program = program._replace(ops=program.ops[kept], code=program.code[kept], live=live)
        return tape

    def seconds(self, tapes: Sequence[Tape]) -> list[float]:
        """Return the best time of an update on each tape; they take turns."""
        counts = []
        for tape in tapes:
            once = max(self._turn(tape, 8) / 8, 1e-9)
            counts.append(max(1, min(_MOST, round(_SECONDS / once))))
        best = [math.inf] * len(tapes)
        for _ in range(_TURNS):
            for k, (tape, updates) in enumerate(zip(tapes, counts, strict=True)):
                best[k] = min(best[k], self._turn(tape, updates) / updates)
        return best

    def _turn(self, tape: Tape, updates: int) -> float:
        """Return the seconds that some updates take, θ and arena unchanged at the start."""
        if hasattr(self, "_filled"):
            tape.arena.values[:], tape.arena.deltas[:] = self._filled
        settings = self._problem.case.settings
        updater = Updater(tape, self._table, settings, len(self._rows))
        theta = self._problem.theta.copy()
        rates = np.zeros(-(-updates // self._problem.case.batches))
        epochs = Epochs(0, self._rows[np.newaxis], rates)
        gradient, last = np.zeros_like(theta), np.zeros_like(theta)
        start = time.perf_counter()
        made = updater.make(theta, gradient, last, epochs, 0, 0, updates)
        return (time.perf_counter() - start) * updates / max(made.count, 1)


def profile(problem: PreparedCase) -> Iterator[str]:
    """Return a Markdown table of the kinds, and of the stages of an edit where one is made."""
    variants = Variants(problem)
    ops = variants.ops
    names = _names(ops)
    masks = [np.isin(ops, kinds) for kinds in names.values()]
    tapes = [variants.only(ops >= 0), variants.only(ops < 0)]
    tapes += [variants.only(kept, back=back) for kept in masks for back in (False, True)]
    whole, nothing, *parts = variants.seconds(tapes)
    yield f"{problem.case.title}: {duration(whole)} an update"
    yield "\n| instructions | number | forward | backward | share |\n|---|---|---|---|---|"
    total = nothing
    for name, kept, *spent in zip(names, masks, parts[::2], parts[1::2], strict=True):
        forward, both = (seconds - nothing for seconds in spent)
        total += both
        times = f"{_signed(forward)} | {_signed(both - forward)}"
        yield f"| {name} | {int(kept.sum())} | {times} | {both / whole:.0%} |"
    yield f"| loop, E, blanks, update of θ | | {duration(nothing)} | | {nothing / whole:.0%} |"
    rest = whole - total
    yield f"| together instead of alone | | {_signed(rest)} | | {rest / whole:.0%} |"
    if isinstance(problem.network, SparseNetwork):
        yield from _stages(EditRunner(problem))


def _stages(runner: EditRunner, edits: int = 6) -> Iterator[str]:
    runner.run(2)
    runner.reset()
    runner.run(edits)
    yield "\n| edit → ready | time |\n|---|---|"
    for stage, seconds in runner.parts.items():
        yield f"| {stage} | {duration(seconds / edits)} |"


def _names(ops: NDArray[np.int64]) -> dict[str, list[int]]:
    """Return the operations of a program by what they are called."""
    return {KERNELS[op].name: [op] for op in np.unique(ops).tolist()}


def _signed(seconds: float) -> str:
    return duration(seconds) if seconds >= 0 else f"−{duration(-seconds)}"

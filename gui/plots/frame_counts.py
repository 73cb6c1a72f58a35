"""The values that histograms count, at the frames of a film and at the moment shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engine.analysis.histograms.counted_values import (
    OF_NO_ROWS,
    CountedValues,
    HistogramQuantity,
    HistogramScope,
    counted_values,
    frame_values,
)
from engine.analysis.histograms.frame_order import coarse_to_fine, spread_frames
from gui.jobs.gil_yield import GilYield

if TYPE_CHECKING:
    from engine.analysis.histograms.bins import FrameValues
    from engine.arrays.aliases import Array
    from engine.data import Prepared
    from engine.data.split import SplitName
    from engine.plan.plan import Plan
    from engine.training import Checkpoint
    from gui.jobs.job_queue import Background

_JOB = "histograms"
_FRAMES = 59  # of the film, and its end
_FEW = 15  # the same of a network that takes long
_LONG = 5_000  # steps of one
_AT_ONCE = 8  # moments of one job
_SPELL = 0.2  # seconds after which a job begins no other one


@dataclass(frozen=True, slots=True, eq=False)
class CountedSubject:
    """What is counted: plan and data, then split, quantity, scope, l1 and l2 as words."""

    plan: Plan
    data: Prepared
    words: tuple[SplitName, HistogramQuantity, HistogramScope, float, float]

    @property
    def needs_rows(self) -> bool:
        """Whether rows are run to know the values."""
        return self.words[1] not in OF_NO_ROWS

    def is_same(self, other: CountedSubject | None) -> bool:
        """Tell whether another one asks for the same."""
        if other is None or self.plan is not other.plan or self.data is not other.data:
            return False
        return self.words == other.words


class _UnwantedError(Exception):
    """Nobody awaits what is being counted."""


class _WhileWanted(GilYield):
    """Yields the interpreter, and ends the work of a job that was dropped."""

    def __init__(self, is_wanted: Callable[[], bool]) -> None:
        super().__init__()
        self._is_wanted = is_wanted

    def __call__(self) -> None:
        if not self._is_wanted():
            raise _UnwantedError
        super().__call__()


class FrameCounts:
    """Counts in the background, frames far apart first; ``changed`` is called as they come.

    Attributes
    ----------
    counted : CountedValues or None
        What is counted; None as long as that is not known.
    moment : (float, FrameValues) or None
        The values at the parameters shown, or shortly before, and after which epoch that was.
    is_current : bool
        Whether the moment is that of the parameters shown.
    refused : str
        Why nothing can be counted.
    """

    def __init__(self, background: Background, changed: Callable[[], object]) -> None:
        self._background, self._changed = background, changed
        self._dropped = 0  # how often jobs were
        self.forget()

    def forget(self) -> None:
        """Start over; what is under way is not delivered."""
        self.pause()
        self._subject: CountedSubject | None = None
        self._states: list[Checkpoint] = []
        self._known: dict[int, tuple[Array, FrameValues]] = {}  # by the identity of θ
        self.counted: CountedValues | None = None
        self.moment: tuple[float, FrameValues] | None = None
        self.is_current = False
        self.refused = ""

    def pause(self) -> None:
        """Count nothing more until `follow` is called again."""
        self._dropped += 1
        self._background.drop(_JOB)

    def follow(
        self, subject: CountedSubject, states: Sequence[Checkpoint], epoch: int, theta: Array | None
    ) -> None:
        """Count what is not yet counted.

        Parameters
        ----------
        subject : CountedSubject
            Which values.
        states : sequence of Checkpoint
            The states of the run: at most 60 are counted, at equal distances; 16 if the network
            is large and its rows are run.
        epoch, theta : int, array
            The moment that is shown; without θ it is the last state.
        """
        if not subject.is_same(self._subject):
            self.forget()
            self._subject = subject
        is_long = subject.needs_rows and len(subject.plan.steps) > _LONG
        chosen = spread_frames(len(states), _FEW if is_long else _FRAMES)
        places = dict.fromkeys([*chosen, len(states) - 1])
        self._states = [states[place] for place in places]
        if theta is None:
            epoch, theta = states[-1].epoch, states[-1].theta
        frame = next((one.theta for one in self._states if one.epoch == epoch), None)
        if frame is not None and np.array_equal(frame, theta):
            theta = frame
        self._ask(subject, float(epoch), theta)

    def columns(self, *, running: bool) -> list[tuple[float, FrameValues]]:
        """Return the epochs that have been counted, in order, with their values.

        While it runs the latest moment is among them.
        """
        at = [(one, self._known.get(id(one.theta))) for one in self._states]
        known = [(float(one.epoch), found[1]) for one, found in at if found is not None]
        now = self.moment if running else None
        return [*known, now] if now and (not known or now[0] > known[-1][0]) else known

    def _ask(self, subject: CountedSubject, epoch: float, shown: Array) -> None:
        order = [self._states[place].theta for place in coarse_to_fine(len(self._states))]
        wanted = {id(theta): theta for theta in (shown, *order)}
        self._known = {key: known for key, known in self._known.items() if key in wanted}
        self.is_current = id(shown) in self._known
        if self.is_current:
            self.moment = epoch, self._known[id(shown)][1]
        thetas = [theta for key, theta in wanted.items() if key not in self._known][:_AT_ONCE]
        is_empty = self.counted is not None and self.counted.is_empty
        if not thetas or is_empty or self.refused or _JOB in self._background.busy:
            return
        rest = _WhileWanted(partial(self._is_wanted, self._dropped))
        work = partial(_count, subject, self.counted, thetas, rest)
        moment = epoch if thetas[0] is shown else None
        take = partial(self._take, thetas, moment)
        self._background.run(_JOB, work, take, self._refuse, long=True)

    def _is_wanted(self, dropped: int) -> bool:
        return dropped == self._dropped and _JOB in self._background.busy

    def _take(
        self,
        thetas: list[Array],
        moment: float | None,
        found: tuple[CountedValues, list[FrameValues]],
    ) -> None:
        self.counted, values = found
        for theta, one in zip(thetas, values, strict=False):  # there may not have been time for all
            self._known[id(theta)] = theta, one
        if moment is not None and values:
            self.moment = moment, values[0]
        self._changed()

    def _refuse(self, sentence: str) -> None:
        self.refused = sentence
        self._changed()


def _count(
    subject: CountedSubject,
    counted: CountedValues | None,
    thetas: Sequence[Array],
    yield_gil: GilYield,
) -> tuple[CountedValues, list[FrameValues]]:
    """Count in the background, as many moments as there is time for, one at least."""
    counted = counted or counted_values(subject.plan, subject.data, *subject.words)
    found: list[FrameValues] = []
    started = time.perf_counter()
    with suppress(_UnwantedError):
        for theta in thetas if not counted.is_empty else ():
            found.append(frame_values(counted, theta, yield_gil))
            if time.perf_counter() - started > _SPELL:
                break
    return counted, found

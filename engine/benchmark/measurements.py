"""The figures of Gradwire alone, case by case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.benchmark.cases import CASES, PreparedCase, prepare
from engine.benchmark.edit_runner import EditRunner
from engine.benchmark.networks import SparseNetwork
from engine.benchmark.probe_runner import ProbeRunner
from engine.benchmark.runners import BenchmarkRunner, TapeRunner
from engine.benchmark.stopwatch import seconds_each

ALONE = (
    "xor", "small", "nielsen", "nielsen-units", "medium", "large", "irregular-100",
    "irregular-1000",
)  # fmt: skip
"""Cases that take no longer than a few seconds each."""


@dataclass(frozen=True, slots=True)
class CaseTimings:
    """What was measured of a case, in seconds.

    Parameters
    ----------
    title : str
        Of the case.
    weights : int
        Edges with a weight, however they are drawn.
    update : float
        An update: forward, backward, gradient descent.
    sample : float
        An update, for each weight and row of the batch.
    probe : float
        All values, δ, messages and gradients of a batch.
    ready : float or None
        From an edit until it could train again; None where none is made.
    """

    title: str
    weights: int
    update: float
    sample: float
    probe: float
    ready: float | None


def measure(
    names: Iterable[str] = ALONE, *, turns: int = 5, seconds: float = 0.1
) -> Iterator[CaseTimings]:
    """Measure cases (keys of ``CASES``) one after the other, as `seconds_each` does."""

    def each(runner: BenchmarkRunner) -> float:
        def work(times: int) -> None:
            runner.reset()
            runner.run(times)

        work(1)
        return seconds_each(work, turns=turns, seconds=seconds)

    for name in names:
        problem: PreparedCase = prepare(CASES[name])
        update = each(TapeRunner(problem))
        drawn = isinstance(problem.network, SparseNetwork)
        yield CaseTimings(
            problem.case.title,
            problem.network.weights,
            update,
            update / problem.samples,
            each(ProbeRunner(problem)),
            each(EditRunner(problem)) if drawn else None,
        )

"""How long the numbers of a whole canvas take: values, δ, messages, gradients."""

from __future__ import annotations

from engine.benchmark.cases import Problem
from engine.probe import Probe, probe


class ProbeRunner:
    """Probes the mean of one minibatch, again and again."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        x, y = problem.minibatches()[0]
        self._columns = {"x": x, "y": y}
        self._latest: Probe | None = None

    def reset(self) -> None:
        """Do nothing: nothing changes."""

    def run(self, updates: int) -> None:
        """Make as many probes."""
        problem, settings = self._problem, self._problem.case.settings
        for count in range(updates):
            self._latest = probe(
                problem.plan, problem.theta, self._columns, settings, len(self._columns["x"]),
                None, count,
            )  # fmt: skip

    def error(self) -> float:
        """Return E of the minibatch."""
        if self._latest is None:
            self.run(1)
        assert self._latest is not None  # just made
        return self._latest.error

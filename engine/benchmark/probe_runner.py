"""How long the numbers of a whole canvas take: values, δ, messages, gradients."""

from __future__ import annotations

from engine.benchmark.cases import PreparedCase
from engine.interpreter.probe import Probe
from engine.native import NativeProbe


class ProbeRunner:
    """Reads the mean of one minibatch, again and again, as the editor does while it plays."""

    def __init__(self, problem: PreparedCase) -> None:
        self._problem = problem
        x, y = problem.minibatches()[0]
        self._readings = NativeProbe(problem.plan, {"x": x, "y": y})
        self._rows = len(x)

    def reset(self) -> None:
        """Do nothing: nothing changes."""

    def run(self, updates: int) -> None:
        """Make as many probes."""
        for count in range(updates):
            self.read(count)

    def read(self, version: int = 0) -> Probe:
        """Make one probe."""
        problem = self._problem
        return self._readings.read(problem.theta, problem.case.settings, self._rows, None, version)

    def error(self) -> float:
        """Return E of the minibatch."""
        return self.read().error

"""The plan in NumPy, which gives a document its meaning."""

from __future__ import annotations

from engine.benchmark.cases import PreparedCase
from engine.interpreter.interpreter import Interpreter
from engine.interpreter.objective_terms import objective_terms


class PlanRunner:
    """Gradient descent on the plan, step by step."""

    def __init__(self, problem: PreparedCase) -> None:
        self._problem, self._rate = problem, problem.case.rate
        self._batches = [{"x": x, "y": y} for x, y in problem.minibatches()]
        self._theta, self._interpreter = problem.theta.copy(), Interpreter(problem.plan)

    def reset(self) -> None:
        """Return to the initial parameters."""
        self._theta[:] = self._problem.theta

    def run(self, updates: int) -> None:
        """Make updates."""
        theta = self._theta
        for k in range(updates):
            run = self._interpreter.forward(theta, self._batches[k % len(self._batches)])
            theta -= self._rate * self._interpreter.backward(theta, run).gradient

    def error(self) -> float:
        """Return E of the first minibatch."""
        run = self._interpreter.forward(self._theta, self._batches[0])
        return objective_terms(self._problem.plan, self._theta, run).total

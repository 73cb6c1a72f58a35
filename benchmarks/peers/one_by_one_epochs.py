"""``network.py`` again, epoch by epoch: its rows shuffled before each."""

from __future__ import annotations

from benchmarks.epochs import data_of, settings_of
from benchmarks.peers.one_by_one import NielsenRunner
from engine.benchmark.cases import PreparedCase
from engine.training.runners.batches import Batches


class NielsenEpochRunner(NielsenRunner):
    """An update is an epoch, its rows in the order that Gradwire's trainer takes."""

    def __init__(self, problem: PreparedCase) -> None:
        super().__init__(problem)
        self._examples = [example for batch in self._batches for example in batch]
        settings = settings_of(problem.case)
        self._order = Batches(problem.plan, data_of(problem), settings).order

    def run(self, updates: int) -> None:
        """Train epochs, from the first on."""
        size = len(self._batches[0])
        for epoch in range(updates):
            shuffled = [self._examples[row] for row in self._order(epoch)]
            for start in range(0, len(shuffled), size):
                self._update(shuffled[start : start + size])

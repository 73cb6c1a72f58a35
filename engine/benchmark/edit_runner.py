"""From an edit of the live document until it could train again."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from engine.benchmark.cases import PreparedCase
from engine.benchmark.networks import SparseNetwork
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from engine.native import lower
from graph.model.edits import Connect, Disconnect, Edge, Edit

STAGES = "edit", "compile", "initial", "lower"


class EditRunner:
    """Adds one edge and takes it away, in turns; each time compiles, initialises and lowers.

    Raises `TypeError` if the network has no neurons of its own.
    """

    def __init__(self, problem: PreparedCase) -> None:
        if not isinstance(problem.network, SparseNetwork):
            raise TypeError("an edge is added only where neurons are drawn one by one")
        names = problem.network.names
        middle = names[len(names) // 2]
        self._edge = Edge(f"{names[0]}-{middle}.again", names[0], middle, order=len(names))
        self._problem, self._document = problem, problem.document
        self._schema = {name: part.shape[1] for name, part in problem.columns.items()}
        self._spent = dict.fromkeys(STAGES, 0.0)

    @property
    def parts(self) -> Mapping[str, float]:
        """Seconds spent in each stage since the last reset."""
        return self._spent

    def reset(self) -> None:
        """Forget the time spent."""
        self._spent = dict.fromkeys(STAGES, 0.0)

    def run(self, updates: int) -> None:
        """Make as many edits."""
        settings = self._problem.case.settings
        for _ in range(updates):
            marks = [time.perf_counter()]
            self._document.apply(self._edit())
            marks.append(time.perf_counter())
            plan = compile_document(self._document, self._schema)
            marks.append(time.perf_counter())
            initial(plan, self._document, settings.seed)
            marks.append(time.perf_counter())
            lower(plan, settings.dtype, self._problem.case.batch)
            marks.append(time.perf_counter())
            for stage, start, end in zip(STAGES, marks, marks[1:], strict=False):
                self._spent[stage] += end - start

    def error(self) -> float:
        """Return NaN: nothing is trained."""
        return math.nan

    def _edit(self) -> Edit:
        there = self._edge.id in self._document.edges
        return Disconnect(self._edge.id) if there else Connect(self._edge)

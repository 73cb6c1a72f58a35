"""Emitting a whole plan, level by level: edges, matrices, functions and the other operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from engine.arrays.aliases import Integers
from engine.native.kernels.elementwise import FunctionCall
from engine.native.kernels.matrix_product import MatrixProduct
from engine.native.kernels.sources import RowsGathered
from engine.native.kernels.table import FUNCTIONS, NUMBERS
from engine.native.kernels.weighted_sums import WeightedSums
from engine.native.lowering.emit import Emission
from engine.native.lowering.instruction_runs import Dense, Places, Span, find_spans
from engine.native.lowering.row_allocation import breaks
from engine.native.lowering.sparse_neurons import Neurons
from graph.model.kinds import Role

_MOST = 3  # stretches of rows that a matrix is cut into; if there are more, they are copied
_PENALTY, _DENSE, _EDGES, _FUNCTION, _OTHER = range(5)  # what comes first in a level


@dataclass(slots=True)
class LevelEmission(Emission):
    """The emission of a plan; ``dense`` are its layers."""

    dense: Sequence[Dense]

    def add_all(self, neurons: Neurons, places: Places) -> None:
        """Emit the instructions of all levels."""
        units, order = self.units, self.rows.order
        functions = order[(units.kind[order] < FUNCTIONS) & ~units.fused[order]]
        slots = np.where(self.rows.net[order] >= 0, self.rows.net[order], order)
        others = slots[~units.single[slots] & ~np.isin(slots, functions)]
        others = others[~units.with_role(Role.INPUT, Role.TARGET)[others]]
        penalties = units.with_role(Role.PENALTY)[others]
        runs = self._function_runs(functions)
        barriers = np.zeros(int(units.level.max(initial=0)) + 1, bool)
        barriers[units.level[others[~penalties]]] = True
        barriers[[layer.spans[0].level for layer in self.dense]] = True
        barriers[[units.level[slots[0]] for slots in runs]] = True
        spans = list(find_spans(neurons, places, barriers, alike=False))
        events: list[tuple[int, int, int]] = []
        events += [(layer.spans[0].level, _DENSE, k) for k, layer in enumerate(self.dense)]
        events += [(span.level, _EDGES, k) for k, span in enumerate(spans)]
        events += [(int(units.level[slots[0]]), _FUNCTION, k) for k, slots in enumerate(runs)]
        events += [
            (int(units.level[slot]), _PENALTY if first else _OTHER, k)
            for k, (slot, first) in enumerate(zip(others, penalties, strict=True))
        ]
        for _level, sort, number in sorted(events):
            if sort == _DENSE:
                self._add_dense(number)
            elif sort == _EDGES:
                self._add_span(spans[number], spans[number].first, then=spans[number].value >= 0)
            elif sort == _FUNCTION:
                self.add_functions(runs[number])
            else:
                self.add(int(others[number]))

    def _add_span(self, span: Span, first: int, *, then: bool) -> None:
        value = max(span.value, 0)
        sums = WeightedSums(
            value, span.out, 1, 1, 0, span.p, span.q,
            neuron=first, length=span.count, net=span.out, value=value, then=int(then),
        )  # fmt: skip
        self.write(NUMBERS["edges"], sums, live=span.live)

    def _add_dense(self, number: int) -> None:
        """Emit a layer: further edges, a matrix for each stretch of its sources, functions."""
        layer, lists = self.dense[number], self.edges
        span, count, keep = layer.spans[0], len(layer.members), 0
        width, biases = len(layer.columns), layer.biases is not None and not layer.mixed
        if layer.mixed:
            self._add_span(replace(span, count=count), lists.first[number], then=False)
            keep = 1
        for start, stop, row in self._stretches(layer):
            theta, bias = lists.matrices[number] + start, max(lists.matrix_biases[number], 0)
            product = MatrixProduct(
                span.out, count, row, stop - start, int(span.needs), 0, theta, width,
                bias=bias, biased=count if biases and not keep else 0, keep=keep, fresh=0,
            )  # fmt: skip
            self.write(NUMBERS["matrix"], product, live=span.live)
            keep = 1
        for span in layer.spans:
            if span.value >= 0:
                call = FunctionCall(span.value, span.out, span.count, 1, 0, span.p, span.q)
                self.write(span.then - 1, call, live=span.live)

    def _stretches(self, layer: Dense) -> list[tuple[int, int, int]]:
        """Return which of the layer's columns lie from which row on; copy them if too scattered."""
        cuts = breaks(np.diff(layer.columns) != 1).tolist()
        if len(cuts) - 1 <= _MOST:
            return [(a, b, int(layer.columns[a])) for a, b in pairwise(cuts)]
        span, count = layer.spans[0], len(layer.columns)
        row, self.height = self.height, self.height + count
        first = self.listed("gathered", layer.columns.tolist())
        gathered = RowsGathered(row, count, first)
        self.write(NUMBERS["gather"], gathered, live=span.live and span.needs)
        return [(0, count, row)]

    def _function_runs(self, slots: Integers) -> list[Integers]:
        """Return slots of functions alike whose rows and sources follow each other."""
        if not len(slots):
            return []
        units, rows = self.units, self.rows
        read = units.inputs[units.starts[slots]]
        width, live = units.width[slots], (units.live & units.needed)[slots]
        same = (units.level[slots], units.kind[slots], live, units.needed[read])
        follows = (rows.first[slots], rows.first[read])
        cuts = breaks(
            *(x[1:] != x[:-1] for x in same),
            *(x[1:] != x[:-1] + width[:-1] for x in follows),
            (np.diff(units.constants[slots], axis=0) != 0).any(axis=1),
        )
        return np.split(slots, cuts[1:-1])

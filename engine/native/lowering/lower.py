"""Lowering: a plan becomes the arrays of a `Program`.

Neurons drawn one by one that read the same become matrices, the others runs of single edges;
alike functions side by side become one instruction. θ is put into the order in which it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.columnar import ragged_positions
from engine.native.kernels.elementwise import FunctionCall
from engine.native.kernels.matrix_product import MatrixProduct
from engine.native.kernels.row_loading import ColumnsLoaded
from engine.native.kernels.sources import RowsGathered, SharedCopied
from engine.native.kernels.table import FUNCTIONS, NUMBERS
from engine.native.kernels.weighted_sums import WeightedSums
from engine.native.lowering.emit import Emission, pack
from engine.native.lowering.fusion import KINDS, find_units
from engine.native.lowering.instruction_runs import (
    Dense,
    Places,
    Span,
    find_dense,
    find_places,
    find_spans,
)
from engine.native.lowering.layer_detection import find_layers
from engine.native.lowering.row_allocation import allocate_rows, breaks
from engine.native.lowering.sparse_neurons import Neurons, find_neurons
from engine.native.lowering.theta_order import Order, list_edges
from engine.native.lowering.zero_ranges import mark_zero_ranges
from engine.native.machine.program import Program
from engine.plan.plan import Plan

_MOST = 3  # stretches of rows that a matrix is cut into; if there are more, they are copied
_PENALTY, _DENSE, _EDGES, _FUNCTION, _OTHER = range(5)  # what comes first in a level
_LOADED = [KINDS[kind] for kind in ("input", "target")]
_PENALTIES = [KINDS[kind] for kind in ("l1_penalty", "l2_penalty")]


@dataclass(frozen=True, slots=True)
class Lowered:
    """A program and how to talk to it.

    ``rows`` it needs; ``row`` is the first one of each value slot (−1: none); ``layout`` the first
    column of the table for each input's columns; ``order`` that of θ.
    """

    program: Program
    rows: int
    row: Integers
    layout: Mapping[tuple[str, ...], int]
    order: Order


def lower_plan(plan: Plan, dtype: str, *, every: bool = False) -> Lowered:
    """Lower a plan; see `engine.native.lower`."""
    units = find_units(plan, every=every)
    neurons = find_neurons(units)
    layers = find_layers(neurons, int(units.components[-1]))
    rows = allocate_rows(units, neurons, layers)
    source = np.repeat(rows.first, units.width) + ragged_positions(units.components)
    source = source[neurons.sources]
    dense = list(find_dense(units, neurons, layers, rows, source))
    places = find_places(units, neurons, rows, np.flatnonzero(layers.of < 0))
    edges = list_edges(units, neurons, layers, source, places, dense)
    lowering = _Lowering(units, rows, edges, dense)
    lowering.add_all(neurons, places)
    return lowering.finish(dtype)


@dataclass(slots=True)
class _Lowering(Emission):
    dense: Sequence[Dense]

    def add_all(self, neurons: Neurons, places: Places) -> None:
        """Emit the instructions of all levels."""
        units, order = self.units, self.rows.order
        functions = order[(units.kind[order] < FUNCTIONS) & ~units.fused[order]]
        slots = np.where(self.rows.net[order] >= 0, self.rows.net[order], order)
        others = slots[~units.single[slots] & ~np.isin(slots, functions)]
        others = others[~np.isin(units.kind[others], _LOADED)]
        penalties = np.isin(units.kind[others], _PENALTIES)
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

    # -- the whole -----------------------------------------------------------------------------

    def finish(self, real: str) -> Lowered:
        """Return the arrays."""
        plan, edges = self.plan, self.edges
        layout, loads = self._layout()
        head: list[tuple[str, NamedTuple, bool]] = [("load", ColumnsLoaded(len(loads)), False)]
        if len(edges.ties):
            head.append(("tie", SharedCopied(len(edges.ties)), True))
        names, first, live = zip(*head, strict=True)
        ops = np.array([*(NUMBERS[name] for name in names), *self.ops], np.int64)
        values = [x.value for x in plan.losses] + [x.value for x in plan.penalties]
        shares = [x.importance for x in plan.losses] + [-1.0] * len(plan.penalties)
        program = Program(
            real,
            ops,
            np.array([*live, *self.live], bool),
            pack(ops, [*first, *self.code], real),
            _pairs(loads, 3),
            np.array(self.lists["numbers"], real),
            edges.pointers,
            edges.senders,
            edges.sources,
            edges.biases,
            edges.functions,
            np.array(self.lists["gathered"], np.int64),
            edges.ties,
            _pairs(self.lists["operands"], 2),
            _pairs(self.lists["covers"], 2),
            self.rows.first[values],
            np.array(shares, np.float64),
            _pairs([], 2),
            _pairs([], 2),
        )
        size = len(edges.inside) + len(edges.ties)
        program = mark_zero_ranges(program, self.height, size, every=self.units.every)
        return Lowered(program, self.height, self.rows.first, layout, edges.order)

    def _layout(self) -> tuple[dict[tuple[str, ...], int], list[list[int]]]:
        """Return where columns stand in the table, and what is loaded, side by side."""
        layout: dict[tuple[str, ...], int] = {}
        loads: list[list[int]] = []
        end = 0
        for row, references, width in sorted(self._inputs()):
            column = layout.setdefault(references, end)
            end = max(end, column + width)
            if loads and [row - loads[-1][2], column - loads[-1][2]] == loads[-1][:2]:
                loads[-1][2] += width
            else:
                loads.append([row, column, width])
        return layout, loads

    def _inputs(self) -> list[tuple[int, tuple[str, ...], int]]:
        found = []
        for slot in np.flatnonzero(np.isin(self.units.kind, _LOADED)).tolist():
            references = self.plan.steps[slot].params["columns"]
            assert isinstance(references, tuple)  # as it was compiled
            place = int(self.rows.first[slot]), tuple(map(str, references))
            found.append((*place, self.plan.widths[slot]))
        return found


def _pairs(rows: Sequence[Sequence[int]], width: int) -> Any:
    return np.array(rows, np.int64).reshape(-1, width)

"""Lowering: a plan becomes the arrays of a `Program`.

Neurons drawn one by one that read the same become matrices, the others runs of single edges;
alike functions side by side become one instruction. θ is put into the order in which it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.columnar import ragged_positions
from engine.native.lowering.emit import Emission
from engine.native.lowering.fusion import FUNCTIONS, KINDS, find_units
from engine.native.lowering.instruction_runs import (
    Dense,
    Places,
    Span,
    find_dense,
    find_places,
    find_spans,
)
from engine.native.lowering.layer_detection import find_layers
from engine.native.lowering.row_allocation import breaks, deal_rows
from engine.native.lowering.sparse_neurons import Neurons, find_neurons
from engine.native.lowering.theta_order import Order, list_edges
from engine.native.lowering.zero_ranges import mark_blanks
from engine.native.machine.instructions import (
    COUNT,
    EDGES,
    GATHER,
    LIVE,
    LOAD,
    MATRIX,
    OP,
    ROWS,
    TIE,
    WIDTH,
    Program,
)
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
    rows = deal_rows(units, neurons, layers)
    source = np.repeat(rows.first, units.width) + ragged_positions(units.components)
    source = source[neurons.sources]
    dense = list(find_dense(units, neurons, layers, rows, source))
    places = find_places(units, neurons, rows, np.flatnonzero(layers.of < 0))
    listing = list_edges(units, neurons, layers, source, places, dense)
    lowering = _Lowering(units, rows, listing, dense)
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
        walls = np.zeros(int(units.level.max(initial=0)) + 1, bool)
        walls[units.level[others[~penalties]]] = True
        walls[[layer.spans[0].level for layer in self.dense]] = True
        walls[[units.level[slots[0]] for slots in runs]] = True
        spans = list(find_spans(neurons, places, walls, alike=False))
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
                self._add_span(spans[number], spans[number].first, functions=True)
            elif sort == _FUNCTION:
                self._add_functions(runs[number])
            else:
                self.add(int(others[number]))

    def _add_span(self, span: Span, first: int, *, functions: bool) -> None:
        then = int(functions and span.value >= 0)
        place = {"a": first, "then": then, "z": max(span.value, 0)}
        self.write(EDGES, span.out, span.count, live=span.live, p=span.p, q=span.q, **place)

    def _add_dense(self, number: int) -> None:
        """Emit a layer: further edges, a matrix for each stretch of its sources, functions."""
        layer = self.dense[number]
        span, count, keep = layer.spans[0], len(layer.members), 0
        live, width = span.live, len(layer.columns)
        if layer.mixed:
            first, keep = self.listing.first[number], 1
            self.write(EDGES, span.out, count, live=live, a=first)
        for start, stop, row in self._stretches(layer):
            theta = self.listing.matrices[number] + start
            place = {"a": row, "a_rows": stop - start, "theta": theta, "stride": width}
            if not keep and layer.biases is not None:
                place |= {"b": self.listing.matrix_biases[number], "b_rows": count}
            place |= {"keep": keep, "need_a": int(span.needs)}
            self.write(MATRIX, span.out, count, live=live, **place)
            keep = 1
        if len(layer.spans) == 1 and span.value >= 0:
            self.then(span.then, span.value, span.p, span.q)
            return
        for span in layer.spans:
            if span.value >= 0:
                place = {"a": span.out, "a_rows": span.count, "need_a": 1}
                number = span.then - 1
                self.write(number, span.value, span.count, span.p, span.q, live=live, **place)

    def _stretches(self, layer: Dense) -> list[tuple[int, int, int]]:
        """Return which of the layer's columns lie from which row on; copy them if too scattered."""
        cuts = breaks(np.diff(layer.columns) != 1).tolist()
        if len(cuts) - 1 <= _MOST:
            return [(a, b, int(layer.columns[a])) for a, b in pairwise(cuts)]
        span, count = layer.spans[0], len(layer.columns)
        row, self.height = self.height, self.height + count
        place = {"a": len(self.gathered), "need_a": int(span.needs)}
        self.write(GATHER, row, count, live=span.live and span.needs, **place)
        self.gathered += layer.columns.tolist()
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

    def _add_functions(self, slots: Integers) -> None:
        """Emit one instruction for functions alike."""
        first, height = int(slots[0]), int(self.units.width[slots].sum())
        p, q = self.units.constants[first]
        reads = self.reads(int(self.units.inputs[self.units.starts[first]]))
        self.emit(int(self.units.kind[first]), first, p, q, **{**reads, "a_rows": height})
        self.code[-1][ROWS] = height

    # -- the whole -----------------------------------------------------------------------------

    def finish(self, dtype: str) -> Lowered:
        """Return the arrays."""
        plan, listing = self.plan, self.listing
        layout, loads = self._layout()
        head: list[list[int]] = [[0] * WIDTH for _ in range(2)]
        head[0][OP], head[0][COUNT] = LOAD, len(loads)
        head[1][OP], head[1][LIVE], head[1][COUNT] = TIE, 1, len(listing.ties)
        head = head if len(listing.ties) else head[:1]
        values = [x.value for x in plan.losses] + [x.value for x in plan.penalties]
        shares = [x.importance for x in plan.losses] + [-1.0] * len(plan.penalties)
        program = Program(
            np.array([*head, *self.code], np.int64),
            np.array([(0.0, 0.0)] * len(head) + self.constants, dtype),
            _pairs(loads, 3),
            np.array(self.numbers, dtype),
            listing.pointers,
            listing.senders,
            listing.sources,
            listing.biases,
            listing.functions,
            np.array(self.gathered, np.int64),
            listing.ties,
            _pairs(self.operands, 2),
            _pairs(self.covers, 2),
            self.rows.first[values],
            np.array(shares, np.float64),
            _pairs([], 2),
            _pairs([], 2),
        )
        size = len(listing.inside) + len(listing.ties)
        program = mark_blanks(program, self.height, size, every=self.units.every)
        return Lowered(program, self.height, self.rows.first, layout, listing.order)

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

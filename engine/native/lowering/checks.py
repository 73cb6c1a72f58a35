"""What holds after each pass; tests switch the checks on, training does not pay for them."""

from __future__ import annotations

import numpy as np

from engine.arrays.aliases import Flags
from engine.errors import PlanError
from engine.native.kernels.table import KERNELS
from engine.native.lowering.fusion import Units
from engine.native.lowering.layer_detection import DetectedLayers
from engine.native.lowering.row_allocation import RowAllocation
from engine.native.lowering.sparse_neurons import Neurons
from engine.native.lowering.theta_order import EdgeLists
from engine.native.machine.program import Program
from engine.native.runtime.kernel import Fields


def _hold(condition: object, what: str) -> None:
    if not condition:
        raise PlanError(f"lowering: {what}")


def check_units(units: Units) -> None:
    """After ``fuse`` and ``mark_live``: what is read comes first, and is live if its reader is."""
    slots = np.arange(len(units.kind))
    reader = np.repeat(slots, np.diff(units.starts))
    _hold((units.inputs < reader).all(), "a step reads a later one")
    inlined = units.absorbed | units.fused | (units.same != slots)
    lower = units.level[units.inputs] < units.level[reader] + inlined[reader]
    _hold(lower.all(), "a step is not above what it reads")
    _hold((units.same <= slots).all() and (units.same[units.same] == units.same).all(), "rows")
    _hold(units.needed[reader[units.needed[units.inputs]]].all(), "a needed value's reader is not")
    _hold(not (units.absorbed & units.fused).any(), "a step is absorbed and fused")


def check_layers(neurons: Neurons, layers: DetectedLayers) -> None:
    """After ``find_layers``: the neurons of a layer have a level and common sources."""
    for number in range(layers.count):
        members = np.flatnonzero(layers.of == number)
        edges = neurons.edges(members)
        core = np.sort(neurons.sources[edges[layers.core[edges]]].reshape(len(members), -1), axis=1)
        _hold((core == core[0]).all(), "the sources of a layer differ")
        _hold((np.diff(core[0]) > 0).all(), "a layer reads a source twice")
        _hold(len(np.unique(neurons.level[members])) == 1, "a layer has several levels")


def check_rows(units: Units, rows: RowAllocation) -> None:
    """After ``allocate_rows``: every value has rows of its own, unless it shares them."""
    own = np.flatnonzero((units.same == np.arange(len(units.same))) & ~units.absorbed)
    used = np.zeros(rows.count, np.int64)
    for slot in own.tolist():
        used[rows.first[slot] : rows.first[slot] + units.width[slot]] += 1
    _hold((used == 1).all(), "rows overlap or are nobody's")
    _hold((rows.first[units.absorbed] == -1).all(), "what is absorbed has rows")


def check_order(edges: EdgeLists, size: int) -> None:
    """After ``list_edges``: each entry of θ has one place in the program's order."""
    places = edges.native_place
    _hold(len(places) == size and len(np.unique(places)) == size, "entries of θ share a place")
    _hold(not np.isin(edges.ties[:, 1], places).any(), "a copy is an entry of θ itself")


def check_program(program: Program, rows: int, size: int) -> None:
    """After all passes: instructions read what earlier ones wrote, and nothing beyond the ends."""
    _hold(len(program.ops) == len(program.live) == len(program.code), "lengths differ")
    written = np.zeros(rows, bool)
    for first, _column, count in program.loads.tolist():
        written[first : first + count] = True
    for number, op in enumerate(program.ops.tolist()):
        kernel = KERNELS[op]
        c = program.fields(np.array([number]), kernel)
        own, read = _rows_written(c), kernel.reads(c, program)
        if "net" in c.dtype.names:  # of its neurons, one may read another
            _write(written, own)
        for first, count, _times in read:
            for start, stop in zip(first.tolist(), (first + count).tolist(), strict=True):
                _hold(0 <= start <= stop <= rows, f"{kernel.name} reads beyond the arena")
                _hold(written[start:stop].all(), f"{kernel.name} reads what nobody wrote")
        _hold(all(0 <= a <= b <= rows for a, b in own), f"{kernel.name} writes beyond the arena")
        _write(written, own)
    for ranges, end in ((program.blank, rows), (program.blank_gradient, size)):
        _hold((ranges >= 0).all() and (ranges <= end).all(), "zeros beyond the end")


def _rows_written(c: Fields) -> list[tuple[int, int]]:
    fields = {name: int(c[name][0]) for name in c.dtype.names or ()}
    if "net" in fields:
        starts = [fields["net"], *([fields["value"]] if fields["then"] else [])]
        return [(start, start + fields["length"]) for start in starts]
    return [(fields["out"], fields["out"] + fields["rows"])] if "out" in fields else []


def _write(written: Flags, ranges: list[tuple[int, int]]) -> None:
    for start, stop in ranges:
        written[start:stop] = True

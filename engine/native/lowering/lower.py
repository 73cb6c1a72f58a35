"""Lowering: a plan becomes the arrays of a `Program`, pass by pass.

Neurons drawn one by one that read the same become matrices, the others runs of single edges;
alike functions side by side become one instruction. θ is put into the order in which it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.columnar import ragged_positions
from engine.native.lowering import checks
from engine.native.lowering.assembly import assemble
from engine.native.lowering.fusion import fuse
from engine.native.lowering.instruction_runs import find_dense, find_places
from engine.native.lowering.layer_detection import find_layers
from engine.native.lowering.levels import LevelEmission
from engine.native.lowering.liveness import mark_live
from engine.native.lowering.row_allocation import allocate_rows
from engine.native.lowering.sparse_neurons import find_neurons
from engine.native.lowering.theta_order import Order, list_edges
from engine.native.lowering.zero_ranges import mark_zero_ranges
from engine.native.machine.program import Program
from engine.plan.plan import Plan


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


def lower_plan(plan: Plan, dtype: str, *, every: bool = False, checked: bool = False) -> Lowered:
    """Lower a plan; see `engine.native.lower`.

    Parameters
    ----------
    checked : bool
        Whether what each pass returns is checked: see ``checks``.
    """
    units = fuse(plan, every=every)
    mark_live(units)
    neurons = find_neurons(units)
    layers = find_layers(neurons, int(units.components[-1]))
    rows = allocate_rows(units, neurons, layers)
    source = np.repeat(rows.first, units.width) + ragged_positions(units.components)
    source = source[neurons.sources]
    dense = list(find_dense(units, neurons, layers, rows, source))
    places = find_places(units, neurons, rows, np.flatnonzero(layers.of < 0))
    edges = list_edges(units, neurons, layers, source, places, dense)
    emission = LevelEmission(units, rows, edges, dense)
    emission.add_all(neurons, places)
    program, layout = assemble(emission, dtype)
    size = len(edges.native_place) + len(edges.ties)
    values = rows.first, units.width
    program = mark_zero_ranges(program, values, emission.height, size, every=every)
    if checked:
        checks.check_units(units)
        checks.check_layers(neurons, layers)
        checks.check_rows(units, rows)
        checks.check_order(edges, plan.size)
        checks.check_program(program, emission.height, size)
    return Lowered(program, emission.height, rows.first, layout, edges.order)

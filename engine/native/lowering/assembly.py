"""The arrays of a program, from what was emitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.native.kernels.row_loading import ColumnsLoaded
from engine.native.kernels.sources import SharedCopied
from engine.native.kernels.table import NUMBERS
from engine.native.lowering.emit import Emission, pack
from engine.native.machine.program import Program
from graph.model.kinds import Role


def assemble(emission: Emission, real: str) -> tuple[Program, Mapping[tuple[str, ...], int]]:
    """Return the program, but for its zero ranges, and where the table has which columns."""
    plan, edges, lists = emission.plan, emission.edges, emission.lists
    layout, loads = _layout(emission)
    head: list[tuple[str, NamedTuple, bool]] = [("load", ColumnsLoaded(len(loads)), False)]
    if len(edges.ties):
        head.append(("tie", SharedCopied(len(edges.ties)), True))
    names, first, live = zip(*head, strict=True)
    ops = np.array([*(NUMBERS[name] for name in names), *emission.ops], np.int64)
    values = [x.value for x in plan.losses] + [x.value for x in plan.penalties]
    shares = [x.importance for x in plan.losses] + [-1.0] * len(plan.penalties)
    program = Program(
        real,
        ops,
        np.array([*live, *emission.live], bool),
        pack(ops, [*first, *emission.code], real),
        _pairs(loads, 3),
        np.array(lists["numbers"], real),
        edges.pointers,
        edges.senders,
        edges.sources,
        edges.biases,
        edges.functions,
        np.array(lists["gathered"], np.int64),
        edges.ties,
        _pairs(lists["operands"], 2),
        _pairs(lists["covers"], 2),
        emission.rows.first[values],
        np.array(shares, np.float64),
        _pairs([], 2),
        _pairs([], 2),
    )
    return program, layout


def _layout(emission: Emission) -> tuple[dict[tuple[str, ...], int], list[list[int]]]:
    """Return where columns stand in the table, and what is loaded, side by side."""
    layout: dict[tuple[str, ...], int] = {}
    loads: list[list[int]] = []
    end = 0
    for row, references, width in sorted(_inputs(emission)):
        column = layout.setdefault(references, end)
        end = max(end, column + width)
        if loads and [row - loads[-1][2], column - loads[-1][2]] == loads[-1][:2]:
            loads[-1][2] += width
        else:
            loads.append([row, column, width])
    return layout, loads


def _inputs(emission: Emission) -> list[tuple[int, tuple[str, ...], int]]:
    found = []
    for slot in np.flatnonzero(emission.units.with_role(Role.INPUT, Role.TARGET)).tolist():
        references = emission.plan.steps[slot].params["columns"]
        assert isinstance(references, tuple)  # as it was compiled
        place = int(emission.rows.first[slot]), tuple(map(str, references))
        found.append((*place, emission.plan.widths[slot]))
    return found


def _pairs(rows: Sequence[Sequence[int]], width: int) -> Any:
    return np.array(rows, np.int64).reshape(-1, width)

"""Putting the patterns of all nodes one behind the other: the integer columns of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.columnar import ComposedNames, Ragged, ends, integers, numbered
from engine.compiler.node_steps import Name, Pattern


@dataclass(frozen=True, slots=True)
class Instantiated:
    """The steps of all nodes, by column.

    Parameters
    ----------
    names, slots : ComposedNames
        Node ids of the steps, names of the slots.
    outputs : (nodes,) array
        By node, the step that writes its value.
    owners, form, widths : (steps,) arrays
        By step: its node, number of its form, width.
    reads, uses : Ragged
        By step, the steps it reads and the slots it uses.
    slot_owners, drafts : (slots,) arrays
        By slot: its node, and its draft among those of all patterns one behind the other.
    edges : three arrays
        Edge (by place among those of all nodes in a row), the step that reads it, the position.
    weights : two arrays
        Edge, and the slot of the weight it carries.
    """

    names: ComposedNames
    slots: ComposedNames
    outputs: Integers
    owners: Integers
    form: Integers
    widths: Integers
    reads: Ragged
    uses: Ragged
    slot_owners: Integers
    drafts: Integers
    edges: tuple[Integers, Integers, Integers]
    weights: tuple[Integers, Integers]


def stamp(
    patterns: Sequence[Pattern], chosen: Integers, wires: Ragged, ids: tuple[str, ...]
) -> Instantiated:
    """Put patterns one behind the other.

    Parameters
    ----------
    patterns : sequence of Pattern
        The patterns there are.
    chosen : (nodes,) array
        The number of each node's pattern.
    wires : Ragged
        By node, the nodes its edges come from.
    ids : tuple of str
        Of all nodes, then of their edges in a row, then an empty one.
    """
    form = Ragged.of([pattern.forms for pattern in patterns]).take(chosen)
    widths = Ragged.of([pattern.widths for pattern in patterns]).take(chosen)
    bounds = ends([len(pattern.drafts) for pattern in patterns])
    drafts = Ragged(bounds, np.arange(bounds[-1])).take(chosen)
    outputs = form.starts[:-1] + integers([pattern.output for pattern in patterns])[chosen]

    reads, reader = _lists([pattern.reads for pattern in patterns], chosen)
    inside, read = reads.numbers >= 0, reads.numbers
    read[inside] += form.starts[reader[inside]]
    read[~inside] = outputs[wires.numbers[wires.starts[reader[~inside]] + ~read[~inside]]]
    uses, user = _lists([pattern.uses for pattern in patterns], chosen)
    uses.numbers[:] += drafts.starts[user]

    (edge, step, position), node = _columns([pattern.edges for pattern in patterns], 3, chosen)
    (weighted, weight), neuron = _columns([pattern.weights for pattern in patterns], 2, chosen)
    return Instantiated(
        _names([pattern.names for pattern in patterns], chosen, wires, ids),
        _names([pattern.slots for pattern in patterns], chosen, wires, ids),
        outputs,
        form.owners,
        form.numbers,
        widths.numbers,
        reads,
        uses,
        drafts.owners,
        drafts.numbers,
        (wires.starts[node] + edge, form.starts[node] + step, position),
        (wires.starts[neuron] + weighted, drafts.starts[neuron] + weight),
    )


def _names(
    parts: Sequence[Sequence[Name]], chosen: Integers, wires: Ragged, ids: tuple[str, ...]
) -> ComposedNames:
    """Return the names of the patterns, made of the ids of all nodes and edges."""
    endings, ending = numbered([end for part in parts for _, end in part])
    whose = Ragged.of([[owner for owner, _ in part] for part in parts])
    taken = whose.take(chosen)
    node, number = taken.owners, taken.numbers
    place = np.where(number == 1, node, len(chosen) + wires.starts[node] + number - 2)
    place[number == 0] = len(ids) - 1
    each = Ragged(whose.starts, integers(ending)).take(chosen).numbers
    return ComposedNames(ids, place.astype(np.int32), endings, each.astype(np.int32))


def _lists(parts: Sequence[Sequence[Sequence[int]]], chosen: Integers) -> tuple[Ragged, Integers]:
    """Return lists by step of all nodes, and the node of each number."""
    counts = Ragged.of([[len(numbers) for numbers in part] for part in parts]).take(chosen)
    flat = Ragged.of([[number for numbers in part for number in numbers] for part in parts])
    taken = flat.take(chosen)
    return Ragged(ends(counts.numbers), taken.numbers), taken.owners


def _columns(
    parts: Sequence[Sequence[tuple[int, ...]]], width: int, chosen: Integers
) -> tuple[list[Integers], Integers]:
    """Return each column of the patterns' rows for all nodes, and the node of each row."""
    taken = [
        Ragged.of([[row[column] for row in part] for part in parts]).take(chosen)
        for column in range(width)
    ]
    return [column.numbers for column in taken], taken[0].owners

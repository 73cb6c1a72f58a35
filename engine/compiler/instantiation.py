"""The steps of all nodes one behind the other: the integer columns of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    reads : Ragged
        By step, the steps it reads.
    uses : (steps + 1,) array
        Where the slots of each step start among all.
    slot_owners, slot_specs : (slots,) arrays
        By slot: its node, and its number among the slots of all patterns in a row.
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
    uses: Integers
    slot_owners: Integers
    slot_specs: Integers
    edges: tuple[Integers, Integers, Integers]
    weights: tuple[Integers, Integers]


def instantiate(
    patterns: Sequence[Pattern], chosen: Integers, wires: Ragged, ids: tuple[str, ...]
) -> Instantiated:
    """Concatenate the patterns of all nodes.

    Parameters
    ----------
    patterns : sequence of Pattern
        The patterns there are.
    chosen : (nodes,) array
        The number of each node's pattern.
    wires : Ragged
        By node, the nodes its edges come from.
    ids : tuple of str
        Of all nodes, then of their edges in a row.
    """
    all_steps = [pattern.steps for pattern in patterns]

    def taken(lists: Iterable[Sequence[int]]) -> Ragged:
        return Ragged.of(list(lists)).take(chosen)

    form = taken(steps.forms for steps in all_steps)
    bounds = ends([len(steps.slots) for steps in all_steps])
    slots = Ragged(bounds, np.arange(bounds[-1])).take(chosen)

    read = taken([x for read in steps.reads for x in read] for steps in all_steps)
    node, numbers, outputs = read.owners, read.numbers, form.starts[1:] - 1
    counts = taken([len(read) for read in steps.reads] for steps in all_steps).numbers
    reads = Ragged(ends(counts), numbers)
    outside = np.flatnonzero(numbers < 0)
    edges = wires.starts[node[outside]] + ~numbers[outside]
    numbers += form.starts[node]
    numbers[outside] = outputs[wires.numbers[edges]]
    readers = reads.owners[outside]

    carrying = taken([edge for edge, _ in steps.weights] for steps in all_steps)
    weight = taken([slot for _, slot in steps.weights] for steps in all_steps)
    neuron = carrying.owners
    return Instantiated(
        _names([steps.names for steps in all_steps], chosen, wires, ids),
        _names([[slot.name for slot in steps.slots] for steps in all_steps], chosen, wires, ids),
        outputs,
        form.owners,
        form.numbers,
        taken(pattern.widths for pattern in patterns).numbers,
        reads,
        ends(taken(steps.uses for steps in all_steps).numbers),
        slots.owners,
        slots.numbers,
        (edges, readers, outside - reads.starts[readers]),
        (wires.starts[neuron] + carrying.numbers, slots.starts[neuron] + weight.numbers),
    )


def _names(
    parts: Sequence[Sequence[Name]], chosen: Integers, wires: Ragged, ids: tuple[str, ...]
) -> ComposedNames:
    """Return the names of the patterns, made of the ids of all nodes and edges."""
    endings, ending = numbered([ending for part in parts for _, ending in part])
    whose = Ragged.of([[whose for whose, _ in part] for part in parts])
    taken = whose.take(chosen)
    node, number = taken.owners, taken.numbers
    place = np.where(number == 0, node, len(chosen) + wires.starts[node] + number - 1)
    each = Ragged(whose.starts, integers(ending)).take(chosen).numbers
    return ComposedNames(ids, place.astype(np.int32), endings, each.astype(np.int32))

"""How many components meet in a unit, and how many units read a source: for initialisers."""

from __future__ import annotations

import numpy as np

from engine.arrays.columnar import Flags, Integers, Small
from engine.plan.steps import Steps


def fans(steps: Steps, widths: Integers, parameters: int) -> tuple[Small, Small]:
    """Return fan in and fan out of every parameter, two arrays (p,); 1 if it is no weight.

    Fan in counts all components whose weighted values are added up in the same unit; fan out,
    all components that read the same source through a weight. In a layered network both are the
    widths of the layers, however it is drawn: as layers, neuron by neuron, or expanded into
    single operations. A shared weight takes the largest of its uses.

    Parameters
    ----------
    steps : Steps
        The plan's steps; those with a slot ``weight`` are the weights.
    widths : (n,) array
        Width of each value slot.
    parameters : int
        p, how many parameters there are.
    """
    has_weight = steps.chosen("weight" in form.slots for form in steps.forms)
    weighted = np.flatnonzero(has_weight & (steps.reads.counts == 1))
    sources = steps.reads.numbers[steps.reads.starts[weighted]]
    fan_out = np.bincount(sources, widths[weighted], len(steps)).astype(np.int64)[sources]
    into = np.zeros(len(steps), np.int64)
    into[weighted] = widths[sources]
    fan_in = _added_up(steps, into, steps.kind("sum"))[weighted]
    used = _weights(steps)[weighted]
    result = np.zeros((2, parameters), np.int32)
    np.maximum.at(result[0], used, fan_in)
    np.maximum.at(result[1], used, fan_out)
    result[:, result[0] == 0] = 1
    return result[0], result[1]


def _added_up(steps: Steps, into: Integers, is_sum: Flags) -> Integers:
    """Return the components that meet where a weight's value is added, its own if nowhere, (n,)."""
    sources, readers = steps.reads.numbers, steps.reads.owners
    read_by = np.bincount(sources, minlength=len(steps))
    totals = steps.reads.total(into[sources])
    once = is_sum[readers] & (read_by[sources] == 1)
    result = into.copy()
    result[sources[once]] = totals[readers[once]]
    return result


def _weights(steps: Steps) -> Integers:
    """Return the index of the parameter in the slot ``weight`` of each step that has one, (n,)."""
    place = [form.slots.index("weight") if "weight" in form.slots else 0 for form in steps.forms]
    firsts = steps.uses.starts[:-1] + np.array(place, np.int64)[steps.form]
    padded = np.append(steps.uses.numbers, 0)
    found: Integers = padded[np.minimum(firsts, len(padded) - 1)]
    return found

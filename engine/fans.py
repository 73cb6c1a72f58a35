"""How many components meet in a unit, and how many units read a source: for initialisers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.plan import Step


def fans(steps: Sequence[Step], widths: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    """Return (fan in, fan out) of every weight, by parameter index.

    Fan in counts all components whose weighted values are added up in the same unit; fan out,
    all components that read the same source through a weight. In a layered network both are the
    widths of the layers, however it is drawn: as layers, neuron by neuron, or expanded into
    single operations. A shared weight takes the largest of its uses.

    Parameters
    ----------
    steps : sequence of Step
        The plan's steps; those with a slot ``weight`` are the weights.
    widths : sequence of int
        Width of each value slot.
    """
    weighted = [step for step in steps if "weight" in step.slots and len(step.inputs) == 1]
    read_by = {step.output: 0 for step in weighted}
    fan_out: dict[int, int] = {}
    for step in weighted:
        source = step.inputs[0]
        fan_out[source] = fan_out.get(source, 0) + widths[step.output]
    into = {step.output: widths[step.inputs[0]] for step in weighted}
    fan_in = dict(into)
    for step in steps:
        for slot in step.inputs:
            if slot in read_by:
                read_by[slot] += 1
        if step.op.spec.kind == "sum":
            total = sum(into.get(slot, 0) for slot in step.inputs)
            fan_in.update((slot, total) for slot in step.inputs if slot in into)
    result: dict[int, tuple[int, int]] = {}
    for step in weighted:
        index = step.slots["weight"]
        own = into[step.output] if read_by[step.output] != 1 else fan_in[step.output]
        before = result.get(index, (0, 0))
        result[index] = (max(own, before[0]), max(fan_out[step.inputs[0]], before[1]))
    return result

"""Parameters while compiling: from the slots that use them to their places in θ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from engine.arrays.aliases import Flags, Integers, Small
from engine.arrays.columnar import ComposedNames, ends, integers
from engine.errors import PlanError, ShapeError
from engine.plan.parameter_table import ParameterTable
from engine.plan.steps import Steps
from graph.model.document import Document
from graph.model.kinds import Shape

LARGEST = 2**28
"""Most entries of θ, 2 GiB in float64: a mistyped width is refused, not allocated."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The trainable slots of a document in the order of first use, by column.

    Parameters
    ----------
    names, owners : ComposedNames
        As the document names them: ``h1.bias``, ``x1-h1.weight``; the node each is of.
    shapes, initializers : tuples
        The shapes and initialisers that there are.
    shape, initializer, is_bias : (n,) arrays
        Which one each slot has; whether it is no weight.
    """

    names: ComposedNames
    owners: ComposedNames
    shapes: tuple[Shape, ...]
    shape: Small
    initializers: tuple[str, ...]
    initializer: Small
    is_bias: Flags


@dataclass(frozen=True, slots=True)
class ParameterSlots:
    """The parameters that slots use.

    Parameters
    ----------
    document : Document
        Knows which slots share a parameter, and which are frozen.
    slots : Slots
        All of them.
    names : ComposedNames
        Of the parameters, in the order of first use.
    deciding_slot : (p,) array
        The slot that decides how a parameter is drawn.
    used : (n,) array
        By slot, the parameter it uses.
    """

    document: Document
    slots: Slots
    names: ComposedNames
    deciding_slot: Integers
    used: Integers

    @property
    def weights(self) -> tuple[int, ...]:
        """The indices of all weights (no biases, no gains)."""
        return tuple(np.flatnonzero(~self.slots.is_bias[self.deciding_slot]).tolist())

    def indices(self, names: Sequence[str], node: str) -> tuple[int, ...]:
        """Return the indices of parameters named by themselves or by a slot that uses them.

        Raises `PlanError` if the document has no such parameter; ``node`` names it.
        """
        places = {name: place for place, name in enumerate(self.names.take(slice(None)))}
        found: dict[int, None] = {}
        for name in names:
            index = places.get(self.document.parameter_name(name), places.get(name))
            if index is None:
                raise PlanError(f"there is no parameter {name!r}; choose others", node)
            found[index] = None
        return tuple(found)

    def place(self, fan_in: Small, fan_out: Small) -> ParameterTable:
        """Return the parameters one after another in θ; fans (p,) are those of whole units.

        Raises `PlanError` if they are more than `LARGEST` numbers.
        """
        slots, frozen = self.slots, self.document.frozen
        shape = slots.shape[self.deciding_slot]
        sizes = integers([prod(found) for found in slots.shapes])[shape]
        offsets = ends(sizes)
        if offsets[-1] > LARGEST:
            largest = int(sizes.argmax())
            raise PlanError(
                f"the parameters are {offsets[-1]:,} numbers, {sizes[largest]:,} of them in "
                f"{self.names[largest]!r}; at most {LARGEST:,} fit, so use fewer units"
            )
        trainable = np.ones(len(shape), bool)
        if frozen:
            trainable[:] = [name not in frozen for name in self.names.take(slice(None))]
        return ParameterTable(
            self.names,
            slots.shapes,
            shape,
            slots.initializers,
            slots.initializer[self.deciding_slot],
            offsets[:-1],
            sizes,
            trainable,
            slots.is_bias[self.deciding_slot],
            fan_in,
            fan_out,
        )


def used_parameters(document: Document, slots: Slots) -> ParameterSlots:
    """Return the parameters that slots use.

    Raises `ShapeError` if slots of different shapes share one.
    """
    if not document.shared and slots.names.are_distinct:
        alone = np.arange(len(slots.names))
        return ParameterSlots(document, slots, slots.names, alone, alone)
    shape, names = slots.shape.tolist(), slots.names.take(slice(None))
    deciding_slot: list[int] = []
    used: list[int] = []
    indices: dict[str, int] = {}
    for number, slot in enumerate(names):
        name = document.parameter_name(slot)
        index = indices.setdefault(name, len(indices))
        used.append(index)
        if index == len(deciding_slot):
            deciding_slot.append(number)
            continue
        first = deciding_slot[index]
        if shape[first] != shape[number]:
            raise _shape_mismatch(slots, name, number, first)
        if slot < names[first]:  # the first by name, so that no order matters
            deciding_slot[index] = number
    return ParameterSlots(
        document, slots, ComposedNames.of(indices), integers(deciding_slot), integers(used)
    )


def _shape_mismatch(slots: Slots, name: str, number: int, first: int) -> ShapeError:
    shapes = [slots.shapes[slots.shape[place]] for place in (number, first)]
    return ShapeError(
        f"{slots.names[number]!r} needs the shape {shapes[0]}, but shares {name!r} with "
        f"{slots.names[first]!r}, which has {shapes[1]}; share only arrays of one shape",
        slots.owners[number],
    )


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

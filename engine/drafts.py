"""Parameters while compiling: from the slots that use them to their places in θ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from engine.arrays.columnar import Flags, Integers, Names, Small, ends, integers
from engine.errors import PlanError, ShapeError
from engine.plan.parameter_table import Parameters
from graph.model.document import Document
from graph.model.kinds import Shape

LARGEST = 2**28
"""Most entries of θ, 2 GiB in float64: a mistyped width is refused, not allocated."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The trainable slots of a document in the order of first use, by column.

    Parameters
    ----------
    names, owners : Names
        As the document names them: ``h1.bias``, ``x1-h1.weight``; the node each is of.
    shapes, initializers : tuples
        The shapes and initialisers that there are.
    shape, initializer, is_bias : (n,) arrays
        Which one each slot has; whether it is no weight.
    """

    names: Names
    owners: Names
    shapes: tuple[Shape, ...]
    shape: Small
    initializers: tuple[str, ...]
    initializer: Small
    is_bias: Flags


@dataclass(frozen=True, slots=True)
class Drafts:
    """The parameters that slots use.

    Parameters
    ----------
    document : Document
        Knows which slots share a parameter, and which are frozen.
    slots : Slots
        All of them.
    names : Names
        Of the parameters, in the order of first use.
    told_by : (p,) array
        The slot that decides how a parameter is drawn.
    used : (n,) array
        By slot, the parameter it uses.
    """

    document: Document
    slots: Slots
    names: Names
    told_by: Integers
    used: Integers

    @property
    def weights(self) -> tuple[int, ...]:
        """The indices of all weights (no biases, no gains)."""
        return tuple(np.flatnonzero(~self.slots.is_bias[self.told_by]).tolist())

    def indices(self, names: Sequence[str], node: str) -> tuple[int, ...]:
        """Return the indices of parameters named by themselves or by a slot that uses them.

        Raises
        ------
        PlanError
            If the document has no such parameter; ``node`` names it.
        """
        places = {name: place for place, name in enumerate(self.names.take(slice(None)))}
        found: dict[int, None] = {}
        for name in names:
            index = places.get(self.document.parameter_name(name), places.get(name))
            if index is None:
                raise PlanError(f"there is no parameter {name!r}; choose others", node)
            found[index] = None
        return tuple(found)

    def place(self, fan_in: Small, fan_out: Small) -> Parameters:
        """Return the parameters one after another in θ; fans (p,) are as `engine.fans` has them.

        Raises
        ------
        PlanError
            If they are more than `LARGEST` numbers.
        """
        slots, frozen = self.slots, self.document.frozen
        shape = slots.shape[self.told_by]
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
        return Parameters(
            self.names,
            slots.shapes,
            shape,
            slots.initializers,
            slots.initializer[self.told_by],
            offsets[:-1],
            sizes,
            trainable,
            slots.is_bias[self.told_by],
            fan_in,
            fan_out,
        )


def draft(document: Document, slots: Slots) -> Drafts:
    """Return the parameters that slots use.

    Raises
    ------
    ShapeError
        If slots of different shapes share one.
    """
    if not document.shared and slots.names.are_distinct():
        alone = np.arange(len(slots.names))
        return Drafts(document, slots, slots.names, alone, alone)
    shape, names = slots.shape.tolist(), slots.names.take(slice(None))
    told_by: list[int] = []
    used: list[int] = []
    indices: dict[str, int] = {}
    for number, slot in enumerate(names):
        name = document.parameter_name(slot)
        index = indices.setdefault(name, len(indices))
        used.append(index)
        if index == len(told_by):
            told_by.append(number)
            continue
        first = told_by[index]
        if shape[first] != shape[number]:
            raise _misfit(slots, name, number, first)
        if slot < names[first]:  # the first by name, so that no order matters
            told_by[index] = number
    return Drafts(document, slots, Names.of(indices), integers(told_by), integers(used))


def _misfit(slots: Slots, name: str, number: int, first: int) -> ShapeError:
    shapes = [slots.shapes[slots.shape[place]] for place in (number, first)]
    return ShapeError(
        f"{slots.names[number]!r} needs the shape {shapes[0]}, but shares {name!r} with "
        f"{slots.names[first]!r}, which has {shapes[1]}; share only arrays of one shape",
        slots.owners[number],
    )

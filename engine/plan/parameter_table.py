"""The parameters of a plan and their places in θ, kept by column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from engine.arrays.aliases import Flags, Integers, Small
from engine.arrays.columnar import ComposedNames, LazyRecords, ends
from graph.model.kinds import Shape


class Parameter(NamedTuple):
    """A trainable array and its place in θ: ``theta[offset:offset + size].reshape(shape)``.

    Parameters
    ----------
    name : str
        Resolved name: slots that share an explicit name have one parameter.
    shape, offset, size : tuple of int, int, int
        Extents, first index in θ, number of entries.
    trainable : bool
        False if the document froze it; its gradient is computed all the same.
    is_bias : bool
        True for whatever is no weight (biases, gains): penalties over weights leave it out.
    initializer : str
        What draws it: a key of ``engine.interpreter.initializers.INITIALIZERS``.
    fan_in, fan_out : int
        Components that meet in one unit it feeds, over all its incoming edges; components of
        the units that read its source, over all outgoing edges. So they are the same whether a
        layer is drawn as one node or neuron by neuron.
    """

    name: str
    shape: Shape
    offset: int
    size: int
    trainable: bool
    is_bias: bool
    initializer: str
    fan_in: int
    fan_out: int


@dataclass(frozen=True, eq=False)
class ParameterTable(LazyRecords[Parameter]):
    """The parameters of a plan; arrays are (p,), by parameter.

    Parameters
    ----------
    names : ComposedNames
        As `Parameter` has them.
    shapes, shape : tuple of tuples, array
        The shapes there are, and which one each parameter has.
    initializers, initializer : tuple of str, array
        The same of initialisers.
    offsets, sizes, trainable, is_bias, fan_in, fan_out : arrays
        As `Parameter` has them.
    """

    names: ComposedNames
    shapes: tuple[Shape, ...]
    shape: Small
    initializers: tuple[str, ...]
    initializer: Small
    offsets: Integers
    sizes: Integers
    trainable: Flags
    is_bias: Flags
    fan_in: Small
    fan_out: Small

    def __len__(self) -> int:
        return len(self.names)

    @property
    def end(self) -> int:
        """Where θ ends if the parameters lie in it without gaps."""
        return int(ends(self.sizes)[-1])

    def find(self, name: str) -> Parameter | None:
        """Return the parameter of that name, or None."""
        place = self._places.get(name)
        return None if place is None else self[place]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names.take(slice(None)))}

    def _make(self, start: int, stop: int) -> list[Parameter]:
        part = slice(start, stop)
        columns = (
            self.names[part],
            [self.shapes[number] for number in self.shape[part].tolist()],
            self.offsets[part].tolist(),
            self.sizes[part].tolist(),
            self.trainable[part].tolist(),
            self.is_bias[part].tolist(),
            [self.initializers[number] for number in self.initializer[part].tolist()],
            self.fan_in[part].tolist(),
            self.fan_out[part].tolist(),
        )
        return list(map(Parameter._make, zip(*columns, strict=True)))

"""θ in the order that suits the program, and back, at the border of the compiled loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags, Integers
from engine.native.lowering.fusion import Units
from engine.native.lowering.instruction_runs import Dense, Places
from engine.native.lowering.layer_detection import DetectedLayers
from engine.native.lowering.sparse_neurons import Neurons

Entry = TypeVar("Entry", bound="np.generic[Any]")


@dataclass(frozen=True, slots=True)
class Order:
    """Where the program has what the plan has elsewhere in θ.

    Parameters
    ----------
    places : array or None
        For each of the program's entries the plan's; None if both are the same.
    owned : array of bool or None
        Which of them are entries, not copies of such; None if there are no copies.
    """

    places: Integers | None = None
    owned: Flags | None = None

    def to_native(self, vector: NDArray[Entry]) -> NDArray[Entry]:
        """Return a vector like θ in the program's order; the same object if nothing moves."""
        return vector if self.places is None else vector[self.places]

    def empty_native(self, vector: NDArray[Entry]) -> NDArray[Entry]:
        """Return an empty vector in the program's order; the same object if nothing moves."""
        return vector if self.places is None else np.empty(len(self.places), vector.dtype)

    def from_native(self, native: NDArray[Entry], vector: NDArray[Entry]) -> None:
        """Write back into a vector what `to_native` made of it and the program has changed."""
        if self.places is not None and self.owned is not None:
            vector[self.places[self.owned]] = native[self.owned]
        elif self.places is not None:
            vector[self.places] = native

    def chosen(self, mask: Flags) -> Flags:
        """Return which of the program's entries are chosen ones of the plan; copies never are."""
        found = self.to_native(mask)
        return found if self.owned is None else found & self.owned

    def among(self, chosen: Flags) -> Order:
        """Return the order of those entries alone that are ``chosen`` in the plan's order."""
        if self.places is None:
            return self
        return Order((np.cumsum(chosen) - 1)[self.places[self.chosen(chosen)]])


class ThetaArrangement:
    """Collects entries of θ in the order in which they are used; shared ones are copied.

    Parameters
    ----------
    shared : (P,) array of bool
        Which entries of θ have several uses.
    """

    def __init__(self, shared: Flags) -> None:
        self._shared = shared
        self._parts: list[Integers] = []
        self.size = 0

    def add(self, places: Integers) -> int:
        """Put entries next to each other; return the place of the first."""
        start = self.size
        self._parts.append(places)
        self.size += len(places)
        return start

    def finish(self) -> tuple[Order, Integers, Integers]:
        """Return the order, where in it each entry of θ is, and the copies.

        Returns
        -------
        order : Order
        native_place : (P,) array
        ties : (k, 2) array
            Entry of the program's θ, entry that is a copy of it.
        """
        used = np.concatenate([np.zeros(0, np.int64), *self._parts])
        copied = self._shared[used]
        rest = np.ones(len(self._shared), bool)
        rest[used[~copied]] = False
        places = np.concatenate((used, np.flatnonzero(rest)))
        owned = np.ones(len(places), bool)
        owned[: len(used)] = ~copied
        native_place = np.empty(len(self._shared), np.int64)
        native_place[places[owned]] = np.flatnonzero(owned)
        copies = np.flatnonzero(~owned)
        ties = np.stack((native_place[places[copies]], copies), axis=1)
        if len(copies):
            return Order(places, owned), native_place, ties
        moved = bool((places != np.arange(len(places))).any())
        return Order(places if moved else None), native_place, ties


@dataclass(frozen=True, slots=True)
class EdgeLists:
    """Neurons whose edges are run one by one (l of them), and places in the order of θ.

    Attributes
    ----------
    pointers, senders, sources, biases, functions : arrays
        As in `engine.native.machine.program.Program`.
    first : list of int
        For each layer, where its neurons with further edges are listed.
    matrices, matrix_biases : lists of int
        For each layer, where in θ its matrix and its biases begin.
    order : Order
    native_place : (P,) array
        Where in it each entry of the plan's θ is.
    ties : (k, 2) array
        As in `engine.native.machine.program.Program`.
    """

    pointers: Integers
    senders: Integers
    sources: NDArray[np.int32]
    biases: Integers
    functions: NDArray[np.int8]
    first: list[int]
    matrices: list[int]
    matrix_biases: list[int]
    order: Order
    native_place: Integers
    ties: Integers


def list_edges(
    units: Units,
    neurons: Neurons,
    layers: DetectedLayers,
    source: Integers,
    places: Places,
    dense: Sequence[Dense],
) -> EdgeLists:
    """List the neurons in ``places``, then what layers have beside their matrices."""
    mixed = [layer.members if layer.mixed else layer.members[:0] for layer in dense]
    listed = np.concatenate([places.neuron, *mixed])
    owner = np.repeat(np.arange(len(listed)), np.diff(neurons.starts)[listed])
    edges = neurons.edges(listed)
    kept = ~layers.core[edges]
    owner, edges = owner[kept], edges[kept]
    sends = neurons.sends[edges]
    edges = edges[np.argsort(owner * 2 + sends, kind="stable")]
    shared = np.repeat(units.uses > 1, np.diff(units.offsets))
    arranging = ThetaArrangement(shared)
    arranging.add(neurons.weights[edges])  # the weight of edge e is the entry e of θ
    matrices = [arranging.add(layer.weights.ravel()) for layer in dense]
    matrix_biases = [
        -1 if layer.biases is None or layer.mixed else arranging.add(layer.biases)
        for layer in dense
    ]
    biases = neurons.biases[listed]
    having = biases >= 0
    at = arranging.add(biases[having])
    biases[having] = np.arange(at, at + int(having.sum()))
    functions = np.zeros(len(listed), np.int8)
    functions[: len(places.kind)] = np.maximum(places.kind, 0)
    ends = np.cumsum([len(places.neuron), *map(len, mixed)])
    pointers = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=len(listed)))))
    return EdgeLists(
        pointers,
        pointers[:-1] + np.bincount(owner[~sends], minlength=len(listed)),
        source[edges].astype(np.int32),
        biases,
        functions,
        ends[:-1].tolist(),
        matrices,
        matrix_biases,
        *arranging.finish(),
    )

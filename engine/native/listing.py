"""Edges behind each other, neuron by neuron, and the order of θ that goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.native.layers import Layers
from engine.native.machine.instructions import Integers
from engine.native.neurons import Neurons
from engine.native.ordering import Arranging, Order
from engine.native.runs import Dense, Places
from engine.native.units import Units


@dataclass(frozen=True, slots=True)
class Listing:
    """Neurons whose edges are run one by one (l of them), and places in the order of θ.

    Attributes
    ----------
    pointers, senders, sources, biases, functions : arrays
        As in `engine.native.machine.instructions.Program`.
    first : list of int
        For each layer, where its neurons with further edges are listed.
    matrices, matrix_biases : lists of int
        For each layer, where in θ its matrix and its biases begin.
    order : Order
    inside : (P,) array
        Where in it each entry of the plan's θ is.
    ties : (k, 2) array
        As in `engine.native.machine.instructions.Program`.
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
    inside: Integers
    ties: Integers


def list_edges(
    units: Units,
    neurons: Neurons,
    layers: Layers,
    source: Integers,
    places: Places,
    dense: Sequence[Dense],
) -> Listing:
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
    arranging = Arranging(shared)
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
    return Listing(
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

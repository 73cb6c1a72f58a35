"""Networks as data, and drawn as documents: layers, layers unit by unit, irregular graphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from engine.library import library
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Edit, Node
from graph.model.kinds import Params


@dataclass(frozen=True, slots=True)
class LayeredNetwork:
    """A stack of layers: sizes (inputs first), activations (hidden, last), kind of the loss."""

    sizes: tuple[int, ...]
    hidden: str
    last: str
    loss: str

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return self.sizes[0]

    @property
    def outputs(self) -> int:
        """Number of outputs."""
        return self.sizes[-1]

    @property
    def weights(self) -> int:
        """Number of weights, biases not counted."""
        return sum(n * m for n, m in pairwise(self.sizes))

    def activation(self, layer: int) -> str:
        """Return the activation of a layer, counted from 1."""
        return self.last if layer == len(self.sizes) - 1 else self.hidden


@dataclass(frozen=True, slots=True)
class SparseNetwork:
    """Scalar tanh neurons that each read a few earlier values; the last one is the output.

    Parameters
    ----------
    inputs : int
        Values 0 … inputs − 1 are the inputs.
    sources : tuple of tuples of int
        For each neuron, in order, the values it reads; its own has the next number.
    """

    inputs: int
    sources: tuple[tuple[int, ...], ...]
    outputs: int = 1
    loss: str = "half_squared_error"

    @property
    def weights(self) -> int:
        """Number of weights, biases not counted."""
        return sum(map(len, self.sources))

    @property
    def names(self) -> list[str]:
        """Node ids of the values."""
        inputs = [f"x{i + 1}" for i in range(self.inputs)]
        return inputs + [f"n{i:06d}" for i in range(len(self.sources))]


Network: TypeAlias = LayeredNetwork | SparseNetwork


def irregular(
    neurons: int, fan_in: int, *, inputs: int = 8, window: int = 80, seed: int = 0
) -> SparseNetwork:
    """Return random wiring: each neuron reads ``fan_in`` of the ``window`` values before it.

    One more neuron, the output, reads all that nobody else reads: every edge has a part in E.
    """
    rng = np.random.default_rng(seed)
    sources = []
    unread = set(range(inputs))
    for at in range(inputs, inputs + neurons):
        first = max(0, at - window)
        chosen = first + rng.choice(at - first, min(fan_in, at - first), replace=False)
        read = tuple(map(int, np.sort(chosen)))
        sources.append(read)
        unread.difference_update(read)
        unread.add(at)
    return SparseNetwork(inputs, (*sources, tuple(sorted(unread))))


def draw_layers(layers: LayeredNetwork) -> Document:
    """Draw each layer as one node: ``x``, ``l1``, ``l2`` …, the loss ``E`` and the target ``y``."""
    edits: list[Edit] = [AddNode(Node("x", "input", params={"columns": ("x",)}))]
    names = ["x", *(f"l{k}" for k in range(1, len(layers.sizes)))]
    for k in range(1, len(names)):
        params: Params = {"units": layers.sizes[k], "activation": layers.activation(k)}
        edits.append(AddNode(Node(names[k], "neuron", params=params)))
        edits.append(Connect(_edge(names[k - 1], names[k])))
    return _document([*edits, *_judged(names[-1], layers.loss)])


def draw_units(layers: LayeredNetwork) -> Document:
    """Draw the same network neuron by neuron, each weight an edge of its own."""
    last = [f"x{i:04d}" for i in range(layers.inputs)]
    edits: list[Edit] = [
        AddNode(Node(name, "input", params={"columns": (f"x[{i}]",)}))
        for i, name in enumerate(last)
    ]
    for k, size in enumerate(layers.sizes[1:], 1):
        names = [f"l{k}.{i:04d}" for i in range(size)]
        for name in names:
            edits.append(AddNode(Node(name, "neuron", params={"activation": layers.activation(k)})))
            edits += [Connect(_edge(source, name, order=i)) for i, source in enumerate(last)]
        last = names
    edits.append(AddNode(Node("z", "concat")))
    edits += [Connect(_edge(source, "z", order=i)) for i, source in enumerate(last)]
    return _document([*edits, *_judged("z", layers.loss)])


def draw_wiring(wiring: SparseNetwork, columns: Sequence[str] = ()) -> Document:
    """Draw wiring; inputs read ``columns``, by default the components of ``x``."""
    names = wiring.names
    read = columns or [f"x[{i}]" for i in range(wiring.inputs)]
    edits: list[Edit] = [
        AddNode(Node(name, "input", params={"columns": (column,)}))
        for name, column in zip(names, read, strict=False)
    ]
    for name, sources in zip(names[wiring.inputs :], wiring.sources, strict=True):
        edits.append(AddNode(Node(name, "neuron", params={"activation": "tanh"})))
        edits += [Connect(_edge(names[i], name, order=k)) for k, i in enumerate(sources)]
    return _document([*edits, *_judged(names[-1], wiring.loss)])


def _judged(output: str, loss: str) -> list[Edit]:
    return [
        AddNode(Node("y", "target", params={"columns": ("y",)})),
        AddNode(Node("E", loss)),
        Connect(_edge(output, "E", "prediction")),
        Connect(_edge("y", "E", "target")),
    ]


def _edge(source: str, target: str, port: str = "inputs", order: int = 0) -> Edge:
    return Edge(f"{source}-{target}", source, target, port, order)


def _document(edits: Sequence[Edit]) -> Document:
    document = Document(library())
    document.apply(Batch(tuple(edits)))
    return document

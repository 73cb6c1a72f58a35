"""Random directed acyclic graphs of many kinds, from a seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.declaration.op import Array
from engine.library import library
from graph.model.document import Document
from graph.model.edits import AddNode, Connect, Edge, Node, SetShared

ACTIVATIONS = (
    "identity", "sigmoid", "hard_sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu",
    "silu", "mish", "softplus", "softsign", "step", "square", "abs", "sin", "softmax",
    "log_softmax",
)  # fmt: skip
LOSSES = (
    "half_squared_error", "squared_error", "mean_squared_error", "mean_absolute_error", "huber",
    "hinge", "binary_cross_entropy_logits", "cross_entropy",
)  # fmt: skip


class RandomDocument:
    """A random document with data: ``document``, ``columns``, ``schema``.

    Values stay moderate: what grows (exp, powers, products) is followed by a tanh now and then,
    and what is only defined on a part of the numbers gets a softplus or sigmoid before it.
    """

    def __init__(self, seed: int, size: int = 14) -> None:
        self.rng = np.random.default_rng(seed)
        self.document = Document(library())
        self.widths: dict[str, int] = {}
        self.columns: dict[str, Array] = {}
        self.schema: dict[str, int] = {}
        self.rows = int(self.rng.integers(1, 5))
        self._weights: list[tuple[str, tuple[int, int]]] = []
        for _ in range(int(self.rng.integers(1, 4))):
            self.source("input")
        for _ in range(int(self.rng.integers(size // 2, size + 1))):
            self.grow()
        for _ in range(int(self.rng.integers(1, 5))):
            self.lose()
        self.share()

    def pick(self) -> str:
        """Return a node with an output, later ones more often."""
        nodes = list(self.widths)
        return nodes[int(len(nodes) * self.rng.random() ** 0.6)]

    def choose(self, *names: str) -> str:
        return names[int(self.rng.integers(len(names)))]

    def add(self, kind: str, size: int, /, *sources: str, **params: Any) -> str:
        """Add a node and its edges; return its id."""
        node_id = f"{kind[:3]}{len(self.document.nodes)}"
        self.document.apply(AddNode(Node(node_id, kind, "", params)))
        spec = library()[kind]
        for order, source in enumerate(sources):
            port = spec.ports[min(order, len(spec.ports) - 1)].name
            edge = Edge(f"e{len(self.document.edges)}", source, node_id, port, order)
            self.document.apply(Connect(edge))
            if spec.weighted:
                self._weights.append((f"{edge.id}.weight", (size, self.widths[source])))
        if kind == "weight":
            self._weights.append((f"{node_id}.weight", (size, self.widths[sources[0]])))
        if kind not in LOSSES:
            self.widths[node_id] = size
        return node_id

    def source(self, kind: str, values: Array | None = None) -> str:
        if values is None:
            values = self.rng.normal(size=(self.rows, int(self.rng.integers(1, 9))))
        name = f"c{len(self.columns)}"
        self.columns[name] = values
        self.schema[name] = values.shape[1]
        return self.add(kind, values.shape[1], columns=(name,))

    def grow(self) -> None:
        grown = getattr(self, f"_grow_{self.choose(*_GROWTHS)}")()
        if self.rng.random() < 0.3:
            self.add("tanh", self.widths[grown], grown)

    def _grow_neuron(self) -> str:
        sources = [self.pick() for _ in range(int(self.rng.integers(1, 5)))]
        params: dict[str, Any] = {"activation": self.choose(*ACTIVATIONS)}
        if self.rng.random() < 0.2:
            params["bias"] = False
        units = int(self.rng.integers(1, 9))
        return self.add("neuron", units, *sources, units=units, **params)

    def _grow_activation(self) -> str:
        x = self.pick()
        return self.add(self.choose(*ACTIVATIONS), self.widths[x], x)

    def _grow_weight(self) -> str:
        width = int(self.rng.integers(1, 9))
        return self.add("weight", width, self.pick(), width=width)

    def _grow_joint(self) -> str:
        first = self.pick()
        width = self.widths[first]
        fitting = [node for node, w in self.widths.items() if w in (1, width)]
        others = [fitting[int(self.rng.integers(len(fitting)))] for _ in range(3)]
        kind = self.choose("sum", "product", "product", "subtract")
        count = 2 if kind == "subtract" else int(self.rng.integers(1, 4))
        return self.add(kind, width, *[first, *others][:count])

    def _grow_square(self) -> str:
        x = self.pick()  # x·x: two edges between the same two nodes
        return self.add("product", self.widths[x], x, x)

    def _grow_quotient(self) -> str:
        a = self.pick()
        b = self.add("softplus", self.widths[a], a)
        b = self.add("scale", self.widths[a], b, factor=1.5, offset=0.5)
        return self.add("divide", self.widths[a], a, b)

    def _grow_positive(self) -> str:
        x = self.pick()
        x = self.add("sigmoid", self.widths[x], x)
        x = self.add("scale", self.widths[x], x, factor=2.0, offset=0.1)
        kind = self.choose("log", "sqrt", "power", "exp")
        params = {"exponent": float(self.rng.uniform(-2, 3))} if kind == "power" else {}
        return self.add(kind, self.widths[x], x, **params)

    def _grow_dot(self) -> str:
        a = self.pick()
        fitting = [node for node, w in self.widths.items() if w == self.widths[a]]
        return self.add("dot", 1, a, fitting[int(self.rng.integers(len(fitting)))])

    def _grow_mean(self) -> str:
        return self.add("mean", 1, self.pick())

    def _grow_concat(self) -> str:
        parts = [self.pick() for _ in range(int(self.rng.integers(1, 4)))]
        width = sum(self.widths[x] for x in parts)
        joined = self.add("concat", width, *parts)
        stop = int(self.rng.integers(1, min(width, 8) + 1))
        start = int(self.rng.integers(stop))
        return self.add("slice", stop - start, joined, start=start, stop=stop)

    def _grow_regularised(self) -> str:
        x = self.pick()
        # of one component layer_norm is constant; PyTorch makes rounding × 1/√ε of that
        kind = "dropout" if self.widths[x] == 1 else self.choose("dropout", "layer_norm")
        return self.add(kind, self.widths[x], x)

    def _grow_source(self) -> str:
        width = int(self.rng.integers(1, 9))
        if self.rng.random() < 0.5:
            return self.add("bias", width, width=width)
        return self.add("constant", width, value=tuple(self.rng.normal(size=width).tolist()))

    def lose(self) -> None:
        kind = self.choose(*LOSSES)
        ends = [node for node in self.widths if not self.document.graph.out_degree(node)]
        x = self.choose(*ends) if ends and self.rng.random() < 0.8 else self.pick()
        target = self.source("target", self.rng.random((self.rows, self.widths[x])))
        params: dict[str, Any] = {"importance": float(self.rng.uniform(0.2, 2))}
        if self.rng.random() < 0.5:
            params["components"] = self.choose("sum", "mean")
        self.add(kind, 1, x, target, **params)

    def share(self) -> None:
        """Make weights of one shape share a parameter, sometimes."""
        by_shape: dict[tuple[int, int], list[str]] = {}
        for slot, shape in self._weights:
            by_shape.setdefault(shape, []).append(slot)
        for number, slots in enumerate(by_shape.values()):
            if len(slots) > 1 and self.rng.random() < 0.7:
                self.document.apply(SetShared(dict.fromkeys(slots[:3], f"shared{number}")))


_GROWTHS = (
    "neuron", "neuron", "neuron", "neuron", "activation", "weight", "joint", "joint", "square",
    "quotient", "positive", "dot", "mean", "concat", "regularised", "source",
)  # fmt: skip


def smooth(seed: int) -> RandomDocument:
    """Return a random document without jumps, which rounding may put on either side."""
    drawn = RandomDocument(seed)
    nodes = drawn.document.nodes.values()
    if any("step" in (node.kind, node.params.get("activation")) for node in nodes):
        return smooth(seed + 10_007)
    return drawn

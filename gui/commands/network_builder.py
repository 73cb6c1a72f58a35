"""Many nodes at once: a layer wired to the selection, a network from ``2-4-4-1``."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.errors import EditError
from graph.model.dataset import Dataset, Generator
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Edit, Move, Node, Position
from graph.model.kinds import ParamValue
from gui.data.column_nodes import free_name, identifier

_COLUMN, _ROW = 220.0, 110.0  # scene units between layers, between nodes of a layer
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class LayerRequest:
    """What "Add layer" asks for.

    ``together`` is one node with that many units, instead of as many nodes; ``density`` the share
    of the possible edges that are drawn, at random if less than 1.
    """

    units: int
    activation: str = "sigmoid"
    together: bool = False
    density: float = 1.0
    seed: int = 0


class _Sketch:
    """Collects the edits of a larger construction, with ids that are free in the document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._taken = set(document.nodes) | set(document.edges)
        self._edits: list[Edit] = []
        self._moves: dict[str, Position | None] = {}
        self.nodes: list[str] = []

    def node(self, base: str, kind: str, at: Position, **params: ParamValue) -> str:
        declared = self._document.library[kind]
        kept = {
            name: value
            for name, value in sorted(params.items())
            if (spec := declared.param(name)) and spec.default != value
        }
        name = free_name(base, self._taken)
        self._edits.append(AddNode(Node(name, kind, params=kept)))
        self._moves[name] = at
        self.nodes.append(name)
        return name

    def wire(self, source: str, target: str, port: str = "inputs", order: int = 0) -> None:
        edge = Edge(free_name(f"{source}-{target}", self._taken), source, target, port, order)
        self._edits.append(Connect(edge))

    def make_room(self, x: float, y: float, reach: float) -> None:
        """Move what stands right of a new column on, if something is in the column's way."""
        places = self._document.positions
        in_the_way = any(
            abs(px - x) < _COLUMN * 0.8 and abs(py - y) < reach for px, py in places.values()
        )
        if in_the_way:
            for name, (px, py) in places.items():
                if px > x - _COLUMN / 2:
                    self._moves[name] = (px + _COLUMN, py)

    def batch(self) -> Batch:
        return Batch((*self._edits, Move(self._moves)))


def layer(
    document: Document, sources: Sequence[str], wanted: LayerRequest
) -> tuple[Batch, list[str]]:
    """Return the edits that add a layer to the right of ``sources`` and wire it to them.

    Raises `EditError` if there are too many units.
    """
    _check_size(wanted.units)
    sketch = _Sketch(document)
    places = [document.positions.get(node, (0.0, 0.0)) for node in sources] or [(0.0, 0.0)]
    x = max(place[0] for place in places) + _COLUMN
    y = sum(place[1] for place in places) / len(places)
    rng = random.Random(wanted.seed)
    names = _units(sketch, wanted, "h", x, y)
    sketch.make_room(x, y, _ROW * (len(names) + 1) / 2)
    for target in names:
        chosen = [node for node in sources if wanted.density >= 1 or rng.random() < wanted.density]
        if not chosen and sources:
            chosen = [rng.choice(list(sources))]
        for order, source in enumerate(chosen):
            sketch.wire(source, target, order=order)
    return sketch.batch(), names


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A network in one line: sizes of inputs, hidden layers and outputs.

    ``activation`` is that of the hidden, ``output`` that of the output units; ``loss`` the kind of
    the loss node, empty for none.
    """

    sizes: tuple[int, ...]
    activation: str = "tanh"
    output: str = "sigmoid"
    loss: str = "half_squared_error"
    together: bool = False


def read_sizes(text: str) -> tuple[int, ...]:
    """Read ``2-4-4-1`` (also with spaces, commas, arrows or ×); raises `EditError`."""
    parts = [part for part in re.split(r"[^0-9]+", text) if part]
    odd = re.sub(r"[0-9\s,;:>x×→–-]", "", text)
    sizes = tuple(int(part) for part in parts)
    if odd or len(sizes) < 2 or min(sizes) < 1:
        raise EditError(f"{text!r} is no network: write the sizes like 2-4-4-1")
    return sizes


def first_data(plan: Blueprint) -> Dataset | None:
    """Return data that a network of two inputs and one output can be trained on at once."""
    if plan.sizes[0] != 2 or plan.sizes[-1] != 1:
        return None
    return Generator(name="moons", n=200, noise=0.1, features=("x1", "x2"), targets=("y",))


def network(
    document: Document, plan: Blueprint, features: Sequence[str], targets: Sequence[str]
) -> tuple[Batch, list[str]]:
    """Return the edits that build a layered network below what is there.

    ``features`` and ``targets`` are column references, one for each input and each output; missing
    ones are called x1, y1. Raises `EditError` if it is too large to be drawn neuron by neuron.
    """
    sketch = _Sketch(document)
    top = max((y for _, y in document.positions.values()), default=-2 * _ROW) + 2 * _ROW
    middle = top + _ROW * (max(plan.sizes) - 1) / 2 if not plan.together else top
    inputs = _filled(features, plan.sizes[0], "x")
    goals = _filled(targets, plan.sizes[-1], "y")
    if plan.together:
        last = [sketch.node("x", "input", (0.0, middle), columns=tuple(inputs))]
    else:
        _check_size(sum(plan.sizes))
        last = [
            sketch.node(identifier(name), "input", (0.0, y), columns=(name,))
            for name, y in zip(inputs, _spread(len(inputs), middle), strict=True)
        ]
    for depth, units in enumerate(plan.sizes[1:], 1):
        final = depth == len(plan.sizes) - 1
        wanted = LayerRequest(units, plan.output if final else plan.activation, plan.together)
        base = "o" if final else ("h" if len(plan.sizes) == 3 else f"h{depth}_")
        names = _units(
            sketch, wanted, base.rstrip("_") if plan.together else base, depth * _COLUMN, middle
        )
        for target in names:
            for order, source in enumerate(last):
                sketch.wire(source, target, order=order)
        last = names
    if plan.loss:
        _add_losses(sketch, plan, last, goals, middle)
    return sketch.batch(), sketch.nodes


def references(columns: Sequence[str], schema: Mapping[str, int]) -> list[str]:
    """Return references of width 1 to all components of columns (``image[0]``, …)."""
    found = []
    for column in columns:
        width = schema.get(column, 1)
        found += [column] if width == 1 else [f"{column}[{i}]" for i in range(width)]
    return found


def _add_losses(
    sketch: _Sketch, plan: Blueprint, outputs: list[str], goals: list[str], middle: float
) -> None:
    x = len(plan.sizes) * _COLUMN
    places = _spread(len(outputs), middle)
    for i, (output, y) in enumerate(zip(outputs, places, strict=True)):
        columns = tuple(goals) if plan.together else (goals[i],)
        base = "t" if len(outputs) == 1 else f"t{i + 1}"
        target = sketch.node(base, "target", (x, y + _ROW / 2), columns=columns)
        loss = sketch.node("E" if len(outputs) == 1 else f"E{i + 1}", plan.loss, (x + _COLUMN, y))
        sketch.wire(output, loss, "prediction")
        sketch.wire(target, loss, "target")


def _units(sketch: _Sketch, wanted: LayerRequest, base: str, x: float, y: float) -> list[str]:
    if wanted.together:
        name = sketch.node(base, "neuron", (x, y), units=wanted.units, activation=wanted.activation)
        return [name]
    _check_size(wanted.units)
    return [
        sketch.node(
            base if wanted.units == 1 else f"{base}{i + 1}",
            "neuron",
            (x, place),
            activation=wanted.activation,
        )
        for i, place in enumerate(_spread(wanted.units, y))
    ]


def _spread(n: int, middle: float) -> list[float]:
    return [middle + _ROW * (i - (n - 1) / 2) for i in range(n)]


def _filled(names: Sequence[str], n: int, base: str) -> list[str]:
    rest = [f"{base}{i + 1}" if n > 1 else base for i in range(len(names), n)]
    return [*names[:n], *rest]


def _check_size(units: int) -> None:
    if units > _MOST:
        raise EditError(
            f"{units} separate neurons are too many to draw; use one node per layer instead"
        )

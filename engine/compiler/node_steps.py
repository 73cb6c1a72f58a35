"""The steps that stand for a node: its operation, or its template placed under its id.

They hold for all alike nodes: a name says only whose id it begins with, the node's or an edge's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from engine.compiler.operations import Operations, check_connected
from engine.declaration.op import Op
from engine.declaration.template import InnerNode, Input, inner_nodes, outermost
from engine.errors import PlanError
from graph.errors import WidthMismatch
from graph.model.edits import Edge, Node
from graph.model.kinds import Params, Role, Shape

_DEFAULT_INITIALIZER = "xavier_uniform"


Name: TypeAlias = tuple[int, str]
"""Whose id comes first (0: the node's, 1, 2, …: that of an edge), and what follows it."""


class SlotSpec(NamedTuple):
    """A trainable slot: its name, whether it is no weight, what draws it."""

    name: Name
    is_bias: bool
    initializer: str


@dataclass(slots=True)
class NodeSteps:
    """The steps that stand for a node, whatever its id and the widths that it reads.

    Attributes
    ----------
    op, params, ports : Op, mapping, tuple of str
        The node's kind; its parameters, complete; the ports of its edges.
    names, forms, reads, uses : lists
        By step: node id; number of its form; what it reads, an earlier step or ~j for the value
        of edge j; how many of the slots are its own.
    slots : list of SlotSpec
        The trainable slots, step by step.
    weights : list of (edge, slot)
        The weights that edges carry.
    """

    op: Op
    params: Params
    ports: tuple[str, ...]
    names: list[Name] = field(default_factory=list)
    forms: list[int] = field(default_factory=list)
    reads: list[tuple[int, ...]] = field(default_factory=list)
    uses: list[int] = field(default_factory=list)
    slots: list[SlotSpec] = field(default_factory=list)
    weights: list[tuple[int, int]] = field(default_factory=list)


class Pattern(NamedTuple):
    """A node's steps with the widths of their values and the shapes of their slots."""

    steps: NodeSteps
    widths: list[int]
    shapes: list[Shape]


@dataclass(slots=True)
class Patterns:
    """Patterns by number, and which one a node has.

    Attributes
    ----------
    operations : Operations
        What their steps refer to.
    all : list of Pattern
        By number.
    """

    operations: Operations
    all: list[Pattern] = field(default_factory=list)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _steps: dict[tuple[object, ...], NodeSteps] = field(default_factory=dict)

    def number(self, node: Node, edges: Sequence[Edge], widths: tuple[int, ...]) -> int:
        """Return the number of a node's pattern.

        Parameters
        ----------
        node, edges : Node, sequence of Edge
            The node and the edges into it, by port and order.
        widths : tuple of int
            Of what they carry.

        Raises
        ------
        PlanError, ShapeError
            As `engine.compiler.compile.compile_document` does.
        """
        alike = (node.kind, tuple(node.params.items()), tuple([edge.port for edge in edges]))
        number = self._numbers.get((alike, widths))
        if number is None:
            if alike not in self._steps:
                self._steps[alike] = _steps(node, edges, self.operations)
            number = self._numbers[alike, widths] = len(self.all)
            self.all.append(_sized(self._steps[alike], widths, self.operations, node.id))
        return number


def _sized(
    steps: NodeSteps, arriving: tuple[int, ...], operations: Operations, owner: str
) -> Pattern:
    widths: list[int] = []
    shapes: list[Shape] = []
    for number, reads in zip(steps.forms, steps.reads, strict=True):
        form = operations.forms[number]
        into = tuple([widths[x] if x >= 0 else arriving[~x] for x in reads])
        width, found = operations.shapes(form.op, form.params, into, owner)
        widths.append(width)
        shapes += found.values()
    return Pattern(steps, widths, shapes)


def _steps(node: Node, edges: Sequence[Edge], operations: Operations) -> NodeSteps:
    op = operations.op(node.kind, node.id)
    check_connected(node.id, op.spec, edges)
    params = operations.params(op, node.params)
    if op.spec.role in (Role.INPUT, Role.TARGET):
        operations.read_columns(node.id, params)
    steps = NodeSteps(op, params, tuple([edge.port for edge in edges]))
    inner = outermost(node.kind, node.params, steps.ports)
    places: dict[Input | str, int] = {edge.source: ~j for j, edge in enumerate(inner.edges)}
    for single in _singles(inner, operations, node.id):
        _add_step(steps, single, operations, places)
        places[single.name] = len(steps.names) - 1
    return steps


def _singles(node: InnerNode, operations: Operations, owner: str) -> Iterator[InnerNode]:
    """Yield the single operations that a node amounts to; composites may be in others."""
    op = operations.op(node.kind, owner)
    if op.expand is None:
        yield node
        return
    try:
        inside = inner_nodes(node, op.expand, operations.params(op, node.params))
    except WidthMismatch as error:
        raise PlanError(str(error), owner, error.port) from error
    except ValueError as error:
        raise PlanError(f"its template is wrong: {error}", owner) from error
    for inner in inside:
        yield from _singles(inner, operations, owner)


def _add_step(
    steps: NodeSteps, node: InnerNode, operations: Operations, places: Mapping[Input | str, int]
) -> None:
    op = operations.ops[node.kind]
    params = operations.params(op, node.params)
    slots = op.spec.slots(params)
    name = (0, node.name) if node.of is None else (node.of.place + 1, "")
    ports = {port.name: number for number, port in enumerate(op.spec.ports)}
    reads = [places[edge.source] for edge in sorted(node.edges, key=lambda edge: ports[edge.port])]
    if steps.op.spec.weighted and "weight" in slots:
        weight = len(steps.slots) + slots.index("weight")
        steps.weights += [(~read, weight) for read in reads if read < 0]
    steps.names.append(name)
    steps.forms.append(operations.number(op, params, slots))
    steps.reads.append(tuple(reads))
    steps.uses.append(len(slots))
    for slot in slots:
        called = (0, node.slots[slot]) if slot in node.slots else (name[0], f"{name[1]}.{slot}")
        initial = op.slots[slot].initial
        chosen = params.get("initializer", steps.params.get("initializer"))
        drawn_by = str(chosen or _DEFAULT_INITIALIZER) if initial == "weights" else initial
        steps.slots.append(SlotSpec(called, initial != "weights", drawn_by))

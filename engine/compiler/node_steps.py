"""Unfolding a node into the steps that stand for it, through its expansion if it is a composite."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from engine.compiler.edge_order import by_target, in_order, in_port_order
from engine.compiler.operations import Forms, check_connected
from engine.declaration.op import Op
from engine.errors import PlanError
from graph.errors import GradwireError
from graph.model.edits import Edge, Node
from graph.model.kinds import MisfitError, Params, Role, Shape

Name: TypeAlias = tuple[int, str]
"""Whose id (0: nobody's, 1: the node's, 2…: that of the first edge, …) and what follows it."""

_DEFAULT_INITIALIZER = "xavier_uniform"
_STAND_IN = re.compile("\0([0-9]+)\0([^\0]*)")


class Draft(NamedTuple):
    """A trainable slot of a node: its shape, whether it is no weight, what draws it."""

    shape: Shape
    is_bias: bool
    initializer: str


@dataclass(slots=True)
class Pattern:
    """The steps that stand for a node; alike nodes have the same.

    Attributes
    ----------
    op, params, ports : Op, mapping, tuple of str
        The node's kind; its parameters, complete; the ports of its edges.
    names, forms, widths : list
        By step: node id, number of its form, width.
    reads : list of tuples
        By step, what it reads: a step of the pattern, or ~j for the value of edge j.
    uses : list of tuples
        By step, the drafts of its slots.
    slots, drafts : list of Name, list of Draft
        The trainable slots: what the document calls them, and what they need.
    edges : list of (edge, step, position)
        Where the values of the edges are read.
    weights : list of (edge, draft)
        The weights that edges carry.
    output : int
        The step that writes the node's value.
    alike : bool
        Whether it holds for all nodes like this one.
    endings : tuple of str
        What, at the end of an id, could make it one of those inside.
    """

    op: Op
    params: Params
    ports: tuple[str, ...]
    names: list[Name] = field(default_factory=list)
    forms: list[int] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    reads: list[tuple[int, ...]] = field(default_factory=list)
    uses: list[tuple[int, ...]] = field(default_factory=list)
    slots: list[Name] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    edges: list[tuple[int, int, int]] = field(default_factory=list)
    weights: list[tuple[int, int]] = field(default_factory=list)
    output: int = 0
    alike: bool = True
    endings: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Width of the node's output."""
        return self.widths[self.output]


def stand_in(number: int) -> str:
    """Return what stands for an id: that of a node (1) or of an edge (2, …)."""
    return f"\0{number}\0"


def unfold(
    node: Node, edges: Sequence[Edge], widths: Sequence[int], forms: Forms, *, named: bool
) -> Pattern:
    """Return the steps that stand for a node.

    Parameters
    ----------
    node, edges : Node, sequence of Edge
        A node, and the edges into it by port and order.
    named : bool
        Whether they have their own ids, or stand-ins for them.
    widths : sequence of int
        Of what the edges carry.
    forms : Forms
        Where operations are found.

    Raises
    ------
    PlanError, ShapeError
        As `engine.compiler.compile.compile_document` does.
    """
    op = forms.op(node, node.id)
    check_connected(node.id, op.spec, edges)
    params = forms.params(op, node)
    if op.spec.role in (Role.INPUT, Role.TARGET):
        forms.read_columns(node.id, params)
    unfolding = _Unfolding(
        node.id, Pattern(op, params, tuple([e.port for e in edges])), forms, edges, widths, named
    )
    pattern = unfolding.pattern
    pattern.output = unfolding.add(node, op, edges, unfolding.arriving, ())
    pattern.endings = unfolding.endings()
    return pattern


def resized(pattern: Pattern, widths: Sequence[int], forms: Forms) -> Pattern:
    """Return the same steps for other widths of what the edges carry.

    Raises
    ------
    ShapeError
        If they do not go together.
    """
    found: list[int] = []
    shapes: list[Shape] = []
    for number, reads in zip(pattern.forms, pattern.reads, strict=True):
        form = forms.all[number]
        into = tuple([found[x] if x >= 0 else widths[~x] for x in reads])
        width, slots = forms.shapes(form.op, form.params, into, "")
        found.append(width)
        shapes += slots.values()
    drafts = [
        Draft(shape, draft.is_bias, draft.initializer)
        for draft, shape in zip(pattern.drafts, shapes, strict=True)
    ]
    return replace(pattern, widths=found, drafts=drafts)


@dataclass(slots=True)
class _Unfolding:
    owner: str
    pattern: Pattern
    forms: Forms
    outside: Sequence[Edge]
    widths: Sequence[int]
    named: bool
    arriving: Mapping[str, int] = field(init=False)
    _suffixes: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.arriving = {edge.id: ~place for place, edge in enumerate(self.outside)}

    def add(
        self,
        node: Node,
        op: Op,
        edges: Sequence[Edge],
        arriving: Mapping[str, int],
        names: tuple[Mapping[str, str], ...],
    ) -> int:
        """Add a node, through its expansion if it is a composite; return the step of its value."""
        params = self.forms.params(op, node)
        if op.expand is None:
            return self._add_step(node, op, params, edges, arriving, names)
        try:
            expansion = op.expand(node, params, edges)
        except MisfitError as error:
            raise PlanError(str(error), self.owner, error.port) from error
        incoming = by_target(expansion, self.owner)
        for inner_id in (*incoming, *(edge.id for edge in expansion.edges)):
            self._suffixes.add(self._name(inner_id)[1])
        inner_names = (expansion.slots, *names)
        written: dict[str, int] = {}
        for inner in in_order(expansion, incoming, arriving):
            inner_op = self.forms.op(inner, self.owner)
            into = self._in_port_order(inner_op, incoming[inner.id])
            inputs = {e.id: arriving[e.id] if e.id in arriving else written[e.source] for e in into}
            written[inner.id] = self.add(inner, inner_op, into, inputs, inner_names)
        return written[node.id]

    def endings(self) -> tuple[str, ...]:
        """Return every beginning of what is put behind an id: an id that ends so is not alike."""
        return tuple(sorted({part for suffix in self._suffixes for part in accumulate(suffix)}))

    def _in_port_order(self, op: Op, edges: Sequence[Edge]) -> Sequence[Edge]:
        if len({(edge.port, edge.order) for edge in edges}) < len(edges):
            self.pattern.alike = False  # their ids decide
        return in_port_order(op.spec, edges)

    def _add_step(
        self,
        node: Node,
        op: Op,
        params: Params,
        edges: Sequence[Edge],
        arriving: Mapping[str, int],
        names: tuple[Mapping[str, str], ...],
    ) -> int:
        pattern, step = self.pattern, len(self.pattern.names)
        reads = tuple([arriving[edge.id] for edge in edges])
        into = tuple([pattern.widths[x] if x >= 0 else self.widths[~x] for x in reads])
        width, shapes = self.forms.shapes(op, params, into, self.owner)
        uses = tuple(
            [self._draft(node, op, slot, shape, params, names) for slot, shape in shapes.items()]
        )
        pattern.names.append(self._name(node.id))
        pattern.forms.append(self.forms.number(op, params, tuple(shapes)))
        pattern.widths.append(width)
        pattern.reads.append(reads)
        pattern.uses.append(uses)
        for position, edge in enumerate(edges):
            if edge.id in self.arriving:
                outside = ~self.arriving[edge.id]
                pattern.edges.append((outside, step, position))
                if pattern.op.spec.weighted:
                    pattern.weights.append((outside, uses[list(shapes).index("weight")]))
        return step

    def _draft(
        self,
        node: Node,
        op: Op,
        slot: str,
        shape: Shape,
        params: Params,
        names: tuple[Mapping[str, str], ...],
    ) -> int:
        name = f"{node.id}.{slot}"
        for mapping in names:
            name = mapping.get(name, name)
        initial = op.slots[slot].initial
        chosen = params.get("initializer", self.pattern.params.get("initializer"))
        drawn_by = str(chosen or _DEFAULT_INITIALIZER) if initial == "weights" else initial
        self.pattern.slots.append(self._name(name))
        self.pattern.drafts.append(Draft(shape, initial != "weights", drawn_by))
        return len(self.pattern.drafts) - 1

    def _name(self, name: str) -> Name:
        found = None if self.named else _STAND_IN.fullmatch(name)
        if found is None:
            self.pattern.alike = False
            return 0, name
        return int(found[1]), found[2]


@dataclass(slots=True)
class Patterns:
    """Patterns by number, and which one a node has.

    Attributes
    ----------
    forms : Forms
        What their steps refer to.
    all : list of Pattern
        By number.
    """

    forms: Forms
    all: list[Pattern] = field(default_factory=list)
    _found: dict[tuple[object, ...], int | None] = field(default_factory=dict)
    _kin: dict[tuple[object, ...], Pattern | None] = field(default_factory=dict)  # of any widths

    def number(
        self, node: Node, edges: Sequence[Edge], ids: Sequence[str], widths: tuple[int, ...]
    ) -> int:
        """Return the number of a node's pattern.

        Parameters
        ----------
        node, edges : Node, sequence of Edge
            The node and the edges into it, by port and order.
        ids, widths : sequence of str, tuple of int
            Of those edges: their ids, and the widths of what they carry.

        Raises
        ------
        PlanError, ShapeError
            As `engine.compiler.compile.compile_document` does.
        """
        ports = tuple([edge.port for edge in edges])
        kin = (node.kind, tuple(node.params.items()), ports)
        key = (kin, widths)
        number = self._found.get(key)
        if number is None and key not in self._found:
            number = self._found[key] = self._alike(kin, node, edges, widths)
        if number is not None and _holds(self.all[number], node.id, ids):
            return number
        return self._add(unfold(node, edges, widths, self.forms, named=True))

    def _alike(
        self,
        kin: tuple[object, ...],
        node: Node,
        edges: Sequence[Edge],
        widths: tuple[int, ...],
    ) -> int | None:
        """Return what holds whatever the ids are; None if they matter."""
        try:  # what fails is told with the node's own id
            if kin in self._kin:
                found = self._kin[kin]
                return None if found is None else self._add(resized(found, widths, self.forms))
            pattern = self._kin[kin] = self._nameless(node, edges, widths)
        except GradwireError:
            return None
        return None if pattern is None else self._add(pattern)

    def _nameless(
        self, node: Node, edges: Sequence[Edge], widths: tuple[int, ...]
    ) -> Pattern | None:
        """Unfold with stand-ins; None if the ids matter."""
        nameless = replace(node, id=stand_in(1))
        wires = [
            Edge(stand_in(place + 2), "", nameless.id, edge.port, place)
            for place, edge in enumerate(edges)
        ]
        pattern = unfold(nameless, wires, widths, self.forms, named=False)
        return pattern if pattern.alike else None

    def _add(self, pattern: Pattern) -> int:
        self.all.append(pattern)
        return len(self.all) - 1


def _holds(pattern: Pattern, node: str, edges: Sequence[str]) -> bool:
    """Return whether none of a node's ids could be taken for one inside its pattern."""
    endings = pattern.endings
    if not endings:
        return True
    alike = [edge for edge in edges if edge == node or edge.endswith(endings)]
    return not alike and not node.endswith(endings)

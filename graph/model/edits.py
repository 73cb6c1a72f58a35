"""Every way a document can change, as plain immutable values.

Edits are applied only through ``Document.apply``, which returns the inverse edit. They hold ids
and values, never references, so they can be kept in an undo stack, merged and compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from graph.model.dataset import Dataset
from graph.model.kinds import ParamValue
from graph.model.tensor import Tensor
from graph.model.training import Training

Position: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """A vertex. ``params`` holds only what differs from the kind's defaults."""

    id: str
    kind: str
    label: str = ""
    params: Mapping[str, ParamValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """Output of ``source`` → ``port`` of ``target``; ``order`` sorts edges of a variadic port.

    ``label`` is what its weight is called, as w₁; empty if it has no name of its own.
    """

    id: str
    source: str
    target: str
    port: str = "inputs"
    order: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A titled set of nodes and of other groups; a view that changes no computation."""

    id: str
    title: str
    nodes: tuple[str, ...] = ()
    parent: str | None = None
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A note on the canvas: markdown in a rectangle (x, y, width, height)."""

    id: str
    text: str
    rect: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class AddNode:
    """Add a node at ``index`` of the node order; None appends."""

    node: Node
    index: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveNode:
    """Remove a node that has no edges left (``graph.changes`` builds the whole removal)."""

    id: str


@dataclass(frozen=True, slots=True)
class ChangeNode:
    """Replace a node's record by one with the same id: other kind, label or params."""

    node: Node


@dataclass(frozen=True, slots=True)
class Connect:
    """Add an edge at ``index`` of the edge order; None appends."""

    edge: Edge
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Remove an edge."""

    id: str


@dataclass(frozen=True, slots=True)
class SetParam:
    """Set a node's parameter; ``None`` returns it to the kind's default."""

    node: str
    name: str
    value: ParamValue | None


@dataclass(frozen=True, slots=True)
class SetLabel:
    """Set what a node is called on the canvas; empty shows its id."""

    node: str
    label: str


@dataclass(frozen=True, slots=True)
class SetEdgeLabel:
    """Set what the weight of an edge is called; empty names it by its ends."""

    edge: str
    label: str


@dataclass(frozen=True, slots=True)
class Move:
    """Set positions of nodes (scene units, centre of the node); ``None`` forgets one."""

    positions: Mapping[str, Position | None]


@dataclass(frozen=True, slots=True)
class SetParameterValues:
    """Set the values of trainable parameters by name; ``None`` forgets one (initialised anew)."""

    values: Mapping[str, Tensor | None]


@dataclass(frozen=True, slots=True)
class SetFrozen:
    """Freeze (True) or train (False) parameters by name."""

    frozen: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class SetShared:
    """Give slots (``h1.bias``, ``x1-h1.weight``) an explicit parameter name; ``None`` unshares."""

    names: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class SetDataset:
    """Replace the dataset description."""

    dataset: Dataset | None


@dataclass(frozen=True, slots=True)
class SetTraining:
    """Replace the training settings."""

    training: Training


@dataclass(frozen=True, slots=True)
class SetGroups:
    """Replace all groups."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class SetComments:
    """Replace all comments."""

    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class SetText:
    """Set the document's title and notes (markdown)."""

    title: str
    notes: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Several edits as one: all apply, in order, or none."""

    edits: tuple[Edit, ...]


Edit: TypeAlias = (
    AddNode
    | RemoveNode
    | ChangeNode
    | Connect
    | Disconnect
    | SetParam
    | SetLabel
    | SetEdgeLabel
    | Move
    | SetParameterValues
    | SetFrozen
    | SetShared
    | SetDataset
    | SetTraining
    | SetGroups
    | SetComments
    | SetText
    | Batch
)


def flatten(edit: Edit) -> Iterator[Edit]:
    """Yield the edits of nested batches one by one, in the order they apply."""
    if isinstance(edit, Batch):
        for part in edit.edits:
            yield from flatten(part)
    else:
        yield edit

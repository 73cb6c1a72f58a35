"""The parts of a ``.gradwire`` file as msgspec structs: what is checked, and what the schema shows.

Parameters of nodes, values and positions are checked by ``graph.files.reader``, which knows the
kinds and can name the place; here they are declared for the JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct, field

from graph.model.dataset import Dataset
from graph.model.training import Training

FORMAT = "gradwire"
VERSION = 1

NonEmpty: TypeAlias = Annotated[str, Meta(min_length=1)]


class NodeRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """One node; ``params`` holds what differs from the kind's defaults."""

    id: NonEmpty
    kind: str
    label: str = ""
    params: dict[str, Any] = field(default_factory=dict)


class EdgeRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """One edge; ``order`` sorts the edges of a variadic port, ``label`` names its weight."""

    id: NonEmpty
    source: str
    target: str
    port: str = "inputs"
    order: int = 0
    label: str = ""


class PackedArray(Struct, frozen=True, forbid_unknown_fields=True):
    """A large array: little-endian numbers, last axis fastest, in base64."""

    shape: Annotated[list[Annotated[int, Meta(ge=0)]], Meta(max_length=64)]
    dtype: Literal["float64", "float32"]
    base64: str


class GroupRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """A titled set of nodes, inside its parent."""

    id: NonEmpty
    title: str
    nodes: list[str] = field(default_factory=list)
    parent: str | None = None
    collapsed: bool = False


class CommentRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """A note on the canvas: markdown in a rectangle (x, y, width, height)."""

    id: NonEmpty
    text: str
    rect: tuple[float, float, float, float]


class LayoutRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Where things are drawn; no part of the model."""

    nodes: dict[str, Any] = field(default_factory=dict)
    groups: list[GroupRecord] = field(default_factory=list)
    comments: list[CommentRecord] = field(default_factory=list)


class FileRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file, in the order it is written."""

    format: Literal["gradwire"]
    version: Literal[1]
    nodes: list[NodeRecord]
    edges: list[EdgeRecord]
    title: str = ""
    notes: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    frozen: list[str] = field(default_factory=list)
    shared: dict[str, str] = field(default_factory=dict)
    dataset: Dataset | None = None
    training: Training = Training()
    layout: LayoutRecord = LayoutRecord()

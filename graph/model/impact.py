"""What an edit affects, told to every listener once, so that none takes the edit apart again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Flag, auto
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

from graph.model import edits
from graph.model.edits import Batch, Edit


class Impact(Flag):
    """What an edit affects; a batch affects all that its parts do.

    It is a set, not the strongest of them: new weights together with new settings are neither
    only values nor only settings, and a pasted node comes with a place and a value.

    Attributes
    ----------
    LAYOUT
        Positions, groups, comments: nothing but the picture.
    TEXT
        Labels, title, notes: nothing but what is read.
    VALUES
        Numbers of trainable parameters.
    SETTINGS
        How it is trained.
    STRUCTURE
        Nodes, edges, what a node computes, which parameters are shared or frozen.
    DATA
        What it is trained on.
    """

    LAYOUT = auto()
    TEXT = auto()
    VALUES = auto()
    SETTINGS = auto()
    STRUCTURE = auto()
    DATA = auto()

    @property
    def numeric(self) -> Impact:
        """What of it changes the computation, not just its picture."""
        return self & ~(Impact.LAYOUT | Impact.TEXT)

    def is_only(self, others: Impact) -> bool:
        """Tell whether it changes the computation, and by nothing but these."""
        return bool(self.numeric) and not self.numeric & ~others


@dataclass(frozen=True, slots=True)
class TouchedIds:
    """What an edit touched; whether it came, went or changed is seen by looking for it.

    Parameters
    ----------
    nodes, edges : frozenset of str
        Added, removed or with another record.
    moved : frozenset of str
        Nodes whose position was set.
    parameters : frozenset of str
        Parameters whose value was set.
    """

    nodes: frozenset[str]
    edges: frozenset[str]
    moved: frozenset[str]
    parameters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Applied:
    """An edit that was applied: with its inverse, what it affects and what it touched."""

    edit: Edit
    inverse: Edit
    impact: Impact
    ids: TouchedIds


_Sort: TypeAlias = tuple[Impact, str, Callable[[Any], Iterable[str]]]


def _nothing(_edit: Edit) -> Iterable[str]:
    return ()


# What each edit affects, and the ids it touches of a field of `TouchedIds`.
_SORTS: dict[type, _Sort] = {
    edits.AddNode: (Impact.STRUCTURE, "nodes", lambda edit: (edit.node.id,)),
    edits.RemoveNode: (Impact.STRUCTURE, "nodes", lambda edit: (edit.id,)),
    edits.ChangeNode: (Impact.STRUCTURE, "nodes", lambda edit: (edit.node.id,)),
    edits.SetParam: (Impact.STRUCTURE, "nodes", lambda edit: (edit.node,)),
    edits.SetLabel: (Impact.TEXT, "nodes", lambda edit: (edit.node,)),
    edits.SetEdgeLabel: (Impact.TEXT, "edges", lambda edit: (edit.edge,)),
    edits.Connect: (Impact.STRUCTURE, "edges", lambda edit: (edit.edge.id,)),
    edits.Disconnect: (Impact.STRUCTURE, "edges", lambda edit: (edit.id,)),
    edits.Move: (Impact.LAYOUT, "moved", lambda edit: edit.positions),
    edits.SetParameterValues: (Impact.VALUES, "parameters", lambda edit: edit.values),
    edits.SetFrozen: (Impact.STRUCTURE, "parameters", _nothing),
    edits.SetShared: (Impact.STRUCTURE, "parameters", _nothing),
    edits.SetTraining: (Impact.SETTINGS, "parameters", _nothing),
    edits.SetDataset: (Impact.DATA, "parameters", _nothing),
    edits.SetGroups: (Impact.LAYOUT, "moved", _nothing),
    edits.SetComments: (Impact.LAYOUT, "moved", _nothing),
    edits.SetText: (Impact.TEXT, "nodes", _nothing),
}


def impact_of(edit: Edit) -> Impact:
    """Return what an edit affects, before or after it is applied."""
    if isinstance(edit, Batch):
        return reduce(or_, {impact_of(part) for part in edit.edits}, Impact(0))
    return _SORTS[type(edit)][0]


def touched_by(parts: Iterable[Edit]) -> TouchedIds:
    """Return the ids that edits, none of them a batch, touch."""
    found: dict[str, set[str]] = {name: set() for name in TouchedIds.__slots__}
    for part in parts:
        _, name, ids = _SORTS[type(part)]
        found[name].update(ids(part))
    return TouchedIds(**{name: frozenset(ids) for name, ids in found.items()})

"""What keeps a document from running, as a list that the editor shows live."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from graph.model.dataset import column_width
from graph.model.document import Document
from graph.model.edits import Edge, Edit, Node
from graph.model.kinds import NodeSpec, ParamKind, Role
from graph.model.slot_names import owner
from graph.model.traversal import reachable
from graph.validation.width_inference import Widths, infer_widths, slot_shapes

Severity: TypeAlias = Literal["error", "warning", "note"]
ColumnWidths: TypeAlias = Mapping[str, int] | None
NO_LOSS = "nothing is trained without a loss; add one and connect what it compares"
_SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True)
class Remedy:
    """An edit that mends a problem, and what it does in a few words: a button and an undo entry."""

    text: str
    edit: Edit


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: a sentence that says what to do, and the nodes it is about.

    Parameters
    ----------
    message : str
        The sentence, without full stop.
    nodes : tuple of str
        Ids.
    severity : str
        An ``error`` keeps the document from being trained, a ``warning`` is most likely a mistake,
        a ``note`` is good to know.
    remedies : tuple of Remedy
        What can be done with one click, the likeliest first.
    """

    message: str
    nodes: tuple[str, ...] = ()
    severity: Severity = "error"
    remedies: tuple[Remedy, ...] = ()


def by_severity(found: Iterable[Problem]) -> list[Problem]:
    """Return problems with errors first, then warnings, then notes; each in the given order."""
    return sorted(found, key=lambda problem: _SEVERITIES.index(problem.severity))


def problems(
    document: Document,
    columns: Mapping[str, int] | None,
    widths: Widths | None = None,
    *,
    is_reading: bool = False,
) -> list[Problem]:
    """List what keeps a document from running (errors), then what looks forgotten (warnings).

    Parameters
    ----------
    document : Document
        The graph.
    columns : mapping or None
        The data's columns and widths; None if the data could not be read.
    widths : Widths, optional
        What `infer_widths` gave for these, to save that work.
    is_reading : bool
        Whether the data is still being read: that its columns are not known is no problem then.
    """
    widths = widths or infer_widths(document, columns or {})
    view = _View(document, columns, widths, is_reading=is_reading)
    found = [problem for check in _CHECKS for problem in check(view)]
    return by_severity(found)


class _View:
    """A document with what several checks need of it."""

    def __init__(
        self, document: Document, columns: ColumnWidths, widths: Widths, *, is_reading: bool
    ) -> None:
        self.document, self.columns, self.widths = document, columns, widths
        self.is_reading = is_reading
        self.incoming: dict[str, list[Edge]] = {node: [] for node in document.nodes}
        for edge in document.edges.values():
            self.incoming[edge.target].append(edge)

    def known(self) -> Iterator[tuple[Node, NodeSpec]]:
        """Yield the nodes of known kinds with their kinds."""
        for node in self.document.nodes.values():
            spec = self.document.library.get(node.kind)
            if spec is not None:
                yield node, spec

    def of(self, *roles: Role) -> Iterator[tuple[Node, NodeSpec]]:
        """Yield the nodes with one of these roles."""
        return ((node, spec) for node, spec in self.known() if spec.role in roles)

    def name(self, node_id: str) -> str:
        """Return what the user calls a node."""
        node = self.document.nodes[node_id]
        return repr(node.label or node.id)


def _unknown_kinds(view: _View) -> Iterator[Problem]:
    for node in view.document.nodes.values():
        if node.kind not in view.document.library:
            yield Problem(
                f"{view.name(node.id)} is of the unknown kind {node.kind!r}; "
                "install what provides it, or replace the node",
                (node.id,),
            )


def _no_loss(view: _View) -> Iterator[Problem]:
    if next(view.of(Role.LOSS), None) is None:
        yield Problem(NO_LOSS)


def _unconnected_ports(view: _View) -> Iterator[Problem]:
    for node, spec in view.known():
        taken = {edge.port for edge in view.incoming[node.id]}
        for port in spec.ports:
            if port.name not in taken:
                what = "any input" if port.variadic else "an input"
                yield Problem(
                    f"{view.name(node.id)} lacks {what} at {port.name!r}; connect one", (node.id,)
                )


def _edges_out_of_ends(view: _View) -> Iterator[Problem]:
    for node, spec in view.of(Role.LOSS, Role.PENALTY):
        if view.document.graph.out_degree(node.id):
            yield Problem(
                f"{view.name(node.id)} is a {spec.role.value} and ends the graph; "
                "remove the edges out of it",
                (node.id,),
            )


def _data(view: _View) -> Iterator[Problem]:
    readers = list(view.of(Role.INPUT, Role.TARGET))
    for node, spec in readers:
        if not view.document.param(node.id, "columns"):
            yield Problem(
                f"the {spec.role.value} {view.name(node.id)} names no column; choose one",
                (node.id,),
            )
    if not readers:
        return
    nodes = tuple(node.id for node, _ in readers)
    if view.document.dataset is None and not view.columns:
        yield Problem("there is no data; choose a dataset", nodes)
    elif view.columns is None and not view.is_reading:
        yield Problem("the data could not be read; open the data dialog to see why", nodes)
    elif view.columns is not None:
        yield from _unknown_columns(view, readers, view.columns)


def _unknown_columns(
    view: _View, readers: list[tuple[Node, NodeSpec]], columns: Mapping[str, int]
) -> Iterator[Problem]:
    for node, spec in readers:
        names = view.document.param(node.id, "columns")
        for name in names if isinstance(names, tuple) else ():
            if column_width(columns, str(name)) is None:
                yield Problem(
                    f"the {spec.role.value} {view.name(node.id)} reads the column {name!r}, "
                    f"which the data does not have; it has {_few(list(columns))}",
                    (node.id,),
                )


def _mismatches(view: _View) -> Iterator[Problem]:
    for mismatch in view.widths.mismatches:
        sources = [e.source for e in view.incoming[mismatch.node] if e.port == mismatch.port]
        at = f" at {mismatch.port!r}" if mismatch.port else ""
        yield Problem(
            f"the widths do not go together{at} of {view.name(mismatch.node)}: {mismatch.message}; "
            "change a width or the wiring",
            (mismatch.node, *dict.fromkeys(sources)),
        )


def _unused(view: _View) -> Iterator[Problem]:
    losses = [node.id for node, _ in view.of(Role.LOSS)]
    if not losses:
        return
    reached = reachable(losses, lambda node: [edge.source for edge in view.incoming[node]])
    for node, spec in view.known():
        if node.id not in reached and spec.role is not Role.PENALTY:
            yield Problem(
                f"{view.name(node.id)} reaches no loss and is not trained; connect or remove it",
                (node.id,),
                "warning",
            )


def _parameters(view: _View) -> Iterator[Problem]:
    document = view.document
    owners: dict[str, str] = {}
    for node_id in document.nodes:
        for slot in document.slots(node_id):
            if slot in owners:
                yield Problem(
                    f"the name {slot!r} stands for parameters of both {view.name(owners[slot])} "
                    f"and {view.name(node_id)}; rename one of the nodes",
                    (owners[slot], node_id),
                )
            owners[slot] = node_id
    placeholders = any(node.kind not in document.library for node in document.nodes.values())
    if not placeholders:
        yield from _names_without_slot(view, owners)
    yield from _shapes(view, owners)


def _names_without_slot(view: _View, owners: Mapping[str, str]) -> Iterator[Problem]:
    document = view.document
    names = {document.parameter_name(slot) for slot in owners}
    for what, lost in (
        ("sharing", sorted(set(document.shared) - owners.keys())),
        ("freezing", sorted(document.frozen - names)),
        ("a value", sorted(set(document.parameters) - names)),
    ):
        for name in lost:
            nodes = (owner(name),) if owner(name) in document.nodes else ()
            yield Problem(
                f"there is {what} for {name!r}, which is no parameter; remove it or rename it",
                nodes,
                "warning",
            )
    for node, spec in view.known():
        for param in spec.params:
            value = document.param(node.id, param.name)
            if param.kind is not ParamKind.PARAMETERS or not isinstance(value, tuple):
                continue
            for listed in value:
                if listed not in names:
                    yield Problem(
                        f"{view.name(node.id)} names {listed!r}, which is no parameter; "
                        "choose another",
                        (node.id,),
                    )


def _shapes(view: _View, owners: Mapping[str, str]) -> Iterator[Problem]:
    document = view.document
    values, shared = document.parameters, document.shared
    if not values and not shared:
        return
    first: dict[str, tuple[str, tuple[int, ...]]] = {}
    for node_id in document.nodes:
        for slot, shape in slot_shapes(document, view.widths, node_id).items():
            name = shared.get(slot, slot)
            if name in first:
                other, before = first[name]
                if before != shape:
                    yield Problem(
                        f"{slot!r} and {other!r} share {name!r} but have the shapes "
                        f"{_shape(shape)} and {_shape(before)}; unshare one",
                        tuple(dict.fromkeys((owners[other], node_id))),
                    )
                continue
            first[name] = slot, shape
            if name in values and values[name].shape != shape:
                yield Problem(
                    f"the value of {name!r} has the shape {_shape(values[name].shape)}, but "
                    f"{view.name(node_id)} needs {_shape(shape)}; initialise it anew",
                    (node_id,),
                )


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "of one number"


def _few(names: list[str]) -> str:
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "") if names else "none"


_CHECKS: tuple[Callable[[_View], Iterator[Problem]], ...] = (
    _unknown_kinds,
    _no_loss,
    _data,
    _unconnected_ports,
    _mismatches,
    _edges_out_of_ends,
    _parameters,
    _unused,
)

"""Every rule a connection must keep, each with its own error that says what to do.

Nothing is pushed that was not checked here first.
"""
# ruff: noqa: N818 - each error is named by the reason that it gives

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

from graph.errors import ConnectError, WidthMismatch
from graph.model.document import Document
from graph.model.edits import Edge
from graph.model.kinds import NodeSpec, PortSpec, Role
from graph.model.params import check_param, check_params
from graph.model.traversal import shortest_path
from graph.validation.width_inference import Widths, infer_widths, output_width, widths_with

__all__ = [
    "NoOutput",
    "PortTaken",
    "SelfLoop",
    "UnknownKind",
    "UnknownNode",
    "UnknownPort",
    "WidthMismatch",
    "WouldCycle",
    "check_connect",
    "check_param",
    "check_params",
    "free_port",
    "path",
]

_NO_COLUMNS: Mapping[str, int] = MappingProxyType({})


class UnknownNode(ConnectError):
    """One end of the edge is no node of the document."""


class UnknownKind(ConnectError):
    """The target's kind is not installed, so nothing is known of its ports."""


class UnknownPort(ConnectError):
    """The target has no such port, or no port at all."""


class PortTaken(ConnectError):
    """The port takes one edge and has it."""


class SelfLoop(ConnectError):
    """Source and target are the same node."""


class NoOutput(ConnectError):
    """The source is a loss or a penalty, which ends the graph."""


class WouldCycle(ConnectError):
    """The target already leads to the source."""


def check_connect(
    document: Document,
    source: str,
    target: str,
    port: str,
    columns: Mapping[str, int] = _NO_COLUMNS,
    *,
    replacing: str | None = None,
    widths: Widths | None = None,
) -> None:
    """Check whether an edge may be added.

    Parameters
    ----------
    document : Document
        The graph, which is not changed.
    source, target, port : str
        The ends of the edge.
    columns : mapping
        The data's columns and widths; without them the widths of inputs are unknown.
    replacing : str, optional
        An edge that would go away at the same time.
    widths : Widths, optional
        What `infer_widths` gave for this document and these columns, to save that work.

    Raises
    ------
    ConnectError
        The subclass of the rule that is broken.
    """
    spec = _target_spec(document, source, target)
    _check_port(document, spec, target, port, replacing)
    _check_cycle(document, source, target, replacing)
    known = widths or infer_widths(document, columns)
    _check_width(document, known, columns, Edge("", source, target, port), replacing)


def free_port(
    document: Document,
    source: str,
    target: str,
    columns: Mapping[str, int] = _NO_COLUMNS,
    *,
    replacing: str | None = None,
    widths: Widths | None = None,
) -> str:
    """Return the first port of ``target`` that may take an edge from ``source``.

    Target nodes prefer a loss's ``target`` port. Parameters are as those of `check_connect`.

    Raises `ConnectError` if no port may; the reason is that of the first port that is free, else of
    the first.
    """
    spec = _target_spec(document, source, target)
    if not spec.ports:
        raise _no_ports(spec, target)
    origin = document.spec(source)
    names = [port.name for port in spec.ports]
    if origin is not None and origin.role is Role.TARGET:
        names.sort(key=lambda name: name != "target")
    free: list[str] = []
    for name in names:
        with suppress(PortTaken):
            _check_port(document, spec, target, name, replacing)
            free.append(name)
    if not free:
        _check_port(document, spec, target, names[0], replacing)
    _check_cycle(document, source, target, replacing)
    known = widths or infer_widths(document, columns)
    mismatches: list[ConnectError] = []
    for name in free:
        try:
            _check_width(document, known, columns, Edge("", source, target, name), replacing)
        except WidthMismatch as reason:
            mismatches.append(reason)
        else:
            return name
    raise mismatches[0]


def path(
    document: Document, start: str, end: str, *, without: str | None = None
) -> list[str] | None:
    """Return the nodes of a shortest path, both ends included, or None if there is none.

    ``without`` names an edge that the path must not take.
    """
    edges = document.graph.out_edges
    return shortest_path(
        start,
        end,
        lambda node: [after for _, after, key in edges(node, keys=True) if key != without],
    )


def _check_cycle(document: Document, source: str, target: str, replacing: str | None) -> None:
    found = path(document, target, source, without=replacing)
    if found:
        raise WouldCycle(
            f"{source} → {target} would close the cycle {' → '.join([*found, target])}; "
            "remove one of these edges first"
        )


def _target_spec(document: Document, source: str, target: str) -> NodeSpec:
    for node in (source, target):
        if node not in document.nodes:
            raise UnknownNode(f"there is no node {node!r}")
    if source == target:
        raise SelfLoop(f"{source!r} cannot feed itself; graphs have no cycles")
    origin = document.spec(source)
    if origin is not None and origin.role in (Role.LOSS, Role.PENALTY):
        raise NoOutput(
            f"{source!r} is a {origin.role.value} and ends the graph; connect what goes into it"
        )
    spec = document.spec(target)
    if spec is None:
        kind = document.nodes[target].kind
        raise UnknownKind(
            f"{target!r} is of the unknown kind {kind!r}; replace it or install that kind"
        )
    return spec


def _no_ports(spec: NodeSpec, target: str) -> UnknownPort:
    return UnknownPort(
        f"{target!r} ({spec.title}) takes no edges; it is where values come from"
        if spec.role is not Role.PENALTY
        else f"{target!r} ({spec.title}) takes no edges; name its parameters instead"
    )


def _check_port(
    document: Document, spec: NodeSpec, target: str, name: str, replacing: str | None
) -> PortSpec:
    if not spec.ports:
        raise _no_ports(spec, target)
    port = spec.port(name)
    if port is None:
        known = ", ".join(repr(port.name) for port in spec.ports)
        raise UnknownPort(f"{target!r} ({spec.title}) has no port {name!r}; it has {known}")
    if not port.variadic:
        for edge in document.in_edges(target):
            if edge.port == name and edge.id != replacing:
                raise PortTaken(
                    f"{name!r} of {target!r} takes one edge and has one from {edge.source!r}; "
                    "remove that first"
                )
    return port


def _check_width(
    document: Document,
    widths: Widths,
    columns: Mapping[str, int],
    edge: Edge,
    replacing: str | None,
) -> None:
    others = [e for e in document.in_edges(edge.target) if e.id != replacing]
    last = max((e.order for e in others), default=-1) + 1
    ports = widths_with(document, widths, edge.target, [*others, replace(edge, order=last)])
    spec = document.library[document.nodes[edge.target].kind]
    try:
        output_width(spec, document.params(edge.target), ports, columns)
    except WidthMismatch as error:
        raise WidthMismatch(
            edge.port,
            f"{edge.source!r} has width {widths.nodes[edge.source]} and does not fit "
            f"{edge.port!r} of {edge.target!r}: {error}",
        ) from error

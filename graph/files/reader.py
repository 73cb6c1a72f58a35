"""The plain values of a file as the state of a document, every part checked at its place."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from functools import partial
from typing import Any, TypeVar

import networkx as nx

from graph.errors import EditError, FileError
from graph.files.arrays import read_array
from graph.files.conversion import convert, shown
from graph.files.records import EdgeRecord, FileRecord, LayoutRecord, NodeRecord
from graph.files.strict_json import member
from graph.model.dataset import Dataset
from graph.model.edits import Comment, Edge, Group, Node, Position
from graph.model.group_checks import check_groups
from graph.model.invariants import check_ports
from graph.model.kinds import Library, NodeSpec, ParamValue
from graph.model.params import PLAIN, expected, is_plain, known_params, suits
from graph.model.state import State
from graph.model.tensor import Tensor
from graph.model.training import Training

Record = TypeVar("Record", NodeRecord, EdgeRecord)
_SECTIONS = FileRecord.__struct_fields__


def read_state(raw: dict[str, Any], library: Library) -> State:
    """Return the state that a file of the current version describes.

    Raises
    ------
    FileError
        Naming the JSON path, what was found and what was expected.
    """
    for name in raw:
        if name not in _SECTIONS:
            known = ", ".join(_SECTIONS)
            raise FileError(f"found an unknown section; expected {known}", place=member("$", name))
    for name in ("nodes", "edges"):
        if name not in raw:
            raise FileError(f"the section {name!r} is missing; the file is incomplete", place="$")
    state = State(
        title=convert(raw.get("title", ""), str, "$.title"),
        notes=convert(raw.get("notes", ""), str, "$.notes"),
        nodes=_nodes(raw["nodes"], library),
        parameters=_parameters(raw.get("parameters", {})),
        frozen=_frozen(raw.get("frozen", [])),
        shared=_shared(raw.get("shared", {})),
        training=convert(raw.get("training", {}), Training, "$.training"),
    )
    if raw.get("dataset") is not None:
        state.dataset = convert(raw["dataset"], Dataset, "$.dataset")
    _connect(state, raw["edges"], library)
    _lay_out(state, raw.get("layout", {}))
    return state


def _nodes(raw: Any, library: Library) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for index, record in enumerate(_records(raw, NodeRecord, "$.nodes")):
        place = f"$.nodes[{index}]"
        params = _params(record.params, library.get(record.kind), f"{place}.params")
        nodes[record.id] = Node(record.id, record.kind, record.label, params)
    return nodes


def _records(raw: Any, kind: type[Record], place: str) -> list[Record]:
    records: list[Record] = convert(raw, list[kind], place)  # type: ignore[valid-type]
    seen: dict[str, int] = {}
    for index, record in enumerate(records):
        if record.id in seen:
            raise FileError(
                f"found the id {record.id!r}, which {place}[{seen[record.id]}] has already; "
                "expected an id of its own",
                place=f"{place}[{index}].id",
            )
        seen[record.id] = index
    return records


def _params(raw: Mapping[str, Any], spec: NodeSpec | None, place: str) -> dict[str, ParamValue]:
    params: dict[str, ParamValue] = {}
    for name in sorted(raw):
        value = tuple(raw[name]) if isinstance(raw[name], list) else raw[name]
        declared = spec.param(name) if spec else None
        if spec and declared is None:
            raise FileError(
                f"{spec.kind!r} has no such parameter; expected {known_params(spec)}",
                place=member(place, name),
            )
        if not (suits(declared, value) if declared else is_plain(value)):
            wanted = expected(declared) if declared else PLAIN
            raise FileError(f"found {shown(value)}; expected {wanted}", place=member(place, name))
        params[name] = value
    return params


def _connect(state: State, raw: Any, library: Library) -> None:
    records = _records(raw, EdgeRecord, "$.edges")
    incoming: dict[str, list[Edge]] = {}
    for index, record in enumerate(records):
        for end in (record.source, record.target):
            if end not in state.nodes:
                side = "source" if end == record.source else "target"
                raise FileError(
                    f"found {end!r}, which is no node; expected the id of a node",
                    place=f"$.edges[{index}].{side}",
                )
        ends = record.source, record.target, record.port, record.order
        edge = Edge(record.id, *ends, record.label)
        state.edges[edge.id] = edge
        incoming.setdefault(edge.target, []).append(edge)
    for target, edges in incoming.items():
        spec = library.get(state.nodes[target].kind)
        if spec is not None:
            _check_ports(state, spec, target, edges)
    state.graph.add_nodes_from(state.nodes)
    for edge in state.edges.values():
        state.graph.add_edge(edge.source, edge.target, key=edge.id)
    if not nx.is_directed_acyclic_graph(state.graph):
        _refuse_cycle(state)


def _check_ports(state: State, spec: NodeSpec, target: str, edges: list[Edge]) -> None:
    for count in range(1, len(edges) + 1):
        last = edges[count - 1]
        port = spec.port(last.port)
        if port is not None and port.variadic:
            continue
        try:
            check_ports(spec, target, edges[:count])
        except EditError as error:
            index = list(state.edges).index(last.id)
            raise FileError(str(error), place=f"$.edges[{index}].port") from None


def _refuse_cycle(state: State) -> None:
    cycle = nx.find_cycle(state.graph)
    nodes = [source for source, *_ in cycle]
    index = list(state.edges).index(cycle[-1][2])
    names = [*nodes, nodes[0]]
    if len(names) > 12:
        names = [*names[:6], "…", *names[-6:]]
    raise FileError(
        f"found the cycle {' → '.join(names)}; expected a graph without cycles",
        place=f"$.edges[{index}]",
    )


def _parameters(raw: Any) -> dict[str, Tensor]:
    values = convert(raw, dict[str, Any], "$.parameters")
    return {name: read_array(value, member("$.parameters", name)) for name, value in values.items()}


def _frozen(raw: Any) -> set[str]:
    names: list[str] = convert(raw, list[str], "$.frozen")
    _refuse_repeat(names, "$.frozen")
    return set(names)


def _refuse_repeat(names: list[str], place: str, field: str = "") -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            message = f"found {name!r} a second time; expected it once"
            raise FileError(message, place=f"{place}[{index}]{field}")
        seen.add(name)


def _shared(raw: Any) -> dict[str, str]:
    slots: dict[str, str] = convert(raw, dict[str, Any], "$.shared")
    for slot, name in slots.items():
        if not isinstance(name, str):
            message = f"found {shown(name)}; expected the name of a parameter"
            raise FileError(message, place=member("$.shared", slot))
    return slots


def _lay_out(state: State, raw: Any) -> None:
    layout = convert(raw, LayoutRecord, "$.layout")
    for node, position in layout.nodes.items():
        state.positions[node] = _position(state, node, position)
    state.groups = tuple(
        Group(g.id, g.title, tuple(g.nodes), g.parent, g.collapsed) for g in layout.groups
    )
    for index, group in enumerate(state.groups):
        stray = next((node for node in group.nodes if node not in state.nodes), None)
        if stray is not None:
            message = f"found {stray!r}, which is no node; expected ids of nodes"
            raise FileError(message, place=f"$.layout.groups[{index}].nodes")
    fault = _group_fault(state.groups)
    if fault is not None:
        count = bisect_left(range(len(state.groups) + 1), True, key=partial(_is_faulty, state))
        raise FileError(fault, place=f"$.layout.groups[{count - 1}]")
    state.comments = tuple(Comment(c.id, c.text, c.rect) for c in layout.comments)
    _refuse_repeat([comment.id for comment in state.comments], "$.layout.comments", ".id")


def _is_faulty(state: State, count: int) -> bool:
    return _group_fault(state.groups[:count]) is not None


def _group_fault(groups: tuple[Group, ...]) -> str | None:
    try:
        check_groups(groups)
    except EditError as error:
        return str(error)
    return None


def _position(state: State, node: str, raw: Any) -> Position:
    place = member("$.layout.nodes", node)
    if node not in state.nodes:
        raise FileError("found a position for what is no node; expected ids of nodes", place=place)
    if isinstance(raw, list) and len(raw) == 2 and all(type(x) in (int, float) for x in raw):
        return (float(raw[0]), float(raw[1]))
    raise FileError(f"found {shown(raw)}; expected [x, y]", place=place)

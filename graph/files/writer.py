"""A document as text: fixed order, one node, edge, parameter and position a line."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from graph.errors import FileError
from graph.files.records import FORMAT, VERSION
from graph.model.dataset import Dataset
from graph.model.document import Document
from graph.model.edits import Comment, Edge, Group, Node
from graph.model.slot_names import owner
from graph.model.tensor import Tensor

_LIST_LIMIT = 64
_LIST_DEPTH = 4
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def dumps(document: Document) -> str:
    """Return the document as the text of a ``.gradwire`` file.

    Equal documents give equal texts; only nodes, edges and columns of an inline table have an
    order of their own.

    Raises `FileError` if the document holds a number that is not finite, which JSON cannot express.
    """
    try:
        text = ",\n ".join(_sections(document))
    except ValueError as error:
        raise FileError(f"a number is not finite and cannot be written ({error})") from error
    if not text.isascii():
        text = _HALF_PAIR.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
    return f"{{{text}}}\n"


def _sections(document: Document) -> Iterator[str]:
    yield f'"format": "{FORMAT}", "version": {VERSION}'
    for name, text in (("title", document.title), ("notes", document.notes)):
        if text:
            yield f'"{name}": {_encode(text)}'
    yield _list("nodes", map(_node, document.nodes.values())) or '"nodes": []'
    yield _list("edges", map(_edge, document.edges.values())) or '"edges": []'
    yield from filter(None, _model(document))
    if document.dataset is not None:
        yield f'"dataset": {_dataset(document.dataset)}'
    yield f'"training": {_encode(changed_fields(document.training))}'
    yield f'"layout": {{{_layout(document)}}}'


def _model(document: Document) -> Iterator[str]:
    key = owner_order(document)
    values = document.parameters
    yield _object("parameters", ((name, _tensor(values[name])) for name in sorted(values, key=key)))
    yield _list("frozen", map(_encode, sorted(document.frozen, key=key)))
    slots = sorted(document.shared.items(), key=lambda item: key(item[0]))
    yield _object("shared", ((slot, _encode(name)) for slot, name in slots))


def owner_order(document: Document) -> Callable[[str], tuple[int, int, str]]:
    """Return a sort key for parameter names: nodes', edges', then others, each in order."""
    nodes = {node: index for index, node in enumerate(document.nodes)}
    edges = {edge: index for index, edge in enumerate(document.edges)}

    def key(name: str) -> tuple[int, int, str]:
        belongs = owner(name)
        if belongs in nodes:
            return 0, nodes[belongs], name
        if belongs in edges:
            return 1, edges[belongs], name
        return 2, 0, name

    return key


def _list(name: str, items: Iterable[str]) -> str:
    lines = ",\n  ".join(items)
    return f'"{name}": [\n  {lines}]' if lines else ""


def _object(name: str, items: Iterable[tuple[str, str]]) -> str:
    lines = ",\n  ".join(f"{_encode(key)}: {text}" for key, text in items)
    return f'"{name}": {{\n  {lines}}}' if lines else ""


def _node(node: Node) -> str:
    label = f', "label": {_encode(node.label)}' if node.label else ""
    params = f', "params": {_encode(dict(sorted(node.params.items())))}' if node.params else ""
    return f'{{"id": {_encode(node.id)}, "kind": {_encode(node.kind)}{label}{params}}}'


def _edge(edge: Edge) -> str:
    label = f', "label": {_encode(edge.label)}' if edge.label else ""
    return (
        f'{{"id": {_encode(edge.id)}, "source": {_encode(edge.source)}, '
        f'"target": {_encode(edge.target)}, "port": {_encode(edge.port)}, '
        f'"order": {edge.order}{label}}}'
    )


def _number(number: float) -> str:
    """Return the shortest text that reads as the same float64."""
    if not math.isfinite(number):
        raise ValueError(f"{number}")
    text = repr(float(number))
    return text.removesuffix(".0") if number else text


def _tensor(tensor: Tensor) -> str:
    extents = tensor.shape
    count = math.prod(extents)
    if 0 < count <= _LIST_LIMIT and len(extents) <= _LIST_DEPTH:
        return _nested(tensor.nested())
    if not tensor.is_finite():
        raise ValueError("in a large array")
    packed = base64.b64encode(tensor.data).decode("ascii")
    shape = _encode(extents)
    return f'{{"shape": {shape}, "dtype": "float64", "base64": "{packed}"}}'


def _nested(level: Any) -> str:
    if isinstance(level, list):
        return f"[{', '.join(map(_nested, level))}]"
    return _number(level)


def _dataset(dataset: Dataset) -> str:
    fields = changed_fields(dataset)
    columns = fields.pop("columns", None)
    text = _encode(fields)
    if not columns:
        return text
    return f"{text.removesuffix('}')}, {_columns(columns)}}}"


def _columns(columns: Mapping[str, object]) -> str:
    return _object("columns", ((name, _encode(cells)) for name, cells in columns.items()))


def changed_fields(settings: msgspec.Struct) -> dict[str, Any]:
    """Return a settings struct as plain values, without the fields that are at their default."""
    result: dict[str, Any] = {}
    config = settings.__struct_config__
    if config.tag_field is not None:
        result[config.tag_field] = config.tag
    for info in msgspec.structs.fields(settings):
        value = getattr(settings, info.name)
        if info.default is not msgspec.NODEFAULT and value == info.default:
            continue
        if info.default_factory is not msgspec.NODEFAULT and value == info.default_factory():
            continue
        nested = isinstance(value, msgspec.Struct)
        result[info.encode_name] = changed_fields(value) if nested else value
    return result


def _layout(document: Document) -> str:
    positions = document.positions
    placed = (
        (node, f"[{_number(positions[node][0])}, {_number(positions[node][1])}]")
        for node in document.nodes
        if node in positions
    )
    sections = [
        _object("nodes", placed),
        _list("groups", (_group(document, group) for group in document.groups)),
        _list("comments", map(_comment, document.comments)),
    ]
    return ",\n  ".join(filter(None, sections))


def _group(document: Document, group: Group) -> str:
    record: dict[str, object] = {"id": group.id, "title": group.title}
    record["nodes"] = [node for node in group.nodes if node in document.nodes]
    if group.parent is not None:
        record["parent"] = group.parent
    if group.collapsed:
        record["collapsed"] = True
    return _encode(record)


def _comment(comment: Comment) -> str:
    rect = ", ".join(map(_number, comment.rect))
    return f'{{"id": {_encode(comment.id)}, "text": {_encode(comment.text)}, "rect": [{rect}]}}'

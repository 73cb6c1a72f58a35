"""The JSON Schema of ``.gradwire`` files, made from what reads them and from the kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from graph.files.records import FileRecord, PackedArray
from graph.model.kinds import Library, NodeSpec, ParamKind, ParamSpec

Schema: TypeAlias = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALAR: Schema = {"type": ["boolean", "number", "string"]}
_PLAIN: Schema = {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR}]}
_POINT: Schema = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_NAMES: Schema = {"type": "array", "items": {"type": "string", "minLength": 1}}


def json_schema(library: Library) -> Schema:
    """Return the JSON Schema (2020-12) of documents with the kinds of a library.

    Nodes of known kinds are held to their parameters; other kinds may have any. What no schema
    can say (ids that exist, ports, cycles) is left to ``graph.files.storage.loads``.
    """
    (whole, packed), definitions = msgspec.json.schema_components(
        [FileRecord, PackedArray], ref_template="#/$defs/{name}"
    )
    node = definitions["NodeRecord"]
    node["properties"]["params"]["additionalProperties"] = _PLAIN
    node["allOf"] = [_kind(spec) for spec in library.values()]
    definitions["LayoutRecord"]["properties"]["nodes"]["additionalProperties"] = _POINT
    definitions["Array"] = {
        "description": "Numbers in nested lists of equal length, or a packed array.",
        "anyOf": [
            {"type": "number"},
            {"type": "array", "items": {"$ref": "#/$defs/Array"}},
            packed,
        ],
    }
    parameters = definitions["FileRecord"]["properties"]["parameters"]
    parameters["additionalProperties"] = {"$ref": "#/$defs/Array"}
    schema = {"$schema": _DIALECT, "title": "Gradwire document", **whole, "$defs": definitions}
    plain: Schema = msgspec.json.decode(msgspec.json.encode(schema))
    return plain


def _kind(spec: NodeSpec) -> Schema:
    """Return the rule: if a node is of this kind, its parameters are these."""
    params = {param.name: _param(param) for param in spec.params}
    return {
        "if": {"properties": {"kind": {"const": spec.kind}}, "required": ["kind"]},
        "then": {"properties": {"params": {"properties": params, "additionalProperties": False}}},
    }


def _param(param: ParamSpec) -> Schema:
    schema = dict(_PARAMS[param.kind](param))
    if param.summary:
        schema["description"] = param.summary
    default = param.default
    return {**schema, "default": list(default) if isinstance(default, tuple) else default}


def _bounded(param: ParamSpec, kind: str) -> Schema:
    bounds = {"minimum": param.low, "maximum": param.high}
    return {"type": kind, **{key: bound for key, bound in bounds.items() if bound is not None}}


_PARAMS: dict[ParamKind, Callable[[ParamSpec], Schema]] = {
    ParamKind.INT: lambda param: _bounded(param, "integer"),
    ParamKind.FLOAT: lambda param: _bounded(param, "number"),
    ParamKind.BOOL: lambda _param: {"type": "boolean"},
    ParamKind.CHOICE: lambda param: {"enum": list(param.choices)},
    ParamKind.TEXT: lambda _param: {"type": "string"},
    ParamKind.NUMBERS: lambda param: {"type": "array", "items": _bounded(param, "number")},
    ParamKind.COLUMNS: lambda _param: _NAMES,
    ParamKind.PARAMETERS: lambda _param: {"anyOf": [{"type": "string"}, _NAMES]},
}

"""Turning what msgspec says of a wrong value into a sentence with place, found and expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from graph.errors import FileError
from graph.files.strict_json import member

_TOKEN = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[(\.\.\.)\]")
_WORDS = {"object": "an object", "array": "a list", "str": "a text", "int": "a whole number"}
_WORDS |= {"float": "a number", "bool": "true or false", "null": "null"}


def convert(raw: Any, kind: Any, place: str) -> Any:
    """Return plain values from the JSON path ``place`` as a type that msgspec understands.

    Raises
    ------
    FileError
        Naming the place, what was found and what was expected.
    """
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
    keys, found, schema = _follow(raw, kind, _TOKEN.findall(path))
    for key in keys:
        place = member(place, key)
    raise FileError(_sentence(message, found, schema), place=place)


def shown(value: object) -> str:
    """Return a value as short text for a message."""
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _sentence(message: str, found: object, schema: Mapping[str, Any]) -> str:
    fields = ", ".join(map(repr, schema.get("properties", ())))
    if "unknown field" in message:
        name = message.split("`")[1]
        return f"found the unknown field {name!r}; expected {fields}"
    if "missing required field" in message:
        name = message.split("`")[1]
        return f"the field {name!r} is missing; expected {fields}"
    if message.startswith("Invalid"):
        choices = schema.get("enum") or [schema.get("const")]
        return f"found {message.split('value ')[-1]}; expected {', '.join(map(repr, choices))}"
    wanted = message.removeprefix("Expected ").partition(", got ")[0]
    words = re.sub(r"`([^`]*)`", lambda m: _in_words(m[1]), wanted)
    return f"found {shown(found)}; expected {words}"


def _in_words(types: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types.split(" | "))


def _follow(
    raw: Any, kind: Any, tokens: list[tuple[str, str, str]]
) -> tuple[list[str | int], Any, Mapping[str, Any]]:
    """Walk a msgspec path through value and schema; a ``[...]`` is resolved by trial."""
    document = msgspec.json.schema(kind)
    definitions: Mapping[str, Any] = document.get("$defs", {})
    schema = _resolved(document, definitions, raw)
    keys: list[str | int] = []
    for name, index, _any in tokens:
        key: str | int = name or (int(index) if index else _blamed(raw, schema, definitions))
        keys.append(key)
        inner = _inner(schema, key)
        tag = schema.get("x-sources") if key == "source" else None
        raw = raw.get(key) if isinstance(raw, dict) else raw[int(key)]
        schema = {"enum": tag} if tag else _resolved(inner, definitions, raw)
    return keys, raw, schema


def _inner(schema: Mapping[str, Any], key: str | int) -> Mapping[str, Any]:
    if isinstance(key, int):
        prefix = schema.get("prefixItems")
        found = prefix[key] if prefix else schema.get("items", {})
    else:
        found = schema.get("properties", {}).get(key) or schema.get("additionalProperties", {})
    return found if isinstance(found, dict) else {}


def _resolved(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], raw: Any
) -> Mapping[str, Any]:
    """Follow a reference, and choose the branch of a union that ``raw`` is meant for."""
    if "$ref" in schema:
        return _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions, raw)
    if "discriminator" in schema:
        mapping = schema["discriminator"]["mapping"]
        tag = raw.get("source") if isinstance(raw, dict) else None
        if isinstance(tag, str) and tag in mapping:
            return _resolved({"$ref": mapping[tag]}, definitions, raw)
        return {"properties": {"source": {}}, "x-sources": list(mapping)}
    for branch in schema.get("anyOf", ()):
        if "$ref" in branch:
            return _resolved(branch, definitions, raw)
    return schema


def _blamed(raw: Mapping[str, Any], schema: Mapping[str, Any], definitions: Any) -> str:
    """Return the key of an object whose value does not suit the schema of its values."""
    inner = schema.get("additionalProperties", {})
    for key, value in raw.items():
        if not _suits(value, inner, definitions):
            return key
    return next(iter(raw), "")


def _suits(value: Any, schema: Any, definitions: Any) -> bool:
    schema = _resolved(schema, definitions, value)
    if "enum" in schema:
        return value in schema["enum"]
    branches = schema.get("anyOf", [schema])
    names = [branch.get("type") for branch in branches]
    if isinstance(value, list):
        items = schema.get("items", {})
        return "array" in names and all(_suits(item, items, definitions) for item in value)
    return _json_type(value) in names or ("number" in names and _json_type(value) == "integer")


def _json_type(value: object) -> str:
    table = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object"}
    return table.get(type(value), "null")

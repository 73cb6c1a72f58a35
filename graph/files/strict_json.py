"""Strict JSON: no NaN, no repeated keys, no endless nesting, bounded size, and always a place."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from graph.errors import FileError

LARGEST_FILE = 256 * 2**20
_MOST_CONTAINERS = 4_000_000
_MOST_VALUES = 40_000_000
_LARGEST_INT = 2**63
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class _Odd:
    """Stands where JSON has something that is refused, until its place is known."""

    message: str


def parse(source: str | bytes) -> Any:
    """Return what a JSON text holds.

    Raises `FileError` if it is too large, not UTF-8, not JSON (line and column), nested too deeply,
    or holds NaN, Infinity, a number too large for 64 bits, or a key twice (JSON path).
    """
    _check_size(source)
    text = _decoded(source) if isinstance(source, bytes) else source
    odd: list[_Odd] = []
    decoder = _decoder(odd)
    try:
        raw = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise FileError(_syntax(error), place=_line(error)) from None
    except RecursionError:
        raise FileError("found lists nested hundreds deep; expected a Gradwire document") from None
    except ValueError as error:
        raise FileError(f"found a number that cannot be read ({error})") from None
    if odd:
        place, message = _find(raw) or ("$", odd[0].message)
        raise FileError(message, place=place)
    return raw


def member(place: str, key: str | int) -> str:
    """Return the JSON path of a member: ``$.nodes``, ``$.nodes[3]``, ``$["h1.bias"]``."""
    if isinstance(key, int):
        return f"{place}[{key}]"
    shown = key if len(key) <= 80 else key[:79] + "…"
    return f"{place}.{key}" if _NAME.match(key) else f"{place}[{json.dumps(shown)}]"


def _check_size(source: str | bytes) -> None:
    if len(source) > LARGEST_FILE:
        raise FileError(
            f"found {len(source) / 2**20:.0f} MiB; expected at most {LARGEST_FILE // 2**20} MiB"
        )
    if isinstance(source, bytes):
        containers = source.count(b"[") + source.count(b"{")
        values = source.count(b",")
    else:
        containers, values = source.count("[") + source.count("{"), source.count(",")
    if containers > _MOST_CONTAINERS or values > _MOST_VALUES:
        raise FileError(
            f"found {containers:,} lists and objects and {values:,} commas; expected at most "
            f"{_MOST_CONTAINERS:,} and {_MOST_VALUES:,}"
        )


def _decoded(source: bytes) -> str:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(
            f"found a byte that is not UTF-8; expected UTF-8 text ({error.reason})",
            place=f"byte {error.start}",
        ) from None


def _decoder(odd: list[_Odd]) -> json.JSONDecoder:
    def refuse(message: str) -> _Odd:
        odd.append(_Odd(message))
        return odd[-1]

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(items)
        if len(result) < len(items):
            seen: set[str] = set()
            for key, _ in items:
                if key in seen:
                    result[key] = refuse("found this key twice; expected it once")
                seen.add(key)
        return result

    def real(text: str) -> float | _Odd:
        number = float(text)
        return number if math.isfinite(number) else _too_large(text)

    def whole(text: str) -> int | _Odd:
        if len(text) > 20 or not -_LARGEST_INT <= (number := int(text)) < _LARGEST_INT:
            return _too_large(text)
        return number

    def _too_large(text: str) -> _Odd:
        return refuse(f"found {text[:24]}, too large for 64 bits; expected a smaller number")

    return json.JSONDecoder(
        object_pairs_hook=pairs,
        parse_float=real,
        parse_int=whole,
        parse_constant=lambda text: refuse(f"found {text}; expected a finite number"),
    )


def _syntax(error: json.JSONDecodeError) -> str:
    if error.pos >= len(error.doc.rstrip()):
        return f"the text ends too early ({error.msg}); the file is truncated"
    return f"found {error.doc[error.pos : error.pos + 12]!r}; this is not JSON ({error.msg})"


def _line(error: json.JSONDecodeError) -> str:
    return f"line {error.lineno}, column {error.colno}"


def _find(raw: Any) -> tuple[str, str] | None:
    """Return place and message of the first odd value."""
    waiting: list[tuple[str, Any]] = [("$", raw)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, _Odd):
            return place, value.message
        if isinstance(value, dict):
            waiting.extend((member(place, key), value[key]) for key in reversed(value))
        elif isinstance(value, list):
            waiting.extend((member(place, i), value[i]) for i in reversed(range(len(value))))
    return None

"""Whether a value suits a node parameter, and in words what would."""

from __future__ import annotations

import math
from collections.abc import Callable

from graph.errors import EditError
from graph.model.kinds import NodeSpec, ParamKind, Params, ParamSpec, ParamValue

PLAIN = "true, false, a finite number, a text, or a list of these"
_LARGEST = 2**63
_ANY = ParamSpec("", ParamKind.FLOAT, 0.0)


def check_param(spec: NodeSpec, name: str, value: ParamValue) -> None:
    """Check one parameter of a kind.

    Raises `EditError` if the kind has no such parameter, or the value is of another type, out of
    range or not among the choices.
    """
    declared = spec.param(name)
    if declared is None:
        raise EditError(f"{spec.kind!r} has no parameter {name!r}; it has {known_params(spec)}")
    if not suits(declared, value):
        raise EditError(f"{spec.kind}.{name} cannot be {value!r}; it takes {expected(declared)}")


def check_params(spec: NodeSpec, params: Params) -> None:
    """Check all given parameters of a kind; raises `EditError` as `check_param` does."""
    for name, value in params.items():
        check_param(spec, name, value)


def known_params(spec: NodeSpec) -> str:
    """Return the names of a kind's parameters as words."""
    return ", ".join(repr(param.name) for param in spec.params) or "none"


def suits(declared: ParamSpec, value: object) -> bool:
    """Return whether ``value`` has the parameter's type, range and choices."""
    return _CHECKS[declared.kind](declared, value)


def expected(declared: ParamSpec) -> str:
    """Return in words what the parameter takes (``a whole number from 1 to 8``)."""
    if declared.kind is ParamKind.CHOICE:
        return "one of " + ", ".join(declared.choices)
    words = _WORDS[declared.kind]
    low, high = declared.low, declared.high
    if low is not None and high is not None:
        return f"{words} from {low:,.12g} to {high:,.12g}"
    if low is not None:
        return f"{words}, at least {low:,.12g}"
    if high is not None:
        return f"{words}, at most {high:,.12g}"
    return words


def is_plain(value: object) -> bool:
    """Return whether a value may be a parameter at all, whatever the kind."""
    if isinstance(value, tuple):
        return all(not isinstance(item, tuple) and is_plain(item) for item in value)
    return isinstance(value, bool | str) or _is_number(_ANY, value)


def _is_number(declared: ParamSpec, value: object) -> bool:
    if isinstance(value, int):
        finite = not isinstance(value, bool) and -_LARGEST <= value < _LARGEST
    else:
        finite = isinstance(value, float) and math.isfinite(value)
    if not finite or not isinstance(value, int | float):
        return False
    low, high = declared.low, declared.high
    return (low is None or value >= low) and (high is None or value <= high)


def _is_whole(declared: ParamSpec, value: object) -> bool:
    return isinstance(value, int) and _is_number(declared, value)


def _is_names(_declared: ParamSpec, value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(x, str) and x for x in value)


def _is_numbers(declared: ParamSpec, value: object) -> bool:
    return isinstance(value, tuple) and all(_is_number(declared, x) for x in value)


_CHECKS: dict[ParamKind, Callable[[ParamSpec, object], bool]] = {
    ParamKind.INT: _is_whole,
    ParamKind.FLOAT: _is_number,
    ParamKind.BOOL: lambda _declared, value: isinstance(value, bool),
    ParamKind.CHOICE: lambda declared, value: isinstance(value, str) and value in declared.choices,
    ParamKind.TEXT: lambda _declared, value: isinstance(value, str),
    ParamKind.NUMBERS: _is_numbers,
    ParamKind.COLUMNS: _is_names,
    ParamKind.PARAMETERS: lambda declared, value: (
        isinstance(value, str) or _is_names(declared, value)
    ),
}

_WORDS: dict[ParamKind, str] = {
    ParamKind.INT: "a whole number",
    ParamKind.FLOAT: "a finite number",
    ParamKind.BOOL: "true or false",
    ParamKind.TEXT: "a text",
    ParamKind.NUMBERS: "a list of finite numbers",
    ParamKind.COLUMNS: "a list of column names",
    ParamKind.PARAMETERS: 'a list of parameter names, or "weights"',
}

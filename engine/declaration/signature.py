"""Reading a function's signature as the declaration of a node kind (see ``op``)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import numpy as np

from engine.arrays.aliases import Array
from engine.arrays.counter_stream import Stream
from graph.model.kinds import (
    NodeSpec,
    ParamKind,
    Params,
    ParamSpec,
    PortSpec,
    PortWidths,
    Role,
    Shape,
)


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number, inclusive."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """Names to choose from that are only known once all kinds are loaded.

    ``names(specs)`` picks them from the specs of all kinds; `engine.library` asks once.
    """

    names: Callable[[Iterable[NodeSpec]], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Slot:
    """A trainable array: its shape from parameters and port widths, and when it exists.

    ``initial`` names what draws it: ``weights`` (the node's initialiser), ``zeros`` (a bias) or
    ``ones`` (a gain). Penalties on weights leave out the last two.
    """

    shape: Callable[[Params, PortWidths], Shape]
    exists: Callable[[Params], bool] = lambda _params: True
    initial: Literal["weights", "zeros", "ones"] = "weights"


Numbers: TypeAlias = Annotated[tuple[float, ...], ParamKind.NUMBERS]
Columns: TypeAlias = Annotated[tuple[str, ...], ParamKind.COLUMNS]
Parameters: TypeAlias = Annotated[tuple[str, ...] | str, ParamKind.PARAMETERS]
Initializer: TypeAlias = Annotated[
    Literal[
        "xavier_uniform",
        "xavier_normal",
        "he_uniform",
        "he_normal",
        "lecun_normal",
        "ng",
        "uniform",
        "normal",
        "constant",
        "zeros",
    ],
    "how weights without a value are drawn",
]


@dataclass(frozen=True, slots=True)
class Context:
    """What an operation may know of the run beside its inputs.

    Parameters
    ----------
    rows : int
        B, the number of rows of the batch.
    dtype : numpy dtype
        float64 or float32.
    columns : mapping
        For inputs and targets: column reference → (B, width).
    parameters : tuple of arrays
        For penalties: the parameters they cover.
    rng : Stream or None
        Source of noise while training, each step's own; None while evaluating.
    """

    rows: int
    dtype: np.dtype[Any]
    columns: Mapping[str, Array] = field(default_factory=dict)
    parameters: tuple[Array, ...] = ()
    rng: Stream | None = None


@dataclass(slots=True)
class Signature:
    """What a function's arguments declare."""

    ports: list[PortSpec] = field(default_factory=list)
    params: list[ParamSpec] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)
    choices: dict[str, Choices] = field(default_factory=dict)
    takes_context: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """How a kind appears in the palette: group, place in it, sign and further names."""

    group: str
    rank: int
    symbol: str
    aliases: tuple[str, ...]
    role: Role


def read_signature(function: Callable[..., Any]) -> Signature:
    """Return what the arguments of ``function`` declare.

    Raises `TypeError` if a parameter has no default or a type that no editor exists for.
    """
    hints = get_type_hints(function, include_extras=True)
    result = Signature()
    for name, argument in inspect.signature(function).parameters.items():
        hint = hints.get(name)
        if argument.kind is argument.VAR_POSITIONAL:
            result.ports.append(PortSpec(name, variadic=True))
        elif argument.kind is not argument.KEYWORD_ONLY:
            result.ports.append(PortSpec(name))
        elif hint is Context:
            result.takes_context = True
        elif slot := next((m for m in get_args(hint)[1:] if isinstance(m, Slot)), None):
            result.slots[name] = slot
        else:
            result.params.append(_param(function.__name__, name, hint, argument.default))
            if chosen := next((m for m in _extras(hint) if isinstance(m, Choices)), None):
                result.choices[name] = chosen
    return result


def make_spec(function: Callable[..., Any], declared: Signature, face: Face) -> NodeSpec:
    """Return the kind's spec; its ``width`` is still to be set."""
    doc = inspect.getdoc(function) or ""
    kind = function.__name__.removesuffix("_")
    slots = declared.slots

    def names(params: Params) -> tuple[str, ...]:
        return tuple(name for name, slot in slots.items() if slot.exists(params))

    def shapes(params: Params, widths: PortWidths) -> Mapping[str, Shape]:
        return {name: slots[name].shape(params, widths) for name in names(params)}

    return NodeSpec(
        kind=kind,
        title=kind.replace("_", " "),
        group=face.group,
        ports=tuple(declared.ports),
        params=tuple(declared.params),
        width=lambda _params, _widths: 1,
        role=face.role,
        symbol=face.symbol or kind,
        summary=doc.partition("\n")[0],
        formula=_line(doc, "Formula:"),
        doc=doc,
        aliases=face.aliases,
        slots=names,
        slot_shapes=shapes,
    )


_KINDS: dict[object, ParamKind] = {
    bool: ParamKind.BOOL,
    int: ParamKind.INT,
    float: ParamKind.FLOAT,
    str: ParamKind.TEXT,
}


def _param(function: str, name: str, hint: Any, default: Any) -> ParamSpec:
    if default is inspect.Parameter.empty:
        raise TypeError(f"{function}: the parameter {name!r} needs a default")
    extras = _extras(hint)
    base = hint.__origin__ if hasattr(hint, "__metadata__") else hint
    bounds = next((m for m in extras if isinstance(m, Range)), Range())
    choices = get_args(base) if get_origin(base) is Literal else ()
    kind = next((m for m in extras if isinstance(m, ParamKind)), _KINDS.get(base))
    if choices or any(isinstance(m, Choices) for m in extras):
        kind = ParamKind.CHOICE
    if kind is None:
        raise TypeError(f"{function}: the parameter {name!r} has no editor for {hint!r}")
    summary = next((m for m in extras if isinstance(m, str) and not isinstance(m, ParamKind)), "")
    return ParamSpec(name, kind, default, bounds.low, bounds.high, choices, summary)


def _extras(hint: Any) -> tuple[Any, ...]:
    return getattr(hint, "__metadata__", ())


def _line(doc: str, head: str) -> str:
    return next((x.removeprefix(head).strip() for x in doc.splitlines() if x.startswith(head)), "")

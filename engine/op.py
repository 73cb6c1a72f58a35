"""Declaring an operation: one function, its derivative directly under it.

A function's positional arguments are ports (``*xs`` variadic). Its keyword-only arguments are
told apart by their annotation: parameters (``Annotated[float, Range(0, 1)]``, ``bool``, ``str``,
a ``Literal``, `Numbers`, `Columns`, `Parameters`), trainable slots (``Annotated[Array, Slot(…)]``)
and the `Context`. Its docstring is the help: summary, then lines ``Formula:``, ``Shapes:``,
``Source:``. The derivative takes ``(delta, output, *ports, **keywords)`` and returns one message
per port value, then one gradient per slot. See ``engine/ops/product.py`` for an example.

A composite kind (`composite`) has no mathematics of its own: it expands into other nodes, and the
compiler and the editor use the same expansion.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from graph.edits import Edge, Node
from graph.spec import (
    MisfitError,
    NodeSpec,
    ParamKind,
    Params,
    ParamSpec,
    PortSpec,
    PortWidths,
    Role,
    Shape,
)

Array: TypeAlias = NDArray[np.floating[Any]]
Messages: TypeAlias = Array | Sequence[Array | None]


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number, inclusive."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """Names to choose from that are only known once all kinds are loaded."""

    names: Callable[[], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Slot:
    """A trainable array: its shape from parameters and port widths, and when it exists.

    ``initial`` names what draws it: ``weights`` (the initialiser) or ``zeros`` (a bias).
    """

    shape: Callable[[Params, PortWidths], Shape]
    exists: Callable[[Params], bool] = lambda _params: True


Numbers: TypeAlias = Annotated[tuple[float, ...], ParamKind.NUMBERS]
Columns: TypeAlias = Annotated[tuple[str, ...], ParamKind.COLUMNS]
Parameters: TypeAlias = Annotated[tuple[str, ...] | str, ParamKind.PARAMETERS]


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
    rng : numpy Generator or None
        Source of noise while training; None while evaluating.
    """

    rows: int
    dtype: np.dtype[Any]
    columns: Mapping[str, Array] = field(default_factory=dict)
    parameters: tuple[Array, ...] = ()
    rng: np.random.Generator | None = None


@dataclass(frozen=True, slots=True)
class Expansion:
    """Nodes and edges that stand for a composite node.

    One of the nodes has the composite's id: the output. Incoming edges keep their ids. ``slots``
    maps a trainable slot of an inner node to the composite's slot it stands for, where they
    differ.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    slots: Mapping[str, str] = field(default_factory=dict)


Expand: TypeAlias = Callable[[Node, Params, Sequence[Edge]], Expansion]


@dataclass(slots=True)
class Op:
    """A node kind with its mathematics.

    ``forward(*ports, **keywords)`` gives the output (B, width), or ``(output, saved)`` if
    ``saves``; the derivative then receives ``saved``. ``takes_context`` tells whether it has a
    ``context`` keyword. ``expand`` is set for composites only, which have no ``forward``.
    """

    spec: NodeSpec
    forward: Callable[..., Any]
    slots: Mapping[str, Slot]
    takes_context: bool = False
    saves: bool = False
    differentiable: bool = True
    expand: Expand | None = None
    backward: Callable[..., Messages] | None = None

    def derivative(self, rule: Callable[..., Messages]) -> Callable[..., Messages]:
        """Register the derivative: ``rule(delta, output, *ports, **keywords)``."""
        if self.backward is not None:
            raise ValueError(f"{self.spec.kind} has two derivatives")
        self.backward = rule
        return rule

    def __call__(self, *ports: Array, **keywords: Any) -> Any:
        """Run the forward function."""
        return self.forward(*ports, **keywords)


def op(
    *,
    group: str,
    symbol: str = "",
    aliases: tuple[str, ...] = (),
    role: Role = Role.OPERATION,
    saves: bool = False,
    differentiable: bool = True,
) -> Callable[[Callable[..., Any]], Op]:
    """Declare the decorated function as a node kind, named like the function (less a final _)."""

    def declare(function: Callable[..., Any]) -> Op:
        declared = _declaration(function)
        result = Op(
            spec=_spec(function, declared, group, symbol, aliases, role, weighted=False),
            forward=function,
            slots=declared.slots,
            takes_context=declared.takes_context,
            saves=saves,
            differentiable=differentiable,
        )
        object.__setattr__(result.spec, "width", _dry_run(result))
        return result

    return declare


def composite(
    *,
    group: str,
    width: Callable[[Params, PortWidths], int],
    symbol: str = "",
    aliases: tuple[str, ...] = (),
    role: Role = Role.OPERATION,
    weighted: bool = False,
) -> Callable[[Callable[..., Any]], Op]:
    """Declare a kind that stands for several nodes.

    The decorated function only declares ports, parameters and slots; its body returns the
    `Expand` function.
    """

    def declare(function: Callable[..., Any]) -> Op:
        declared = _declaration(function)
        spec = _spec(function, declared, group, symbol, aliases, role, weighted=weighted)
        object.__setattr__(spec, "width", width)
        return Op(spec=spec, forward=function, slots=declared.slots, expand=function())

    return declare


def repeat_to(value: Array, width: int, port: str) -> Array:
    """Return ``value`` (B, w) if w = width, or its one column repeated; else raise MisfitError."""
    if value.shape[1] == width:
        return value
    if value.shape[1] == 1:
        return np.broadcast_to(value, (value.shape[0], width))
    raise MisfitError(port, f"a value of width {value.shape[1]} meets one of width {width}")


def sum_to(message: Array, width: int) -> Array:
    """Undo `repeat_to` in the backward direction: (B, m) → (B, width), summing if width = 1."""
    return message if message.shape[1] == width else message.sum(axis=1, keepdims=True)


def same_width(**values: Array) -> int:
    """Return the common width of the named ports' values, or raise MisfitError."""
    (first, value), *others = values.items()
    for port, other in others:
        if other.shape[1] != value.shape[1]:
            raise MisfitError(
                port,
                f"{first!r} has width {value.shape[1]}, {port!r} has {other.shape[1]}; "
                "they must be equal",
            )
    return int(value.shape[1])


@dataclass(slots=True)
class _Declaration:
    ports: list[PortSpec] = field(default_factory=list)
    params: list[ParamSpec] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)
    takes_context: bool = False


def _declaration(function: Callable[..., Any]) -> _Declaration:
    hints = get_type_hints(function, include_extras=True)
    result = _Declaration()
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
            result.params.append(_param(name, hint, argument.default))
    return result


_KINDS: dict[object, ParamKind] = {
    bool: ParamKind.BOOL,
    int: ParamKind.INT,
    float: ParamKind.FLOAT,
    str: ParamKind.TEXT,
}


def _param(name: str, hint: Any, default: Any) -> ParamSpec:
    if default is inspect.Parameter.empty:
        raise TypeError(f"the parameter {name!r} needs a default")
    base, extras = (
        (hint.__origin__, hint.__metadata__)
        if hasattr(hint, "__metadata__")
        else (
            hint,
            (),
        )
    )
    bounds = next((m for m in extras if isinstance(m, Range)), Range())
    choices = next((m.names() for m in extras if isinstance(m, Choices)), ())
    if get_origin(base) is Literal:
        choices = get_args(base)
    kind = next((m for m in extras if isinstance(m, ParamKind)), None)
    if kind is None:
        kind = ParamKind.CHOICE if choices else _KINDS[base]
    summary = next((m for m in extras if isinstance(m, str) and not isinstance(m, ParamKind)), "")
    return ParamSpec(name, kind, default, bounds.low, bounds.high, tuple(choices), summary)


def _spec(
    function: Callable[..., Any],
    declared: _Declaration,
    group: str,
    symbol: str,
    aliases: tuple[str, ...],
    role: Role,
    *,
    weighted: bool,
) -> NodeSpec:
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
        group=group,
        ports=tuple(declared.ports),
        params=tuple(declared.params),
        width=lambda _params, _widths: 1,
        role=role,
        symbol=symbol or kind,
        summary=doc.partition("\n")[0],
        formula=_line(doc, "Formula:"),
        doc=doc,
        aliases=aliases,
        slots=names,
        slot_shapes=shapes,
        weighted=weighted,
    )


def _line(doc: str, head: str) -> str:
    return next((x.removeprefix(head).strip() for x in doc.splitlines() if x.startswith(head)), "")


def _dry_run(declared: Op) -> Callable[[Params, PortWidths], int]:
    """Return a width function that runs the operation on a batch of two."""
    seen: dict[tuple[object, ...], int] = {}

    def width(params: Params, widths: PortWidths) -> int:
        key = (tuple(sorted(params.items())), tuple(sorted(widths.items())))
        if key not in seen:
            seen[key] = _output_width(declared, params, widths)
        return seen[key]

    return width


def _output_width(declared: Op, params: Params, widths: PortWidths) -> int:
    spec = declared.spec
    complete = spec.complete(params)
    ports = [np.ones((2, n)) for port in spec.ports for n in widths.get(port.name, ())]
    references = complete.get("columns", ())
    columns = (
        {str(name): np.ones((2, n)) for name, n in zip(references, widths["columns"], strict=True)}
        if isinstance(references, tuple) and "columns" in widths
        else {}
    )
    keywords: dict[str, Any] = dict(complete)
    shapes = spec.slot_shapes(complete, widths)
    keywords.update((name, np.ones(shapes.get(name, ()))) for name in declared.slots)
    if declared.takes_context:
        keywords["context"] = Context(rows=2, dtype=np.dtype(float), columns=columns)
    try:
        with np.errstate(all="ignore"):
            output = declared.forward(*ports, **keywords)
    except (ValueError, IndexError, TypeError) as error:
        port = spec.ports[0].name if spec.ports else ""
        raise MisfitError(port, str(error)) from error
    return int((output[0] if declared.saves else output).shape[1])

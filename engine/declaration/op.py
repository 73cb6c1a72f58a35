"""Declaring an operation: one function, its derivative directly under it.

A function's positional arguments are ports (``*xs`` variadic). Its keyword-only arguments are
told apart by their annotation: parameters (``Annotated[float, Range(0, 1)]``, ``bool``, ``str``,
a ``Literal``, `Numbers`, `Columns`, `Parameters`), trainable slots (``Annotated[Array, Slot(…)]``)
and the `Context`. Its docstring is the help: summary, then lines ``Formula:``, ``Shapes:``,
``Source:``. The derivative takes ``(delta, output, *ports, **keywords)``, the keywords being all
of the function's (and ``saved``, if it saves), and returns one message per port value, then one
gradient per slot (of a penalty: one per covered parameter). A single one may be returned bare;
None stands for zeros. ``….equations("z = …", "∂z/∂x = …")`` below it says the same in symbols, for
explanations and help. See ``engine/ops/product.py`` for an example.

Results may be views of the arguments (``identity`` returns its input): nothing that an operation
took or returned is ever written into.

A composite kind (`composite`) has no mathematics of its own: a `Template` of other kinds stands for
it, and the compiler and the editor place the same one.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from engine.arrays.aliases import Array
from engine.declaration.dry_run import Width, dry_run
from engine.declaration.signature import (
    Choices,
    Columns,
    Context,
    Face,
    Initializer,
    Numbers,
    Parameters,
    Range,
    Slot,
    make_spec,
    read_signature,
)
from engine.declaration.template import Expand, InnerEdge, InnerNode, Input, Template
from graph.errors import WidthMismatch
from graph.model.kinds import NodeSpec, Params, Role

if TYPE_CHECKING:
    from engine.declaration.symbolic import Symbolic

__all__ = [
    "WIDEST",
    "Array",
    "Choices",
    "Columns",
    "Context",
    "Expand",
    "Initializer",
    "InnerEdge",
    "InnerNode",
    "Input",
    "Messages",
    "Numbers",
    "Op",
    "Parameters",
    "Range",
    "Slot",
    "Template",
    "Width",
    "composite",
    "op",
    "repeat_to",
    "row_sum",
    "same_width",
    "sum_to",
]

WIDEST = 1_000_000
"""Most components that a kind can be asked for: a slip of the finger is refused, not allocated."""

Messages: TypeAlias = Array | Sequence[Array | None]
Bounds: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class EquationTexts:
    """Equations as an operation declares them (see `Op.equations`)."""

    texts: tuple[str, ...]
    when: Params
    names: Mapping[str, str]


@dataclass(slots=True, eq=False)
class Op:
    """A node kind with its mathematics.

    ``forward(*ports, **keywords)`` gives the output (B, width), or ``(output, saved)`` if
    ``saves``; the derivative then receives ``saved`` as a keyword. ``takes_context`` tells whether
    it has a ``context`` keyword. ``differentiable`` is False for kinds that send no messages and
    so have no derivative. ``elementwise``: each component of the output depends on the same
    component of the one input only. ``rank`` orders a group in the palette. ``expand`` is set for
    composites only, which have no ``forward``. ``bounds`` are the least and the largest number that
    the output can have, reached or not; None if nothing is known. ``derive`` gives the equations
    of a kind whose formula is a parameter.
    """

    spec: NodeSpec
    forward: Callable[..., Any]
    slots: Mapping[str, Slot]
    takes_context: bool = False
    saves: bool = False
    differentiable: bool = True
    elementwise: bool = False
    rank: int = 50
    bounds: Bounds | None = None
    choices: Mapping[str, Choices] = field(default_factory=dict)
    expand: Expand | None = None
    backward: Callable[..., Messages] | None = None
    texts: list[EquationTexts] = field(default_factory=list)
    derive: Callable[[Params], Symbolic] | None = None

    def derivative(self, rule: Callable[..., Messages]) -> Callable[..., Messages]:
        """Register the derivative: ``rule(delta, output, *ports, **keywords)``.

        Raises
        ------
        ValueError
            If the kind has a derivative already, or declares that it has none.
        TypeError
            If the rule's keywords are not those of the function.
        """
        if self.backward is not None:
            raise ValueError(f"{self.spec.kind!r} has two derivatives; keep one")
        if not self.differentiable:
            raise ValueError(f"{self.spec.kind!r} is declared differentiable=False; drop one")
        expected = _keywords(self.forward) | ({"saved"} if self.saves else set())
        if (found := _keywords(rule)) != expected:
            raise TypeError(
                f"the derivative of {self.spec.kind!r} has the keywords {sorted(found)}; "
                f"it needs {sorted(expected)}"
            )
        self.backward = rule
        return rule

    def equations(self, *texts: str, when: Params | None = None, **names: str) -> None:
        """Declare the symbolic side: the formula, then local derivatives and what they use.

        Parameters
        ----------
        *texts : str
            ``"z = σ(x)", "∂z/∂x = σ(x)·(1 − σ(x))"``; see ``engine.declaration.equations``.
        when : mapping, optional
            Parameters with which these equations hold, if there are others.
        **names : str
            What names in the equations stand for: ``W="weight"``. Every port, slot and parameter
            has its own name too, and ``inputs`` is ``x``.
        """
        self.texts.append(EquationTexts(texts, when or {}, names))

    def symbolic(self, params: Params | None = None) -> Symbolic:
        """Return the operation's equations for some parameters; defaults fill in the rest.

        One that declares none has the formula of its help, and no text for its derivatives.
        """
        from engine.declaration.symbolic import Symbolic, read_symbolic  # not at the start

        complete = self.spec.complete(params or {})
        if self.derive is not None:
            return self.derive(complete)
        for declared in self.texts:
            if all(complete[name] == value for name, value in declared.when.items()):
                names = {"x": "inputs", **declared.names} if self.spec.port("inputs") else {}
                return read_symbolic(declared.texts, tuple({**names, **declared.names}.items()))
        return Symbolic(None, {}, (), {}, self.spec.formula)

    def __call__(self, *ports: Array, **keywords: Any) -> Any:
        """Run the forward function."""
        return self.forward(*ports, **keywords)


def op(
    *,
    group: str,
    rank: int = 50,
    symbol: str = "",
    aliases: tuple[str, ...] = (),
    role: Role = Role.OPERATION,
    saves: bool = False,
    differentiable: bool = True,
    elementwise: bool = False,
    bounds: Bounds | None = None,
    width: Width | None = None,
) -> Callable[[Callable[..., Any]], Op]:
    """Declare the decorated function as a node kind, named like the function (less a final _).

    The output's width is found by running the function on a batch of two, unless ``width`` says
    how to compute it.
    """

    def declare(function: Callable[..., Any]) -> Op:
        declared = read_signature(function)
        result = Op(
            spec=make_spec(function, declared, Face(group, rank, symbol, aliases, role)),
            forward=function,
            slots=declared.slots,
            takes_context=declared.takes_context,
            saves=saves,
            differentiable=differentiable,
            elementwise=elementwise,
            rank=rank,
            bounds=bounds,
            choices=declared.choices,
        )
        tried = dry_run(result.spec, function, takes_context=declared.takes_context, saves=saves)
        result.spec = replace(result.spec, width=width or tried)
        return result

    return declare


def composite(
    *,
    group: str,
    width: Width,
    rank: int = 50,
    symbol: str = "",
    aliases: tuple[str, ...] = (),
    role: Role = Role.OPERATION,
    weighted: bool = False,
    slots: Mapping[str, Slot] | None = None,
) -> Callable[[Callable[..., Any]], Op]:
    """Declare a kind that stands for several nodes.

    The decorated function only declares ports and parameters; its body returns the `Expand`
    function. ``slots`` declares what is trainable beside the edges' weights (``weighted``).
    """

    def declare(function: Callable[..., Any]) -> Op:
        declared = read_signature(function)
        declared.slots.update(slots or {})
        spec = make_spec(function, declared, Face(group, rank, symbol, aliases, role))
        unread = [None for port in spec.ports if not port.variadic]
        return Op(
            spec=replace(spec, width=width, weighted=weighted),
            forward=function,
            slots=declared.slots,
            rank=rank,
            choices=declared.choices,
            expand=lambda params, inputs: function(*unread)(params, inputs),
        )

    return declare


def repeat_to(value: Array, width: int, port: str) -> Array:
    """Return ``value`` (B, w) if w = width, or its one column repeated; else a WidthMismatch."""
    if value.shape[1] == width:
        return value
    if value.shape[1] == 1:
        return np.broadcast_to(value, (value.shape[0], width))
    raise WidthMismatch(port, f"a value of width {value.shape[1]} meets one of width {width}")


def sum_to(message: Array, width: int) -> Array:
    """Undo `repeat_to` in the backward direction: (B, m) → (B, width), summing if width = 1."""
    return message if message.shape[1] == width else row_sum(message)


def row_sum(values: Array) -> Array:
    """Add up the components of each row: (B, n) → (B, 1)."""
    total: Array = values.sum(axis=1, keepdims=True)
    return total


def same_width(**values: Array) -> int:
    """Return the common width of the named ports' values, or raise WidthMismatch."""
    (first, value), *others = values.items()
    for port, other in others:
        if other.shape[1] != value.shape[1]:
            raise WidthMismatch(
                port,
                f"{first!r} has width {value.shape[1]}, {port!r} has {other.shape[1]}; "
                "they must be equal",
            )
    return int(value.shape[1])


def _keywords(function: Callable[..., Any]) -> set[str]:
    arguments = inspect.signature(function).parameters.values()
    return {a.name for a in arguments if a.kind is a.KEYWORD_ONLY}

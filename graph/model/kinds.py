"""What the document knows of node kinds: their ports, parameters and trainable slots.

Kinds are declared in ``engine/ops``; here is only the shape of a declaration, so that the
document can be edited, checked and saved without the mathematics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Scalar: TypeAlias = bool | int | float | str
ParamValue: TypeAlias = Scalar | tuple[Scalar, ...]
Params: TypeAlias = Mapping[str, ParamValue]
Shape: TypeAlias = tuple[int, ...]
PortWidths: TypeAlias = Mapping[str, tuple[int, ...]]


class Role(StrEnum):
    """What a kind is for; decides how rules, problems and the canvas treat its nodes."""

    INPUT = "input"
    TARGET = "target"
    SOURCE = "source"
    UNIT = "unit"
    OPERATION = "operation"
    LOSS = "loss"
    PENALTY = "penalty"


class ParamKind(StrEnum):
    """Type of a node parameter; ``gui`` has one editor widget for each."""

    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    CHOICE = "choice"
    TEXT = "text"
    NUMBERS = "numbers"
    COLUMNS = "columns"
    PARAMETERS = "parameters"


@dataclass(frozen=True, slots=True)
class PortSpec:
    """A named input; a variadic one takes many edges, in the order of ``Edge.order``."""

    name: str
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """A parameter of a kind: type, default, range (``low``/``high`` inclusive) and choices."""

    name: str
    kind: ParamKind
    default: ParamValue
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    summary: str = ""


def _no_slots(_params: Params) -> tuple[str, ...]:
    return ()


def _no_shapes(_params: Params, _widths: PortWidths) -> Mapping[str, Shape]:
    return {}


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One node kind.

    Parameters
    ----------
    kind, title, group, symbol : str
        Name in files, name on screen, palette group, sign drawn in the node (``σ``).
    summary, formula, doc : str
        First line of the help, the formula, and the whole help text.
    ports, params : tuple
        Inputs in order, parameters in order.
    role : Role
        What the kind is for.
    width : callable
        ``width(params, widths)`` gives the output's width from the widths at each port;
        raises `WidthMismatch`. For inputs and targets ``widths["columns"]`` holds the widths of
        their columns.
    slots : callable
        ``slots(params)`` names the trainable slots (``("bias",)``).
    slot_shapes : callable
        ``slot_shapes(params, widths)`` gives each slot's shape.
    weighted : bool
        Whether edges into this kind carry a trainable weight, (own width × source width).
    """

    kind: str
    title: str
    group: str
    ports: tuple[PortSpec, ...]
    params: tuple[ParamSpec, ...]
    width: Callable[[Params, PortWidths], int]
    role: Role = Role.OPERATION
    symbol: str = ""
    summary: str = ""
    formula: str = ""
    doc: str = ""
    aliases: tuple[str, ...] = ()
    slots: Callable[[Params], tuple[str, ...]] = _no_slots
    slot_shapes: Callable[[Params, PortWidths], Mapping[str, Shape]] = _no_shapes
    weighted: bool = False
    _ports: Mapping[str, PortSpec] = field(init=False, repr=False, compare=False)
    _params: Mapping[str, ParamSpec] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ports", {port.name: port for port in self.ports})
        object.__setattr__(self, "_params", {param.name: param for param in self.params})

    def port(self, name: str) -> PortSpec | None:
        """Return the port of that name, or None."""
        return self._ports.get(name)

    def param(self, name: str) -> ParamSpec | None:
        """Return the parameter of that name, or None."""
        return self._params.get(name)

    def complete(self, params: Params) -> dict[str, ParamValue]:
        """Return ``params`` with every missing one at its default, in declared order."""
        return {spec.name: params.get(spec.name, spec.default) for spec in self.params}


class Library(Mapping[str, NodeSpec]):
    """The node kinds a document may use, by name, in palette order."""

    def __init__(self, specs: Iterable[NodeSpec]) -> None:
        self._specs: dict[str, NodeSpec] = {}
        for spec in specs:
            if spec.kind in self._specs:
                raise ValueError(f"the kind {spec.kind!r} is declared twice")
            self._specs[spec.kind] = spec

    def __getitem__(self, kind: str) -> NodeSpec:
        return self._specs[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)

    def groups(self) -> dict[str, list[NodeSpec]]:
        """Return the kinds by group, both in declared order."""
        groups: dict[str, list[NodeSpec]] = {}
        for spec in self._specs.values():
            groups.setdefault(spec.group, []).append(spec)
        return groups

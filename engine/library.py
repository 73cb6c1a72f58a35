"""All node kinds: those of ``engine/ops``, found by folder, and those that packages add.

A package adds kinds through the entry-point group ``gradwire.ops``: each entry point names a
module with operations in it, or a single `Op`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType, ModuleType

from engine.declaration.op import Op
from graph.model.kinds import Library

GROUPS = (
    "sources",
    "units",
    "linear",
    "arithmetic",
    "activations",
    "regularising",
    "losses",
)
"""Groups of the palette in its order; groups that packages add follow."""
_FOLDER = "engine.ops"  # looked through by name, as packages are: operations may ask for kinds


@cache
def ops() -> Mapping[str, Op]:
    """Return every operation by kind, in palette order; found once.

    Raises
    ------
    ValueError
        If two operations have the same kind.
    TypeError
        If one has neither a derivative nor ``differentiable=False``.
    """
    return collect([*_built_in(), *_installed()])


@cache
def library() -> Library:
    """Return the node kinds for documents, in palette order."""
    return Library(declared.spec for declared in ops().values())


def collect(found: Iterable[Op]) -> Mapping[str, Op]:
    """Check operations, fill in choices that depend on all kinds; return them in palette order.

    Raises
    ------
    ValueError, TypeError
        As `ops`.
    """
    by_kind: dict[str, Op] = {}
    for declared in found:
        kind = declared.spec.kind
        if kind in by_kind:
            raise ValueError(
                f"the kind {kind!r} is declared twice: in {by_kind[kind].forward.__module__} "
                f"and in {declared.forward.__module__}; rename one"
            )
        _check_derivative(declared)
        by_kind[kind] = declared
    ordered = dict(sorted(by_kind.items(), key=_place))
    specs = [declared.spec for declared in ordered.values()]
    for declared in ordered.values():
        if declared.choices:
            params = tuple(
                replace(param, choices=declared.choices[param.name].names(specs))
                if param.name in declared.choices
                else param
                for param in declared.spec.params
            )
            declared.spec = replace(declared.spec, params=params)
    return MappingProxyType(ordered)


def _check_derivative(declared: Op) -> None:
    if declared.expand is None and declared.backward is None and declared.differentiable:
        raise TypeError(
            f"the kind {declared.spec.kind!r} has no derivative; write one below it with "
            "@….derivative, or declare differentiable=False"
        )


def _place(item: tuple[str, Op]) -> tuple[int, str, int, str]:
    kind, declared = item
    group = declared.spec.group
    known = GROUPS.index(group) if group in GROUPS else len(GROUPS)
    return known, group, declared.rank, kind


def _built_in() -> Iterator[Op]:
    package = importlib.import_module(_FOLDER)
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        yield from _declared_in(importlib.import_module(f"{_FOLDER}.{module.name}"))


def _installed() -> Iterator[Op]:
    for point in sorted(entry_points(group="gradwire.ops"), key=lambda p: p.name):
        loaded = point.load()
        if isinstance(loaded, Op):
            yield loaded
        else:
            yield from _declared_in(loaded)


def _declared_in(module: ModuleType) -> Iterator[Op]:
    for value in vars(module).values():
        if isinstance(value, Op) and value.forward.__module__ == module.__name__:
            yield value

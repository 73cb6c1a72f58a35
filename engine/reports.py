"""Results as tables for the terminal (rich); the command line prints them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table

if TYPE_CHECKING:
    from engine.analysis.gradient_check import Check

_NUMBERS = 4  # of an array
_CHECKS = 10  # the worst ones


def results(final: Mapping[str, Mapping[str, float]]) -> Table:
    """Return loss and metrics, one row a split."""
    names = dict.fromkeys(name for found in final.values() for name in found)
    table = Table("split", *(name.replace("_", " ") for name in names))
    for split, found in final.items():
        table.add_row(split, *(f"{found[n]:.6g}" if n in found else "" for n in names))
    return table


def checks(found: Sequence[Check]) -> Table:
    """Return the worst derivatives of a gradient check."""
    table = Table("parameter", "entry", "∂E/∂w", "by differences", "relative difference")
    for one in found[:_CHECKS]:
        place = ", ".join(map(str, one.index))
        numbers = (f"{one.analytic:.9g}", f"{one.numeric:.9g}", f"{one.relative:.2g}")
        table.add_row(one.parameter, place, *numbers)
    return table


def evaluation(found: Mapping[str, Any]) -> list[str | Table]:
    """Return E, the losses, and the first numbers of every node and parameter."""
    losses = [f"{node} = {loss:.9g}" for node, loss in found["losses"].items()]
    nodes = Table("node", "value", "δ")
    for node, numbers in found["nodes"].items():
        nodes.add_row(node, _few(numbers["value"]), _few(numbers["delta"]))
    parameters = Table("parameter", "value", "gradient")
    for name, numbers in found["parameters"].items():
        parameters.add_row(name, _few(numbers["value"]), _few(numbers["gradient"]))
    return [f"E = {found['error']:.9g}", *losses, nodes, parameters]


def _few(numbers: Any) -> str:
    """Return the first numbers of nested lists."""
    flat: list[str] = []
    waiting = [numbers]
    while waiting and len(flat) <= _NUMBERS:
        first = waiting.pop()
        if isinstance(first, list):
            waiting.extend(reversed(first))
        else:
            flat.append(f"{first:.6g}")
    return "  ".join(flat[:_NUMBERS]) + ("  …" if len(flat) > _NUMBERS else "")

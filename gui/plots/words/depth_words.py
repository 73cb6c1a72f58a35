"""What the view of |δ| by depth says in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.analysis.delta_sizes import ChainLink
    from engine.analysis.depth import DepthReport

Label: TypeAlias = Callable[[str], str]  # node → what it is called on the canvas
_FACTORS = 16  # factors of a chain that are written out
_NAMES = 5  # names that are written out


def letter(report: DepthReport) -> str:
    """Return what is measured: δ is the letter of units and of nothing else."""
    return "δ" if report.depths.has_units else "∂E/∂z"


def listed(names: Sequence[str], count: int = _NAMES) -> str:
    """Write the first names out, and how many more there are."""
    more = f" and {len(names) - count} more" if len(names) > count else ""
    return escape(", ".join(names[:count]) + more)


def judgement(report: DepthReport, branch: int, label: Label) -> str:
    """Say how |δ| changes from the last layer of a branch to its first; empty if it has one."""
    share = report.ratios.get(branch)
    if share is None:
        return ""
    layers = [layer for layer in report.of(branch) if layer.mean > 0]
    first, last = (
        listed([label(node) for node in layer.nodes], 1) for layer in (layers[0], layers[-1])
    )
    word = "vanishes" if share < 0.1 else "explodes" if share > 10 else "holds"
    return f"{first} ÷ {last} = <b>{number_text(share, 3)}</b>, it {word}"


def silent_units(report: DepthReport, label: Label) -> str:
    """List the units whose z and δ are 0, of a wide one how many of its components."""
    if not report.sizes.silent:
        return ""
    names = []
    for node, count in report.sizes.silent.items():
        width = report.plan.widths[report.plan.outputs[node]]
        names.append(label(node) + ("" if width == 1 else f" ({count} of {width})"))
    if report.sizes.rows == 1:
        return f"silent in this row: {listed(names)}"
    return f"dead (silent in all {report.sizes.rows:,} rows): {listed(names)}"


def products(report: DepthReport, label: Label) -> str:
    """Write the product of the local derivatives along each chain, a line each."""
    return "<br>".join(
        _product(label(chain[0]), label(chain[-1]), links)
        for chain, links in report.products.items()
        if links
    )


def _product(first: str, last: str, links: Sequence[ChainLink]) -> str:
    factors = [f"({_number(link.slope)}·{_number(link.weight)})" for link in links[:_FACTORS]]
    more = " · …" if len(links) > _FACTORS else ""
    total = number_text(float(np.prod([link.factor for link in links])))
    return (
        f"δ({escape(first)}) ÷ δ({escape(last)}) = Π f′(s)·w = {' · '.join(factors)}{more} "
        f"= <b>{total}</b>"
    )


def _number(number: float) -> str:
    text = number_text(number, 3)
    return f"({text})" if number < 0 else text

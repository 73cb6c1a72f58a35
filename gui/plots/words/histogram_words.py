"""What the view of histograms says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.analysis.histograms.bins import FrameValues
    from engine.analysis.histograms.counted_values import CountedValues, HistogramQuantity
    from engine.arrays.aliases import Floats, Integers

QUANTITIES: dict[HistogramQuantity, tuple[str, str]] = {
    "weight": ("weights w", "w"),
    "bias": ("biases b", "b"),
    "s": ("s", "s"),
    "z": ("z", "z"),
    "delta": ("δ", "δ"),
    "weight gradient": ("gradients ∂E/∂w", "∂E/∂w"),
    "bias gradient": ("gradients ∂E/∂b", "∂E/∂b"),
}
"""What can be counted: as it is chosen, and its letter."""
PARTS = {"network": "whole network", "hidden": "hidden units", "selection": "selection"}
_SPLITS = {"train": "training", "validation": "validation", "test": "test"}


def letter(quantity: HistogramQuantity, counted: CountedValues | None) -> str:
    """Return the letter of what is counted: that of nodes that are no units is no δ."""
    if quantity == "delta" and counted is not None and not counted.is_delta:
        return "∂E/∂z"
    return QUANTITIES[quantity][1]


def hint(counted: CountedValues, part: str, split: str) -> str:
    """Say what to do if there is nothing to count; "" if there is something."""
    if not counted.is_empty:
        return ""
    if counted.needs_rows and not counted.of_rows:
        return f"There are no {_SPLITS[split]} rows: choose others."
    sign = letter(counted.quantity, counted)
    if part != "selection":
        return f"The {PARTS[part]} has no {sign}: choose other numbers."
    what = "units" if counted.is_of_nodes else "units or wires"
    return f"Nothing selected has a {sign}: select {what} on the canvas."


def about(counted: CountedValues, split: str) -> str:
    """Say of what the values are: ``3 units, 4 training rows``."""
    rows = _amount(counted.rows, counted.of_rows, f"{_SPLITS[split]} row")
    if counted.is_of_nodes:
        kind = "unit" if counted.is_delta else "node"
        nodes = _amount(len(counted.nodes), 0, kind)
        if counted.components > len(counted.nodes):
            nodes = f"{nodes} of {_amount(counted.components, 0, 'component')}"
        return f"{nodes}, {rows}"
    thing = "bias" if counted.quantity.startswith("bias") else "weight"
    entries = _amount(len(counted.entries), counted.of_entries, thing)
    return f"{entries}, E over {rows}" if counted.needs_rows else entries


def spread(values: FrameValues, outside: int) -> list[str]:
    """Say how the values of a moment are spread, and how many lie outside of all bins."""
    total = len(values.values)
    parts = [
        f"mean <b>{number_text(values.mean)}</b>",
        f"standard deviation <b>{number_text(values.deviation)}</b>",
        f"zeros <b>{number_text(100 * values.zeros / max(total, 1), 3)} %</b>",
        _amount(total, 0, "value"),
    ]
    if outside:
        parts.append(f"{outside:,} beyond the bins, counted in the first and the last one")
    if values.not_finite:
        parts.append(f"{values.not_finite:,} not finite")
    return parts


def bin_text(edges: Floats, counts: Integers, place: int) -> str:
    """Say how many values are in a bin; the outer ones hold also what lies beyond."""
    total = int(counts.sum())
    beyond = " or less" if place == 0 else " or more" if place == len(counts) - 1 else ""
    share = number_text(100 * counts[place] / max(total, 1), 3)
    ends = f"from {number_text(edges[place])} to {number_text(edges[place + 1])}{beyond}"
    return f"{ends}: <b>{counts[place]:,}</b> of {total:,} values, {share} %"


def _amount(used: int, of: int, thing: str) -> str:
    """Return ``1 unit``, ``4 training rows``, ``500 of 60,000 test rows``."""
    plural = "" if max(used, of) == 1 else "es" if thing.endswith("s") else "s"
    chosen = f"{used:,} of {of:,}" if of > used else f"{used:,}"
    return f"{chosen} {thing}{plural}"

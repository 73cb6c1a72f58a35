"""What wires show: their number, colour and width, and the scale of them in the legend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

EdgeQuantity: TypeAlias = Literal["weight", "value", "message", "gradient"]


@dataclass(frozen=True, slots=True)
class EdgeMode:
    """One thing that wires can show.

    Parameters
    ----------
    name : str
        In the run bar.
    symbol, wide, mark : str
        Of a single number; of what a vector or matrix is summed up in; that as short as a wire
        has it before its number.
    meaning : str
        In one phrase.
    slope : bool
        Whether it is a derivative of E, in the colours of those.
    """

    name: str
    symbol: str
    wide: str
    mark: str
    meaning: str
    slope: bool = False


EDGE_MODES: Mapping[EdgeQuantity, EdgeMode] = {
    "weight": EdgeMode("weights", "w", "‖W‖", "‖W‖", "the weight it carries"),
    "value": EdgeMode("values", "z", "‖z‖", "‖z‖", "the value that flows forward"),
    "message": EdgeMode(
        "messages",
        "∂E/∂z",
        "mean ∂E/∂z",
        "mean",
        "the share of ∂E/∂z that it carries back",
        slope=True,
    ),
    "gradient": EdgeMode(
        "gradients",
        "∂E/∂w",
        "‖∂E/∂W‖",
        "‖∂E/∂W‖",
        "the derivative of E by its weight",
        slope=True,
    ),
}
"""In the order of their keys, 1 to 4."""

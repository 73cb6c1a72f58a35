"""The numbers of one node or edge, out of a probe; and how numbers are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.arrays.aliases import Array
from engine.arrays.rounding_noise import without_noise
from engine.interpreter.probe import Probe


@dataclass(frozen=True, slots=True)
class NodeNumbers:
    """Output z, net input s and δ of a node; ``net`` is None for kinds that have none.

    ``values`` and ``deltas`` hold the components of a node wider than 1; value, δ and s are then
    means over them, which is why `z`, `slope` and `s` are what is to be shown.
    """

    value: float
    delta: float
    net: float | None
    values: Array | None
    deltas: Array | None

    @property
    def z(self) -> float | Array:
        """The output, of a vector its components."""
        return self.value if self.values is None else self.values

    @property
    def slope(self) -> float | Array:
        """δ or ∂E/∂z, of a vector its components."""
        return self.delta if self.deltas is None else self.deltas

    @property
    def s(self) -> float | None:
        """The net input of a single unit."""
        return None if self.values is not None or self.deltas is not None else self.net


@dataclass(frozen=True, slots=True)
class EdgeNumbers:
    """Weight, what flows back, and ∂E/∂w of an edge; None where it carries no weight."""

    weight: float | None
    message: float
    gradient: float | None
    gradient_norm: float | None


def node_numbers(probe: Probe | None, node_id: str) -> NodeNumbers | None:
    """Return the numbers of a node; None if the probe has none.

    What rounding leaves of a z or s that is 0 is 0, as on the canvas.
    """
    i = _index(probe.nodes).get(node_id) if probe else None
    if probe is None or i is None:
        return None
    strip = probe.strips.get(node_id)
    several = probe.value if strip is None else np.concatenate([probe.value, strip])
    scale = float(np.nan_to_num(np.abs(several)).max())
    value, net = without_noise(np.array([probe.value[i], probe.net[i]]), scale)
    return NodeNumbers(
        float(value),
        float(probe.delta[i]),
        _known(net),
        None if strip is None else without_noise(strip, scale),
        probe.delta_strips.get(node_id),
    )


def edge_numbers(probe: Probe | None, edge_id: str) -> EdgeNumbers | None:
    """Return the numbers of an edge; None if the probe has none."""
    i = _index(probe.edges).get(edge_id) if probe else None
    if probe is None or i is None:
        return None
    return EdgeNumbers(
        _known(probe.weight[i]),
        float(probe.message[i]),
        _known(probe.gradient[i]),
        _known(probe.gradient_norm[i]),
    )


def number_text(number: float | None, digits: int = 4) -> str:
    """Return a number with so many significant digits and a true minus sign; ``–`` for none."""
    if number is None:
        return "–"
    if not math.isfinite(number):
        return "not a number" if math.isnan(number) else ("∞" if number > 0 else "−∞")
    return f"{number:.{digits}g}".replace("-", "−")


def shown_text(shown: float | Array | None, most: int = 4) -> str:
    """Return a number with six digits, or the first components of a vector and how many it has.

    What is not known is ``–``.
    """
    if shown is None or np.isnan(shown).all():
        return "–"
    if isinstance(shown, float):
        return number_text(shown, 6)
    parts = ", ".join(number_text(float(number)) for number in shown[:most])
    return f"({parts}, …; {len(shown)} in all)" if len(shown) > most else f"({parts})"


@lru_cache(maxsize=4)
def _index(names: tuple[str, ...]) -> dict[str, int]:
    return {name: i for i, name in enumerate(names)}


def _known(number: Any) -> float | None:
    return None if math.isnan(number) else float(number)


def index_text(index: Sequence[int]) -> str:
    """Return a place in a vector or matrix as quantities are called: ``[0,2]``, counted from 0."""
    return f"[{','.join(map(str, index))}]"

"""Histograms of several moments whose bins are the same, so that they can be compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Array, Floats, Integers

_BINS = 60
_FEWEST = 8
_CENTRE = 0.99  # share of each moment's values that the bins cover in any case
_FULL = 95.0  # per cent of the cells that are not empty; the others share the full colour
_WIDE = 3.0  # times wider than that: then the bins leave out what lies far off


@dataclass(frozen=True, slots=True, eq=False)
class FrameValues:
    """The values of one moment.

    Parameters
    ----------
    values : (n,) array
        The finite ones, ascending.
    not_finite : int
        How many others there are.
    mean, deviation : float
        Mean and standard deviation (divisor n); NaN without values.
    zeros : int
        How many are exactly 0.
    """

    values: Array
    not_finite: int
    mean: float
    deviation: float
    zeros: int

    @classmethod
    def of(cls, values: Array) -> FrameValues:
        """Sort and measure values."""
        finite = np.sort(values[np.isfinite(values)].astype(np.float64))
        first, stop = np.searchsorted(finite, 0.0, "left"), np.searchsorted(finite, 0.0, "right")
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(finite.mean()) if len(finite) else math.nan
            deviation = float(finite.std()) if len(finite) else math.nan
        return cls(finite, len(values) - len(finite), mean, deviation, int(stop - first))


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """Histograms of T moments with the same K bins.

    Parameters
    ----------
    edges : (K + 1,) array
        Multiples of the bins' width, which is 1, 2 or 5 times a power of ten. A bin holds its
        lower edge, the last one both.
    counts : (T, K) array
        Values in each bin. Those outside of all bins are in the first and the last one.
    outside : (T,) array
        How many those are.
    """

    edges: Floats
    counts: Integers
    outside: Integers

    @property
    def shares(self) -> Floats:
        """The counts as shares of all values of their moment; 0 where there are none."""
        sizes = np.maximum(self.counts.sum(axis=1, keepdims=True), 1)
        shares: Floats = self.counts / sizes
        return shares

    @property
    def logarithms(self) -> Floats:
        """log(1 + count)."""
        logarithms: Floats = np.log1p(self.counts)
        return logarithms


def histograms(frames: Sequence[FrameValues]) -> Histograms:
    """Count the values of each moment in bins that all share.

    The bins cover all values. If these spread more than three times as wide as the middle 99 % of
    every moment, the bins cover only the latter.
    """
    edges = common_edges(frames)
    found = [count_in(frame, edges) for frame in frames]
    counts = np.array([counts for counts, _ in found], np.int64).reshape(len(found), -1)
    return Histograms(edges, counts, np.array([outside for _, outside in found], np.int64))


def full_colour(cells: Floats) -> float:
    """Return the number that gets the full colour in a map of counts or shares; 1 if all are 0.

    A few bins that hold most of the values, such as that of zeros, do not wash the rest out.
    """
    held = cells[cells > 0]
    return float(np.percentile(held, _FULL)) if len(held) else 1.0


def count_in(frame: FrameValues, edges: Floats) -> tuple[Integers, int]:
    """Return the counts of a moment in given bins, as `Histograms` has them, and those outside."""
    values = frame.values
    places = np.concatenate([[0], np.searchsorted(values, edges[1:-1]), [len(values)]])
    below = int(np.searchsorted(values, edges[0]))
    above = len(values) - int(np.searchsorted(values, edges[-1], "right"))
    return np.diff(places).astype(np.int64), below + above


def common_edges(frames: Sequence[FrameValues]) -> Floats:
    """Return the edges of the bins for the values of several moments: see `histograms`."""
    known = [frame.values for frame in frames if len(frame.values)]
    cut = [int(len(values) * (1 - _CENTRE) / 2) for values in known]
    low = min((float(values[0]) for values in known), default=0.0)
    high = max((float(values[-1]) for values in known), default=0.0)
    inner_low = min((float(v[n]) for v, n in zip(known, cut, strict=True)), default=0.0)
    inner_high = max((float(v[-1 - n]) for v, n in zip(known, cut, strict=True)), default=0.0)
    if 0 < _WIDE * (inner_high - inner_low) < high - low:
        low, high = inner_low, inner_high
    size = max(abs(low), abs(high))
    span = min(max(high - low, 1e-6 * size), 1e300) or 1.0
    step = _round_width(span / _BINS)
    first, last = math.floor(low / step), math.floor(high / step) + 1
    spare = max(_FEWEST - (last - first), 0)
    first, last = first - spare // 2, last + (spare + 1) // 2
    return np.arange(first, last + 1, dtype=np.float64) * step


def _round_width(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * part for part in (1, 2, 5, 10) if power * part >= least)

"""How parameters without a value are drawn: the laws, and drawing all parameters at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Floats, Integers
from engine.arrays.columnar import ends
from engine.arrays.counter_stream import Bits, uniform
from engine.declaration.scipy_special import ndtri
from engine.plan.parameter_table import ParameterTable

Law: TypeAlias = Literal["constant", "uniform", "normal"]
Fan: TypeAlias = Literal["in", "out"]
Fans: TypeAlias = NDArray[Any]

_AT_A_TIME = 1 << 18  # numbers


_SPREADS: Mapping[Law, str] = {"constant": "", "uniform": "±", "normal": "standard deviation "}


@dataclass(frozen=True, slots=True)
class InitialDistribution:
    """What a parameter's numbers are: a law and its scale.

    Parameters
    ----------
    law : str
        Says what the scale is: the number itself (``constant``), the bound ±a (``uniform``) or
        the standard deviation (``normal``).
    number : float
        The scale; with ``fans`` √(number / their sum).
    fans : tuple of str
        Which of a parameter's fans the scale depends on.
    """

    law: Law
    number: float
    fans: tuple[Fan, ...] = ()

    def scale(self, fan_in: Fans, fan_out: Fans) -> Fans:
        """Return the scale, of arrays of fans (n,); a single number if it is that of all."""
        if not self.fans:
            return np.asarray(self.number, np.float64)
        total = sum({"in": fan_in, "out": fan_out}[fan] for fan in self.fans)
        return np.asarray(np.sqrt(self.number / np.maximum(total, 1)), np.float64)

    def words(self, fan_in: int, fan_out: int) -> str:
        """Return the scale of one parameter as a formula with numbers: ``±√(6/(4 + 3)) = ±0.93``.

        The result has four significant digits.
        """
        spread = _SPREADS[self.law]
        result = f"{float(self.scale(np.array(fan_in), np.array(fan_out))):.4g}"
        if not self.fans:
            return f"{spread}{result}"
        terms = [str({"in": fan_in, "out": fan_out}[fan]) for fan in self.fans]
        divisor = terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"
        sign = "±" if self.law == "uniform" else ""
        return f"{spread}√({self.number:g}/{divisor}) = {sign}{result}"


_BOTH: tuple[Fan, ...] = ("in", "out")

INITIALIZERS: Mapping[str, InitialDistribution] = {
    "zeros": InitialDistribution("constant", 0),
    "ones": InitialDistribution("constant", 1),
    "constant": InitialDistribution("constant", 0.5),
    "normal": InitialDistribution("normal", 1),
    "uniform": InitialDistribution("uniform", 0.12),
    "xavier_uniform": InitialDistribution("uniform", 6, _BOTH),
    "xavier_normal": InitialDistribution("normal", 2, _BOTH),
    "he_uniform": InitialDistribution("uniform", 6, ("in",)),
    "he_normal": InitialDistribution("normal", 2, ("in",)),
    "lecun_normal": InitialDistribution("normal", 1, ("in",)),
    "ng": InitialDistribution("uniform", 6, _BOTH),
}
"""Name → law.

``constant`` is 0.5 everywhere (all units stay equal: the symmetry that random values break),
``normal`` the standard normal distribution (Nielsen's first networks), ``uniform`` ±0.12 (the
ε of A. Ng's exercise). Sources: Glorot and Bengio 2010 (``xavier_…``; ``ng`` is the same, as in
A. Ng's notes: ±√6/√(L_in+L_out)), He et al. 2015 (``he_…``), LeCun et al. 1998 (``lecun_normal``).
"""


def fill(theta: NDArray[Any], parameters: ParameterTable, chosen: Integers, seed: int) -> None:
    """Draw the parameters ``chosen``, (n,), into θ, each from the stream of (seed, its name)."""
    for number, name in enumerate(parameters.initializers):
        drawn = chosen[parameters.initializer[chosen] == number]
        initializer, sizes = INITIALIZERS[name], parameters.sizes[drawn]
        scale = initializer.scale(parameters.fan_in[drawn], parameters.fan_out[drawn])
        scales = np.broadcast_to(scale, drawn.shape)
        random = initializer.law != "constant"
        keys = _keys(seed, parameters.names.take(drawn)) if random else np.zeros(len(drawn), "<u8")
        for which, places in _blocks(ends(sizes)):
            entries = parameters.offsets[drawn][which] + places
            theta[entries] = _drawn(initializer.law, scales[which], keys[which], places)


def _keys(seed: int, names: Sequence[str]) -> Bits:
    """Return the names of the parameters' streams, of 64 bits, (n,)."""
    prefix = f"{seed}:"
    digests = [hashlib.sha256((prefix + name).encode()).digest()[:8] for name in names]
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _blocks(starts: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Yield so many numbers at a time: which parameter each is of, and its place in it."""
    for start in range(0, int(starts[-1]), _AT_A_TIME):
        bounds = np.clip(starts, start, start + _AT_A_TIME)
        which = np.repeat(np.arange(len(starts) - 1), np.diff(bounds))
        yield which, np.arange(start, start + len(which)) - starts[which]


def _drawn(law: Law, scale: Floats, keys: Bits, places: Integers) -> Floats:
    if law == "constant":
        return scale
    numbers = uniform(keys, places)
    if law == "uniform":
        return -scale + 2 * scale * numbers
    return scale * ndtri(numbers + 2.0**-54)  # the middle of what is rounded to each: never 0

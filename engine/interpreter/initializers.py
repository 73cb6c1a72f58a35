"""How parameters without a value are drawn: the laws, and drawing all parameters at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
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
Fans: TypeAlias = NDArray[Any]

_AT_A_TIME = 1 << 18  # numbers


@dataclass(frozen=True, slots=True)
class InitialDistribution:
    """What a parameter's numbers are: a law and its scale.

    ``scale(fan_in, fan_out)`` is the number itself (``constant``), the bound ±a (``uniform``) or
    the standard deviation (``normal``); of arrays of fans, (n,), or a single number for all.
    """

    law: Law
    scale: Callable[[Fans, Fans], Any]


def _root(numerator: float, fans: Fans) -> Floats:
    return np.sqrt(numerator / np.maximum(fans, 1))


INITIALIZERS: Mapping[str, InitialDistribution] = {
    "zeros": InitialDistribution("constant", lambda _in, _out: 0.0),
    "ones": InitialDistribution("constant", lambda _in, _out: 1.0),
    "constant": InitialDistribution("constant", lambda _in, _out: 0.5),
    "normal": InitialDistribution("normal", lambda _in, _out: 1.0),
    "uniform": InitialDistribution("uniform", lambda _in, _out: 0.12),
    "xavier_uniform": InitialDistribution(
        "uniform", lambda fan_in, fan_out: _root(6, fan_in + fan_out)
    ),
    "xavier_normal": InitialDistribution(
        "normal", lambda fan_in, fan_out: _root(2, fan_in + fan_out)
    ),
    "he_uniform": InitialDistribution("uniform", lambda fan_in, _out: _root(6, fan_in)),
    "he_normal": InitialDistribution("normal", lambda fan_in, _out: _root(2, fan_in)),
    "lecun_normal": InitialDistribution("normal", lambda fan_in, _out: _root(1, fan_in)),
    "ng": InitialDistribution("uniform", lambda fan_in, fan_out: _root(6, fan_in + fan_out)),
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
        scales = np.broadcast_to(np.asarray(scale, np.float64), drawn.shape)
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

"""How parameters without a value are drawn: the laws, and drawing many parameters at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Floats, Integers
from engine.arrays.numpy_streams import Streams
from engine.plan.parameter_table import ParameterTable

Law: TypeAlias = Literal["constant", "uniform", "normal"]
Fans: TypeAlias = NDArray[Any]

_SMALL = 64  # numbers of a parameter up to which parameters of one size are drawn together
_WORTH = 8  # parameters for each number of one, from which on they are drawn together
_AT_A_TIME = 1 << 16


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
    """Draw parameters into θ, each from the stream of (seed, its name).

    Parameters
    ----------
    theta : (size,) array
        Where the numbers go.
    parameters : ParameterTable
        The parameters of the plan.
    chosen : (n,) array
        Which of them.
    seed : int
        Of the training settings.
    """
    for number, name in enumerate(parameters.initializers):
        drawn = chosen[parameters.initializer[chosen] == number]
        for start in range(0, len(drawn), _AT_A_TIME):
            _fill(theta, parameters, drawn[start : start + _AT_A_TIME], INITIALIZERS[name], seed)


def _fill(
    theta: NDArray[Any],
    parameters: ParameterTable,
    drawn: Integers,
    initializer: InitialDistribution,
    seed: int,
) -> None:
    """Draw parameters of one law, those of one size together where it pays."""
    law, sizes, offsets = initializer.law, parameters.sizes[drawn], parameters.offsets[drawn]
    scale = initializer.scale(parameters.fan_in[drawn], parameters.fan_out[drawn])
    scales = np.broadcast_to(np.asarray(scale, np.float64), drawn.shape)
    streams = Streams.of(seed, [] if law == "constant" else parameters.names.take(drawn))
    for size in np.unique(sizes).tolist():
        alike = np.flatnonzero(sizes == size)
        if law == "normal" or size > _SMALL or len(alike) < _WORTH * size:
            generators = streams.generators(alike) if law != "constant" else repeat(None)
            places = zip(offsets[alike].tolist(), scales[alike], generators, strict=False)
            for start, own, generator in places:
                numbers = _scaled(law, own, _standard(law, size, generator))
                theta[start : start + size] = numbers
        else:
            standard = streams.uniform(alike, size) if law == "uniform" else np.ones(1)
            entries = offsets[alike, np.newaxis] + np.arange(size)
            theta[entries] = _scaled(law, scales[alike, np.newaxis], standard)


def _standard(law: Law, size: int, generator: np.random.Generator | None) -> Floats:
    if generator is None:
        return np.ones(1)
    return generator.random(size) if law == "uniform" else generator.standard_normal(size)


def _scaled(law: Law, scale: Any, standard: Floats) -> Floats:
    """Return numbers of scale 1 (uniform: from 0 to 1) at another scale."""
    result: Floats = -scale + 2 * scale * standard if law == "uniform" else scale * standard
    return result

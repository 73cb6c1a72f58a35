"""How parameters without a value are drawn: the laws, and drawing many parameters at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.streams import Streams
from engine.tables import Integers
from engine.theta import Parameters

Numbers: TypeAlias = NDArray[np.float64]
Law: TypeAlias = Literal["constant", "uniform", "normal"]
Fans: TypeAlias = NDArray[Any]

_SMALL = 64  # numbers of a parameter up to which all parameters of a size are drawn together
_AT_A_TIME = 1 << 16


@dataclass(frozen=True, slots=True)
class Initializer:
    """What a parameter's numbers are: a law and its scale.

    ``scale(fan_in, fan_out)`` is the number itself (``constant``), the bound ±a (``uniform``) or
    the standard deviation (``normal``); of arrays of fans, (n,), or a single number for all.
    """

    law: Law
    scale: Callable[[Fans, Fans], Any]


def _root(numerator: float, fans: Fans) -> Numbers:
    return np.sqrt(numerator / np.maximum(fans, 1))


INITIALIZERS: Mapping[str, Initializer] = {
    "zeros": Initializer("constant", lambda _in, _out: 0.0),
    "ones": Initializer("constant", lambda _in, _out: 1.0),
    "constant": Initializer("constant", lambda _in, _out: 0.5),
    "normal": Initializer("normal", lambda _in, _out: 1.0),
    "uniform": Initializer("uniform", lambda _in, _out: 0.12),
    "xavier_uniform": Initializer("uniform", lambda fan_in, fan_out: _root(6, fan_in + fan_out)),
    "xavier_normal": Initializer("normal", lambda fan_in, fan_out: _root(2, fan_in + fan_out)),
    "he_uniform": Initializer("uniform", lambda fan_in, _out: _root(6, fan_in)),
    "he_normal": Initializer("normal", lambda fan_in, _out: _root(2, fan_in)),
    "lecun_normal": Initializer("normal", lambda fan_in, _out: _root(1, fan_in)),
    "ng": Initializer("uniform", lambda fan_in, fan_out: _root(6, fan_in + fan_out)),
}
"""Name → law.

``constant`` is 0.5 everywhere (all units stay equal: the symmetry that random values break),
``normal`` the standard normal distribution (Nielsen's first networks), ``uniform`` ±0.12 (the
ε of A. Ng's exercise). Sources: Glorot and Bengio 2010 (``xavier_…``; ``ng`` is the same, as in
A. Ng's notes: ±√6/√(L_in+L_out)), He et al. 2015 (``he_…``), LeCun et al. 1998 (``lecun_normal``).
"""


def fill(theta: NDArray[Any], parameters: Parameters, chosen: Integers, seed: int) -> None:
    """Draw parameters into θ, each from the stream of (seed, its name).

    Parameters
    ----------
    theta : (size,) array
        Where the numbers go.
    parameters : Parameters
        The parameters of the plan.
    chosen : (n,) array
        Which of them.
    seed : int
        Of the training settings.
    """
    for number, name in enumerate(parameters.initializers):
        drawn = chosen[parameters.initializer[chosen] == number]
        sizes = parameters.sizes[drawn]
        for size in np.unique(sizes).tolist():
            alike = drawn[sizes == size]
            for start in range(0, len(alike), _AT_A_TIME):
                part = alike[start : start + _AT_A_TIME]
                _fill(theta, parameters, part, INITIALIZERS[name], seed)


def _fill(
    theta: NDArray[Any],
    parameters: Parameters,
    alike: Integers,
    initializer: Initializer,
    seed: int,
) -> None:
    """Draw parameters of one size and law."""
    law, size = initializer.law, int(parameters.sizes[alike[0]])
    offsets = parameters.offsets[alike]
    scale = initializer.scale(parameters.fan_in[alike], parameters.fan_out[alike])
    scales = np.broadcast_to(np.asarray(scale, np.float64), alike.shape)
    names = [] if law == "constant" else parameters.names.take(alike)
    streams = Streams.of(seed, names)
    if size <= _SMALL and law != "normal":
        standard = streams.uniform(size) if law == "uniform" else np.ones(1)
        places = offsets[:, np.newaxis] + np.arange(size)
        theta[places] = _scaled(law, scales[:, np.newaxis], standard)
        return
    generators = streams.generators() if names else repeat(None)
    for offset, scale, generator in zip(offsets.tolist(), scales, generators, strict=False):
        theta[offset : offset + size] = _scaled(law, scale, _standard(law, size, generator))


def _standard(law: Law, size: int, generator: np.random.Generator | None) -> Numbers:
    if generator is None:
        return np.ones(1)
    return generator.random(size) if law == "uniform" else generator.standard_normal(size)


def _scaled(law: Law, scale: Any, standard: Numbers) -> Numbers:
    """Return numbers of scale 1 (uniform: from 0 to 1) at another scale."""
    result: Numbers = -scale + 2 * scale * standard if law == "uniform" else scale * standard
    return result

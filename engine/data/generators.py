"""Point sets in the plane, in two classes.

Circle, xor, gauss and spiral are those of TensorFlow Playground (github.com/tensorflow/playground),
with its coordinates (−6 … 6) and its meaning of noise (0 … 0.5 there); the classes −1 and 1 are
0 and 1 here. Moons are the two half circles known from scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.data.cells import coded_column
from engine.data.table import Column, Table, Values
from graph.model.dataset import Generator


def generate(dataset: Generator) -> Table:
    """Return a generator's table: columns ``x1``, ``x2`` and the class ``y`` (0 or 1).

    Rows are shuffled; equal seeds give equal points.
    """
    rng = np.random.default_rng(dataset.seed)
    points, classes = GENERATORS[dataset.name](dataset.n, dataset.noise, rng)
    order = rng.permutation(dataset.n)
    points, classes = points[order], classes[order]
    encoding = dataset.encoding.get("y", "number")
    return Table(
        {
            "x1": Column(points[:, :1].copy()),
            "x2": Column(points[:, 1:].copy()),
            "y": coded_column(classes.astype(np.int64), ("0", "1"), encoding),
        }
    )


Points = tuple[Values, Values]
"""Points (n, 2) and their classes (n,), 0 or 1."""


def _halves(n: int) -> Values:
    return np.repeat([1.0, 0.0], [(n + 1) // 2, n // 2])


def _circle(n: int, noise: float, rng: np.random.Generator) -> Points:
    """Class 1 inside half the radius of 5, class 0 in the ring beyond 0.7 of it.

    Noise moves the point that decides the class, not the one that is shown: it flips classes.
    """
    radius = 5.0
    inside = _halves(n) == 1
    distance = rng.uniform(np.where(inside, 0, 0.7 * radius), np.where(inside, 0.5, 1) * radius)
    angle = rng.uniform(0, 2 * np.pi, n)
    points = distance[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    moved = points + noise * rng.uniform(-radius, radius, (n, 2))
    return points, (np.hypot(*moved.T) < 0.5 * radius).astype(np.float64)


def _xor(n: int, noise: float, rng: np.random.Generator) -> Points:
    """Class 1 where both coordinates have the same sign, with a gap of 0.3 along the axes."""
    points = rng.uniform(-5, 5, (n, 2))
    points += np.where(points > 0, 0.3, -0.3)
    moved = points + noise * rng.uniform(-5, 5, (n, 2))
    return points, (moved.prod(axis=1) >= 0).astype(np.float64)


def _gauss(n: int, noise: float, rng: np.random.Generator) -> Points:
    """Two normal clouds around (2, 2) and (−2, −2); variance 0.5 without noise, 4 at 0.5."""
    classes = _halves(n)
    centres = np.where(classes == 1, 2.0, -2.0)[:, None]
    return centres + np.sqrt(0.5 + 7 * noise) * rng.standard_normal((n, 2)), classes


def _spiral(n: int, noise: float, rng: np.random.Generator) -> Points:
    """Two arms of 1.75 turns out to radius 5; noise is uniform in ± noise."""
    classes = _halves(n)
    arms = [np.arange(count) / count for count in ((n + 1) // 2, n // 2)]
    along = np.concatenate(arms)
    angle = 3.5 * np.pi * along + np.where(classes == 1, 0, np.pi)
    points = 5 * along[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    return points + noise * rng.uniform(-1, 1, (n, 2)), classes


def _moons(n: int, noise: float, rng: np.random.Generator) -> Points:
    """Two interleaving half circles of radius 3.5; noise is normal, in units of the radius."""
    classes = _halves(n)
    angle = np.concatenate([np.linspace(0, np.pi, c) for c in ((n + 1) // 2, n // 2)])
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    points = np.where(classes[:, None] == 1, upper, [1.0, 0.5] - upper)
    points = points + noise * rng.standard_normal((n, 2))
    return 3.5 * (points - [0.5, 0.25]), classes


GENERATORS: Mapping[str, Callable[[int, float, np.random.Generator], Points]] = {
    "circle": _circle,
    "xor": _xor,
    "gauss": _gauss,
    "spiral": _spiral,
    "moons": _moons,
}

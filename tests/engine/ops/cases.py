"""What the tests of every operation run on: shapes, parameters, values away from corners."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from engine.arrays.counter_stream import Stream
from engine.declaration.op import Array, Context, Op
from engine.library import ops
from graph.model.kinds import ParamValue, Role

WIDTHS = (1, 3, 8)
BATCHES = (1, 5)
REPEATING = {"sum", "product", "subtract", "divide"}
PRIMITIVE = [op for op in ops().values() if op.expand is None]

Draw = Callable[[np.random.Generator, tuple[int, int]], Array]


def away_from_corners(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Numbers of both signs between 0.1 and 1.9 in size, none near 0, ±1 or ±3."""
    size = rng.uniform(0.1, 0.9, shape) + rng.integers(0, 2, shape)
    numbers: Array = size * rng.choice((-1.0, 1.0), shape)
    return numbers


def positive(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.uniform(0.2, 3, shape)


def probability(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return rng.uniform(0.05, 0.95, shape)


def far(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    return away_from_corners(rng, shape) + 4


DOMAINS: dict[tuple[str, str], Draw] = {
    ("log", "x"): positive,
    ("sqrt", "x"): positive,
    ("power", "x"): positive,
    ("divide", "b"): positive,
    ("mean_absolute_error", "target"): far,
    ("binary_cross_entropy", "prediction"): probability,
    ("binary_cross_entropy", "target"): probability,
    ("binary_cross_entropy_logits", "target"): probability,
    ("cross_entropy", "target"): probability,
    ("negative_log_likelihood", "target"): probability,
    ("kl_divergence", "target"): probability,
}

PARAMS: dict[str, list[dict[str, ParamValue]]] = {
    "power": [{}, {"exponent": -1.5}, {"exponent": 0.0}, {"exponent": 1.0}, {"exponent": 3.0}],
    "scale": [{"factor": -2.5, "offset": 0.75}],
    "leaky_relu": [{}, {"slope": 0.3}],
    "elu": [{}, {"alpha": 0.4}],
    "gelu": [{}, {"approximate": "tanh"}],
    "dropout": [{}, {"rate": 0.0}, {"rate": 0.8}, {"rate": 1.0}],
    "layer_norm": [{}, {"epsilon": 0.1}],
    "huber": [{}, {"delta": 0.35}],
    "weight": [{"width": 1}, {"width": 4}],
    "bias": [{"width": 1}, {"width": 3}],
    "constant": [{"value": (1.0, -2.0)}],
}


@dataclass
class Case:
    op: Op
    widths: tuple[int, ...]
    rows: int
    params: dict[str, ParamValue] = field(default_factory=dict)
    noisy: bool = True

    def __str__(self) -> str:
        return f"{self.op.spec.kind}-{self.widths}x{self.rows}-{self.params or ''}"

    def ports(self, rng: np.random.Generator) -> list[Array]:
        spec = self.op.spec
        names = (
            [spec.ports[0].name] * len(self.widths)
            if spec.ports and spec.ports[0].variadic
            else [port.name for port in spec.ports]
        )
        return [
            DOMAINS.get((spec.kind, name), away_from_corners)(rng, (self.rows, width))
            for name, width in zip(names, self.widths, strict=True)
        ]

    def slots(self, rng: np.random.Generator) -> dict[str, Array]:
        spec = self.op.spec
        shapes = spec.slot_shapes(
            spec.complete(self.params), {port.name: self.widths for port in spec.ports}
        )
        return {name: rng.standard_normal(shape) for name, shape in shapes.items()}

    def context(self, rng: np.random.Generator, dtype: type = np.float64) -> Context:
        covered: tuple[Array, ...] = ()
        if self.op.spec.role is Role.PENALTY:
            covered = (away_from_corners(rng, (2, 3)), away_from_corners(rng, (1, 4)))
        columns = {"first": rng.standard_normal((self.rows, 2)), "second": np.ones((self.rows, 1))}
        return Context(
            self.rows,
            np.dtype(dtype),
            columns,
            tuple(array.astype(dtype) for array in covered),
            Stream(1) if self.noisy else None,
        )


def families(op: Op) -> Iterator[tuple[int, ...]]:
    """Widths at the ports to try: equal ones, and mixed ones where they may differ."""
    ports = op.spec.ports
    if not ports:
        yield ()
    elif ports[0].variadic:
        for count, width in itertools.product((1, 2, 3), WIDTHS):
            yield (width,) * count
        yield from ((1, 3), (3, 1, 1)) if op.spec.kind in REPEATING else ((1, 3), (2, 4, 1))
    else:
        yield from ((width,) * len(ports) for width in WIDTHS)
        if op.spec.kind in REPEATING:
            yield from ((1, 3), (3, 1))


def cases(op: Op) -> Iterator[Case]:
    params = list(PARAMS.get(op.spec.kind, [{}]))
    if op.spec.param("components"):
        params += [{**params[0], "components": choice} for choice in ("sum", "mean")]
    for widths, rows, chosen in itertools.product(families(op), BATCHES, params):
        if op.spec.kind == "slice":
            chosen = {"start": widths[0] // 3, "stop": widths[0] - widths[0] // 4}
        if op.spec.role in (Role.INPUT, Role.TARGET):
            chosen = {"columns": ("second", "first")}
        yield Case(op, widths, rows, chosen)


ALL_CASES = [case for op in PRIMITIVE for case in cases(op)]
SMOOTH_CASES = [case for case in ALL_CASES if case.op.differentiable]

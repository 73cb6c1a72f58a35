"""Gradient check of one operation: its derivative against differences, port by port."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from engine.declaration.op import Array, Context, Op
from graph.model.kinds import NodeSpec, Params

_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class OpCheck:
    """One comparison, along one random direction of one array.

    ``place`` is a port (``x``, ``inputs[1]``), a slot (``bias``) or a covered parameter
    (``parameters[0]``). ``relative`` is |analytic − numeric| / max(1, |analytic|, |numeric|).
    """

    place: str
    analytic: float
    numeric: float
    relative: float


def check_op(
    op: Op,
    ports: Sequence[Array],
    rng: np.random.Generator,
    *,
    params: Params | None = None,
    slots: Mapping[str, Array] | None = None,
    context: Context | None = None,
) -> list[OpCheck]:
    """Compare an operation's derivative with central differences.

    The output is made a number by a random δ; every array then moves along a random direction v,
    and ⟨message, v⟩ is compared with (⟨δ, f(x + hv)⟩ − ⟨δ, f(x − hv)⟩) / 2h.

    Parameters
    ----------
    op : Op
        A kind with mathematics of its own (no composite), with a derivative.
    ports : sequence of arrays
        Values at the ports, (B, n) each, float64, away from the operation's corners.
    rng : Generator
        Draws δ and the directions.
    params, slots : mapping, optional
        Parameters that differ from the defaults; the trainable arrays.
    context : Context, optional
        Needed by kinds that take one. Its noise is replayed for every evaluation.

    Returns
    -------
    list of OpCheck
        Worst first.

    Raises
    ------
    ValueError
        If the operation has no derivative, or it returns the wrong number or shapes of gradients.

    Notes
    -----
    Source: directional check as in HIPS/autograd ``test_util.py``; h = 10⁻⁶.
    """
    if op.backward is None:
        raise ValueError(f"{op.spec.kind!r} has no derivative to check")
    run = _Run(op, op.spec.complete(params or {}), context)
    arguments = _Arguments(tuple(ports), dict(slots or {}), context.parameters if context else ())
    output, saved = run.forward(arguments)
    delta = rng.standard_normal(output.shape)
    gradients = run.backward(arguments, delta, output, saved)
    checks = []
    places = _places(op.spec, arguments)
    for place, (array, moved), gradient in zip(places, arguments.arrays(), gradients, strict=True):
        message = np.zeros_like(array) if gradient is None else gradient
        if message.shape != array.shape:
            raise ValueError(f"{place}: the gradient has shape {message.shape}, not {array.shape}")
        direction = rng.standard_normal(array.shape)
        ahead = run.forward(moved(array + _STEP * direction))[0]
        behind = run.forward(moved(array - _STEP * direction))[0]
        numeric = float(np.vdot(delta, ahead - behind)) / (2 * _STEP)
        checks.append(_compared(place, float(np.vdot(message, direction)), numeric))
    return sorted(checks, key=lambda check: -check.relative)


def _compared(place: str, analytic: float, numeric: float) -> OpCheck:
    size = max(1.0, abs(analytic), abs(numeric))
    return OpCheck(place, analytic, numeric, abs(analytic - numeric) / size)


@dataclass(frozen=True, slots=True)
class _Arguments:
    """All arrays that an operation has derivatives by."""

    ports: tuple[Array, ...]
    slots: Mapping[str, Array]
    covered: tuple[Array, ...]

    def arrays(self) -> Iterator[tuple[Array, Callable[[Array], _Arguments]]]:
        """Yield each array, and how to put another one in its place."""
        for index, array in enumerate(self.ports):
            yield array, partial(self._with_port, index)
        for name, array in self.slots.items():
            yield array, partial(self._with_slot, name)
        for index, array in enumerate(self.covered):
            yield array, partial(self._with_covered, index)

    def _with_port(self, index: int, array: Array) -> _Arguments:
        return replace(self, ports=_put(self.ports, index, array))

    def _with_slot(self, name: str, array: Array) -> _Arguments:
        return replace(self, slots={**self.slots, name: array})

    def _with_covered(self, index: int, array: Array) -> _Arguments:
        return replace(self, covered=_put(self.covered, index, array))


def _places(spec: NodeSpec, arguments: _Arguments) -> list[str]:
    ports = [port.name for port in spec.ports]
    if ports and spec.ports[0].variadic:
        ports = [f"{ports[0]}[{index}]" for index in range(len(arguments.ports))]
    covered = [f"parameters[{index}]" for index in range(len(arguments.covered))]
    return [*ports, *arguments.slots, *covered]


def _put(arrays: tuple[Array, ...], index: int, array: Array) -> tuple[Array, ...]:
    return (*arrays[:index], array, *arrays[index + 1 :])


@dataclass(frozen=True, slots=True)
class _Run:
    op: Op
    params: Params
    context: Context | None

    def forward(self, arguments: _Arguments) -> tuple[Array, Any]:
        result = self.op.forward(*arguments.ports, **self._keywords(arguments))
        return result if self.op.saves else (result, None)

    def backward(
        self, arguments: _Arguments, delta: Array, output: Array, saved: Any
    ) -> list[Array | None]:
        assert self.op.backward is not None
        keywords = self._keywords(arguments)
        if self.op.saves:
            keywords["saved"] = saved
        found = self.op.backward(delta, output, *arguments.ports, **keywords)
        return [found] if isinstance(found, np.ndarray) else list(found)

    def _keywords(self, arguments: _Arguments) -> dict[str, Any]:
        keywords: dict[str, Any] = {**self.params, **arguments.slots}
        if self.op.takes_context:
            assert self.context is not None, "this kind needs a context"
            keywords["context"] = replace(self.context, parameters=arguments.covered)
        return keywords

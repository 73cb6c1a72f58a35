"""What a stop of the update says: its number, and the sum that grows there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.arrays.aliases import Array

if TYPE_CHECKING:
    from engine.analysis.score import Score, Stop
    from engine.interpreter.probe import Probe


class StopNumber(NamedTuple):
    """The number that becomes known at a stop.

    Parameters
    ----------
    symbol : str
        What it is: ``s``, ``δ``, ``‖∂E/∂w‖``, ….
    number : float
        Its value; of a vector the mean over the components, of a matrix the norm.
    sum_so_far : float or None
        Of a message, the sum of those that arrived at its node up to it.
    arrived, total : int
        How many have arrived, and how many will.
    """

    symbol: str
    number: float
    sum_so_far: float | None = None
    arrived: int = 0
    total: int = 0


def stop_number(score: Score, stop: Stop, readings: Probe) -> StopNumber:
    """Return the number of a stop; ``readings`` are those of the stop or of a later one."""
    kind = stop.quantity.partition(":")[0]
    if kind == "E":
        return StopNumber("E", readings.error)
    if stop.edge is not None:
        return _message(score, stop, readings)
    if stop.parameter is not None:
        return _parameter(kind, stop.parameter, readings)
    assert stop.node is not None
    place = readings.nodes.index(stop.node)
    wide = stop.node in readings.strips
    if kind == "gradient":
        messages = _of_node(score, stop.index, readings)
        total = float(messages.sum()) if len(messages) else float(readings.delta[place])
        return StopNumber(_mean("∂E/∂z", wide=wide), total)
    symbol, numbers = {
        "s": ("s", readings.net),
        "value": ("z", readings.value),
        "loss": ("z", readings.value),
        "delta": ("δ", readings.delta),
    }[kind]
    return StopNumber(_mean(symbol, wide=wide), float(numbers[place]))


def _message(score: Score, stop: Stop, readings: Probe) -> StopNumber:
    edges = score.messages(stop.index)
    number = readings.edges.index(stop.edge or "")
    arrived = int(np.flatnonzero(edges == number)[0]) + 1
    so_far = float(readings.message[edges[:arrived]].sum())
    return StopNumber("message", float(readings.message[number]), so_far, arrived, len(edges))


def _of_node(score: Score, index: int, readings: Probe) -> Array:
    """Return the messages whose sum a stop is."""
    if index == 0 or not score[index - 1].edge:
        return np.zeros(0)
    return readings.message[score.messages(index - 1)]


def _parameter(kind: str, name: str, readings: Probe) -> StopNumber:
    table = readings.parameters
    found = table.find(name) if table is not None else None
    assert found is not None
    part = slice(found.offset, found.offset + found.size)
    is_new = kind == "update"
    vector = readings.theta if is_new else readings.theta_gradient
    letter = "b" if found.is_bias else "w"
    symbol = f"{letter}⁺" if is_new else f"∂E/∂{letter}"
    numbers = vector[part]
    if len(numbers) == 1:
        return StopNumber(symbol, float(numbers[0]))
    return StopNumber(f"‖{symbol}‖", float(np.linalg.norm(numbers)))


def _mean(symbol: str, *, wide: bool) -> str:
    return f"mean {symbol}" if wide else symbol

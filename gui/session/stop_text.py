"""What a stop of the update says: its number, and the sum that grows there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.analysis.score import Phase
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
        Of a message, the sum of those that arrived at its node up to it; of a parameter's gradient
        that of the losses' and the penalties' shares; of a loss what E has of the losses up to it.
    arrived, total : int
        How many of them are known, and how many there will be.
    sum_symbol : str
        What the sum is: ``Σ``, of vectors ``mean Σ``.
    """

    symbol: str
    number: float
    sum_so_far: float | None = None
    arrived: int = 0
    total: int = 0
    sum_symbol: str = "Σ"

    @property
    def progress(self) -> str:
        """How much of the sum is known: ``1 of 2``."""
        return f"{self.arrived} of {self.total}"


def stop_number(
    score: Score, stop: Stop, readings: Probe, penalty: Array | None = None
) -> StopNumber:
    """Return the number of a stop, of which ``readings`` are.

    ``penalty`` is what penalties give to ∂E/∂θ, (P,).
    """
    kind = stop.quantity.partition(":")[0]
    if kind == "E":
        return StopNumber("E", readings.error)
    if stop.edge is not None:
        return _message(score, stop, readings)
    if stop.parameter is not None:
        return _parameter(score, stop, readings, penalty)
    assert stop.node is not None
    place = readings.nodes.index(stop.node)
    wide = stop.node in readings.strips
    if kind == "loss":
        return _loss(score, stop.node, readings)
    if kind == "gradient":
        messages = _of_node(score, stop.index, readings)
        total = float(messages.sum()) if len(messages) else float(readings.delta[place])
        return StopNumber(_mean("∂E/∂z", wide=wide), total)
    symbol, numbers = {
        "s": ("s", readings.net),
        "value": ("z", readings.value),
        "delta": ("δ", readings.delta),
    }[kind]
    return StopNumber(_mean(symbol, wide=wide), float(numbers[place]))


def _loss(score: Score, node: str, readings: Probe) -> StopNumber:
    """Return a loss; of several also what they give to E up to it, in the order of their stops."""
    known = {loss.node: loss.importance for loss in score.plan.losses}
    values = dict(zip(readings.nodes, readings.value.tolist(), strict=True))
    if len(known) == 1:
        return StopNumber("z", values[node])
    last = score.known_from(f"loss:{node}")
    before = [name for name in known if score.known_from(f"loss:{name}") <= last]
    so_far = sum(known[name] * values[name] for name in before)
    return StopNumber("z", values[node], so_far, len(before), len(known), "Σ importance · z")


def _message(score: Score, stop: Stop, readings: Probe) -> StopNumber:
    edges = score.messages(stop.index)
    number = readings.edges.index(stop.edge or "")
    arrived = int(np.flatnonzero(edges == number)[0]) + 1
    so_far = float(readings.message[edges[:arrived]].sum())
    plan = score.plan
    wide = plan.steps.owners[plan.source(stop.edge or "")] in readings.strips
    names = _mean("message", wide=wide), _mean("Σ", wide=wide)
    message = float(readings.message[number])
    return StopNumber(names[0], message, so_far, arrived, len(edges), names[1])


def _of_node(score: Score, index: int, readings: Probe) -> Array:
    """Return the messages whose sum a stop is."""
    if index == 0 or not score[index - 1].edge:
        return np.zeros(0)
    return readings.message[score.messages(index - 1)]


def _parameter(score: Score, stop: Stop, readings: Probe, penalty: Array | None) -> StopNumber:
    name, table = stop.parameter or "", readings.parameters
    found = table.find(name) if table is not None else None
    assert found is not None
    part = slice(found.offset, found.offset + found.size)
    letter = ("b" if found.is_bias else "w") if "." in name else name  # a shared one has its own
    if stop.phase is Phase.UPDATE:
        return _size(f"{letter}⁺", readings.theta[part])
    gradient = readings.theta_gradient[part]
    if score.known_from(f"penalty:{name}") == len(score) or penalty is None:
        return _size(f"∂E/∂{letter}", gradient)
    is_penalty = stop.phase is Phase.PENALTY
    share = _size("share", penalty[part]) if is_penalty else _size("share of the losses", gradient)
    if found.size > 1:  # norms do not add up
        return share
    return share._replace(sum_so_far=float(gradient[0]), arrived=1 + is_penalty, total=2)


def _size(symbol: str, numbers: Array) -> StopNumber:
    """Return a single number as it is, of several their norm."""
    if len(numbers) == 1:
        return StopNumber(symbol, float(numbers[0]))
    return StopNumber(f"‖{symbol}‖", float(np.linalg.norm(numbers)))


def _mean(symbol: str, *, wide: bool) -> str:
    return f"mean {symbol}" if wide else symbol

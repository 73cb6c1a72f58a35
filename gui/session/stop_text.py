"""What a stop of the update says: its number, the sum that grows there, where it is; the quiz."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.analysis.score import Phase
from engine.arrays.aliases import Array
from engine.arrays.rounding_noise import without_noise

if TYPE_CHECKING:
    from engine.analysis.score import Score, Stop
    from engine.interpreter.probe import Probe
    from graph.model.document import Document

_CLOSE = 0.005
"""Share of the number by which an answer may be off: a few digits are enough."""
_ZERO = 1e-9


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
    components : array or None
        Of a vector its components, (width,), where they are known one by one.
    change : float or None
        Of a new value by how much it changes; of several the norm.
    """

    symbol: str
    number: float
    sum_so_far: float | None = None
    arrived: int = 0
    total: int = 0
    sum_symbol: str = "Σ"
    components: Array | None = None
    change: float | None = None

    @property
    def single(self) -> float | None:
        """The number, if it is one, no mean or norm of several."""
        several = self.components is not None or self.symbol.startswith(("mean ", "‖"))
        return None if several else self.number

    @property
    def progress(self) -> str:
        """How much of the sum is known: ``1 of 2``."""
        return f"{self.arrived} of {self.total}"


def stop_number(
    score: Score,
    stop: Stop,
    readings: Probe,
    penalty: Array | None = None,
    before: Array | None = None,
    whole: Probe | None = None,
) -> StopNumber:
    """Return the number of a stop, of which ``readings`` are.

    ``penalty`` is what penalties give to ∂E/∂θ, ``before`` is θ before the update, (P,) each;
    beside ``whole``, all that will be known, what rounding leaves of zero is told from numbers.
    """
    whole = whole or readings
    kind = stop.quantity.partition(":")[0]
    if kind == "E":
        return StopNumber("E", readings.error)
    if stop.edge is not None:
        return _message(score, stop, readings, whole)
    if stop.parameter is not None:
        if stop.phase is Phase.UPDATE:
            return _new_value(stop, readings, before)
        return _parameter(score, stop, readings, penalty)
    assert stop.node is not None
    if kind == "loss":
        return _loss(score, stop.node, readings)
    return _node(score, stop, readings, whole)


def _node(score: Score, stop: Stop, readings: Probe, whole: Probe) -> StopNumber:
    node, kind = stop.node or "", stop.quantity.partition(":")[0]
    wide = score.plan.widths[score.plan.outputs[node]] > 1
    symbol, numbers, strips = {
        "s": ("s", readings.net, {}),
        "value": ("z", readings.value, readings.strips),
        "delta": ("δ", readings.delta, readings.delta_strips),
        "gradient": ("∂E/∂z", readings.delta, readings.delta_strips),
    }[kind]
    number, components = numbers[readings.nodes.index(node)], strips.get(node)
    if kind == "gradient":
        messages = _of_node(score, stop.index, readings)
        number = messages.sum() if len(messages) else number
        components = None if node in score.plan.nets else components  # those are of δ
    scale = _largest(whole.value if kind in ("s", "value") else whole.delta)
    if components is not None:
        components = without_noise(components, max(scale, _largest(components)))
    number = float(without_noise(number, scale))
    return StopNumber(_mean(symbol, wide=wide), number, components=components)


def _largest(numbers: Array) -> float:
    """Return the largest size among the known numbers; 0 if there is none."""
    return float(np.abs(np.nan_to_num(numbers)).max(initial=0.0))


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


def _message(score: Score, stop: Stop, readings: Probe, whole: Probe) -> StopNumber:
    edges = score.messages(stop.index)
    number = readings.edges.index(stop.edge or "")
    arrived = int(np.flatnonzero(edges == number)[0]) + 1
    messages = without_noise(readings.message, _largest(whole.message))
    so_far = float(messages[edges[:arrived]].sum())
    wide = score.plan.widths[score.plan.source(stop.edge or "")] > 1
    names = _mean("message", wide=wide), _mean("Σ", wide=wide)
    return StopNumber(names[0], float(messages[number]), so_far, arrived, len(edges), names[1])


def _of_node(score: Score, index: int, readings: Probe) -> Array:
    """Return the messages whose sum a stop is."""
    if index == 0 or not score[index - 1].edge:
        return np.zeros(0)
    return readings.message[score.messages(index - 1)]


def _place(stop: Stop, readings: Probe) -> tuple[str, slice]:
    """Return what the parameter of a stop is called, and where it is in θ."""
    name, table = stop.parameter or "", readings.parameters
    found = table.find(name) if table is not None else None
    assert found is not None
    letter = ("b" if found.is_bias else "w") if "." in name else name  # a shared one has its own
    return letter, slice(found.offset, found.offset + found.size)


def _new_value(stop: Stop, readings: Probe, before: Array | None) -> StopNumber:
    letter, part = _place(stop, readings)
    new = readings.theta[part]
    change = None if before is None else _size("", new - before[part]).number
    return _size(f"{letter}⁺", new)._replace(change=change)


def _parameter(score: Score, stop: Stop, readings: Probe, penalty: Array | None) -> StopNumber:
    letter, part = _place(stop, readings)
    gradient = readings.theta_gradient[part]
    if score.known_from(f"penalty:{stop.parameter}") == len(score) or penalty is None:
        return _size(f"∂E/∂{letter}", gradient)
    is_penalty = stop.phase is Phase.PENALTY
    share = _size("share", penalty[part]) if is_penalty else _size("share of the losses", gradient)
    if len(gradient) > 1:  # norms do not add up
        return share
    return share._replace(sum_so_far=float(gradient[0]), arrived=1 + is_penalty, total=2)


def _size(symbol: str, numbers: Array) -> StopNumber:
    """Return a single number as it is, of several their norm."""
    if len(numbers) == 1:
        return StopNumber(symbol, float(numbers[0]))
    return StopNumber(f"‖{symbol}‖", float(np.linalg.norm(numbers)))


def _mean(symbol: str, *, wide: bool) -> str:
    return f"mean {symbol}" if wide else symbol


# -- where it is on the canvas ---------------------------------------------------------------------


def is_there(stop: Stop, document: Document) -> bool:
    """Tell whether the document still has the node and the edge of a stop."""
    has_node = stop.node is None or stop.node in document.nodes
    return has_node and (stop.edge is None or stop.edge in document.edges)


def lit_edges(score: Score, stop: Stop, document: Document) -> list[str]:
    """Return the edges that a stop is about: whose values, messages or weight it is of."""
    if stop.edge is not None:
        return [stop.edge]
    if stop.parameter is not None:
        return score.carriers(stop.parameter)
    if stop.phase is Phase.BACKWARD:
        return [edge.id for edge in document.out_edges(stop.node or "")]
    kind = stop.quantity.partition(":")[0]
    is_sum = kind == "s" or (kind == "value" and stop.node not in score.plan.nets)
    reads = is_sum or kind == "loss"
    return [edge.id for edge in document.in_edges(stop.node or "")] if reads else []


def lit_node(stop: Stop, document: Document) -> str | None:
    """Return the node where a stop is: of a message the one where it arrives."""
    if stop.node is not None:
        return stop.node
    if stop.edge is not None:
        return document.edges[stop.edge].source
    owner = (stop.parameter or "").rpartition(".")[0]
    return owner if owner in document.nodes else None


# -- the quiz --------------------------------------------------------------------------------------


class Quiz:
    """Asks for numbers, one at a time, and counts the answers.

    Parameters
    ----------
    tell : callable
        Called when what is hidden, or what is said about it, has changed.

    Attributes
    ----------
    on : bool
        Whether stops that are reached going forward ask for their number.
    asked : float or None
        The number that is hidden now; None if nothing is.
    right, answered : int
        How many answers were right at the first try, and how many numbers were asked for.
    word : str
        What to say about the last answer; empty before it.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self.on = False
        self.asked: float | None = None
        self.right = self.answered = 0
        self.word = ""
        self._tried = False

    def switch(self, *, on: bool) -> None:
        """Begin a quiz, counting from zero, or end it."""
        self.on, self.asked, self.word = on, None, ""
        self.right = self.answered = 0
        self._tell()

    def ask(self, number: float | None) -> None:
        """Hide a number; None if there is nothing to ask for."""
        known = number is not None and math.isfinite(number)
        self.asked, self._tried, self.word = (number if known else None), False, ""

    def answer(self, text: str) -> None:
        """Check what was typed; the number is shown if it is right."""
        given = read_number(text)
        if self.asked is None:
            return
        if given is None:
            self.word = "Type a number"
        elif abs(given - self.asked) > max(_CLOSE * abs(self.asked), _ZERO):
            self._tried, self.word = True, "Not this number; try again, or show it"
        else:
            self.right += not self._tried
            self._end("Right")
        self._tell()

    def reveal(self) -> None:
        """Show the number that is hidden; it counts as asked for."""
        if self.asked is not None:
            self._end("Shown")
            self._tell()

    def _end(self, word: str) -> None:
        self.answered += 1
        self.asked = None
        self.word = f"{word}: {self.right} of {self.answered} right"


def read_number(text: str) -> float | None:
    """Read a number as people type it, with a comma or another minus too; None if it is none."""
    try:
        number = float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None

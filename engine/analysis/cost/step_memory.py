"""What one update keeps in memory, and how long it is needed.

The forward pass stores every value, because the way back needs it: f′(s) is made of s or z, and
∂E/∂w = δ·z. So the memory rises until E is known and falls as δ comes back.

Source: S. Rajbhandari et al., ZeRO: memory optimizations toward training trillion parameter models
(2020), section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from engine.analysis.cost.accumulation import kept_values
from engine.analysis.score import Score
from engine.arrays.aliases import Integers
from engine.plan.plan import Plan
from engine.training.rules.lbfgs import Lbfgs
from engine.training.rules.optimizers import OPTIMIZERS
from graph.model.training import Training

MemoryPart: TypeAlias = Literal["z", "s", "inside", "δ", "parameter", "gradient", "optimizer"]
PARTS: tuple[MemoryPart, ...] = ("z", "s", "inside", "δ", "parameter", "gradient", "optimizer")


class KeptNumbers(NamedTuple):
    """Numbers of one sort at one place.

    Parameters
    ----------
    place : str
        A node, or of the last three parts a parameter.
    part : MemoryPart
        What they are: ``inside`` are the steps between a unit's inputs and s (w·z, b).
    numbers : int
        How many, all rows of the batch together.
    first, last : int
        The stops from which and up to which they are needed; −1 and `len` of the score: always.
    """

    place: str
    part: MemoryPart
    numbers: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class StoredNumbers:
    """Numbers that the forward pass stores at a node for one row."""

    z: int
    s: int
    inside: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.z + self.s + self.inside


def node_numbers(plan: Plan) -> dict[str, StoredNumbers]:
    """Return what the forward pass stores at each node of a document for one row."""
    everything = dict.fromkeys(plan.outputs, 0)
    for owner, width in zip(plan.steps.owners, plan.widths, strict=True):
        everything[owner] += width
    found: dict[str, StoredNumbers] = {}
    for node, output in plan.outputs.items():
        z, net = plan.widths[output], plan.nets.get(node, output)
        s = plan.widths[net] if net != output else 0
        found[node] = StoredNumbers(z, s, everything[node] - z - s)
    return found


@dataclass(frozen=True, eq=False)
class StepMemory:
    """All that one update keeps.

    Parameters
    ----------
    score : Score
        The update.
    rows : int
        Rows of its batch.
    training : Training
        Its settings: precision and optimizer.
    kept : tuple of KeptNumbers
        Nothing of 0 numbers.
    """

    score: Score
    rows: int
    training: Training
    kept: tuple[KeptNumbers, ...]

    @property
    def itemsize(self) -> int:
        """Bytes of a number."""
        return np.dtype(self.training.dtype).itemsize

    @cached_property
    def by_part(self) -> dict[MemoryPart, int]:
        """Bytes of each part that there is."""
        found = dict.fromkeys(PARTS, 0)
        for one in self.kept:
            found[one.part] += one.numbers * self.itemsize
        return {part: size for part, size in found.items() if size}

    @cached_property
    def by_place(self) -> dict[str, dict[MemoryPart, int]]:
        """Bytes of each part at each node and each parameter, most bytes first."""
        found: dict[str, dict[MemoryPart, int]] = {}
        for one in self.kept:
            found.setdefault(one.place, {})[one.part] = one.numbers * self.itemsize
        return dict(sorted(found.items(), key=lambda item: -sum(item[1].values())))

    @property
    def total(self) -> int:
        """Bytes of everything, if nothing is given back before the end of the update."""
        return sum(self.by_part.values())

    @cached_property
    def needed(self) -> Integers:
        """Bytes that are needed at each stop of the update, (len(score),)."""
        change = np.zeros(len(self.score) + 2, np.int64)
        for one in self.kept:
            change[max(one.first, 0)] += one.numbers
            change[min(one.last, len(self.score)) + 1] -= one.numbers
        return np.cumsum(change)[: len(self.score)] * self.itemsize

    @property
    def gradients_from(self) -> int:
        """The stop from which every δ and every gradient is known."""
        known = [one.first for one in self.kept if one.part in {"δ", "gradient"}]
        return max(known, default=0)

    def freed_before(self, stop: int) -> int:
        """Return the bytes that were kept earlier in the update and are not needed any more."""
        return sum(one.numbers for one in self.kept if one.last < stop) * self.itemsize

    def in_precision(self, itemsize: int, copy: int = 0) -> int:
        """Return the bytes of everything with other numbers.

        Parameters
        ----------
        itemsize : int
            Bytes of a number.
        copy : int
            Bytes of a number of the copy of θ that is updated, and of the optimizer's memory; 0
            if there is no such copy.

        Source of the copy: P. Micikevicius et al., Mixed precision training (2018), section 3.1.
        """
        total = 0
        for one in self.kept:
            size = copy if copy and one.part == "optimizer" else itemsize
            size += copy if one.part == "parameter" else 0
            total += one.numbers * size
        return total


def batch_rows(training: Training, rows: int) -> int:
    """Return the rows of a full batch, of so many training rows."""
    return min(training.batch_size or rows, rows)


def optimizer_arrays(training: Training) -> int:
    """Return how many numbers an optimizer remembers for each parameter, once it has them all."""
    if training.optimizer == "lbfgs":
        return 2 * (Lbfgs().memory + 1)
    return OPTIMIZERS[training.optimizer].arrays


def step_memory(score: Score, training: Training, rows: int) -> StepMemory:
    """Count what one update of a batch of ``rows`` rows keeps, and find how long.

    A number is needed from the stop at which it becomes known up to the last that uses it. A
    value is used by its readers and by the derivatives that read it (`kept_values`), δ by the
    messages and the gradients made of it, a gradient by its update. Gradwire itself keeps all of
    them, to show them.
    """
    spans = _Spans(score)
    kept = [*_of_nodes(score, spans, rows), *_of_parameters(score, training)]
    return StepMemory(score, rows, training, tuple(one for one in kept if one.numbers))


class _Spans:
    """Up to which stop each node's value, forwards and backwards, and δ are used, (nodes,)."""

    def __init__(self, score: Score) -> None:
        plan, outputs = score.plan, score.plan.outputs.columns[0]
        places = {node: place for place, node in enumerate(plan.outputs)}
        readers, positions = plan.edges.columns
        reads, uses = plan.steps.reads, plan.steps.uses
        place_of = np.zeros(len(plan.steps), np.int64)
        place_of[outputs] = np.arange(len(outputs))
        sources = place_of[reads.numbers[reads.starts[readers] + positions]]
        targets = _places(plan, places, readers)
        self.delta = _happening(score, score.delta_from)  # and the last that uses it, below
        derivative = self.delta.copy()
        used = np.maximum(derivative, _happening(score, score.value_from))
        np.maximum.at(used, targets, _happening(score, score.message_from))
        gradients = _happening(score, score.losses_share_from)
        np.maximum.at(used, _places(plan, places, uses.owners), gradients[uses.numbers])
        self.delta = used
        self.value = np.maximum(derivative, _happening(score, score.value_from))
        np.maximum.at(self.value, sources, used[targets])
        self.forward = _happening(score, score.value_from)
        np.maximum.at(self.forward, sources, _happening(score, score.value_from)[targets])


def _places(plan: Plan, places: Mapping[str, int], steps: Integers) -> Integers:
    """Return the numbers of the nodes to which steps belong."""
    return np.array([places[owner] for owner in plan.steps.owners.take(steps)], np.int64)


def _happening(score: Score, known: Integers) -> Integers:
    """Return stops; −1 for what becomes known at none."""
    return np.where(known < len(score), known, -1)


def _of_nodes(score: Score, spans: _Spans, rows: int) -> list[KeptNumbers]:
    plan, found = score.plan, list[KeptNumbers]()
    alone = {penalty.node for penalty in plan.penalties}  # one row, whatever the batch is
    value_from, delta_from = score.value_from.tolist(), score.delta_from.tolist()
    net_from, end, kept = score.net_from.tolist(), len(score), kept_values(plan)
    for place, (node, numbers) in enumerate(node_numbers(plan).items()):
        count = 1 if node in alone else rows
        first = value_from[place] if value_from[place] < end else 0
        start = min(net_from[place], first)
        back = delta_from[place] if delta_from[place] < end else first
        width = numbers.s or numbers.z
        read = kept.get(node, {})
        use = int((spans.value if "z" in read else spans.forward)[place])
        delta = width * count if delta_from[place] < end else 0
        found += [
            KeptNumbers(node, "z", numbers.z * count, first, max(first, use)),
            KeptNumbers(node, "s", numbers.s * count, start, back if "s" in read else first),
            KeptNumbers(node, "inside", numbers.inside * count, start, first),
            KeptNumbers(node, "δ", delta, back, max(back, int(spans.delta[place]))),
        ]
    return found


def _of_parameters(score: Score, training: Training) -> list[KeptNumbers]:
    found, end, arrays = list[KeptNumbers](), len(score), optimizer_arrays(training)
    known = score.parameter_gradient_from.tolist()
    updates = score.update_from.tolist()
    for one, first, update in zip(score.plan.parameters, known, updates, strict=True):
        gradient = one.size if first < end else 0
        memory = one.size * arrays if one.trainable else 0
        found += [
            KeptNumbers(one.name, "parameter", one.size, -1, end),
            KeptNumbers(one.name, "gradient", gradient, first, update),
            KeptNumbers(one.name, "optimizer", memory, -1, end),
        ]
    return found

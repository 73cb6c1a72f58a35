"""Reverse against forward accumulation: in which order the chain rule is cheap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.arrays.aliases import Array
from engine.declaration.op import Context
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan, Step


@dataclass(frozen=True, slots=True)
class EdgeProduct:
    """What an edge is multiplied with: the local derivative ∂z/∂x of what reads it.

    Parameters
    ----------
    rows, columns : int
        Its shape.
    entries : int
        Its entries that are not fixed at 0.
    before : int
        Entries of θ that the edge's value depends on: columns of the matrix that forward
        accumulation carries.
    weights : int
        Entries of the weight on the edge; 0 if it carries none.
    """

    rows: int
    columns: int
    entries: int
    before: int
    weights: int = 0

    @property
    def reverse(self) -> int:
        """Multiplications for the message: none if no parameter lies before it."""
        return self.entries if self.before else 0

    @property
    def forward(self) -> int:
        """Multiplications to carry all derivatives by θ through it."""
        return self.entries * self.before


@dataclass(frozen=True, slots=True)
class Multiplications:
    """Multiplications for the gradient of E by all parameters, for one row of data.

    ``reverse`` and ``forward`` are the totals; the mappings hold the share of each node of the
    document, and what each edge takes part in.
    """

    reverse: int
    forward: int
    reverse_by_node: Mapping[str, int]
    forward_by_node: Mapping[str, int]
    edges: Mapping[str, EdgeProduct]


def count_multiplications(plan: Plan, yield_gil: YieldGil | None = None) -> Multiplications:
    """Count what both orders of the chain rule cost; ``yield_gil`` is called after every step.

    Multiplying by a step's local derivative ∂z/∂x costs one multiplication for each entry that is
    not fixed at 0: n for an activation, m·n for a weight. Reverse accumulation carries one
    vector, δ, through every step once, and then multiplies it with what each weight received.
    Forward accumulation carries, for every value, one number for each entry of θ the value
    depends on: a matrix. Only steps between a parameter and a loss count.

    Formula: reverse = Σ c + Σ sizes of the weights,  forward = Σ c · (entries of θ before the step)

    Source: A. Griewank, A. Walther, Evaluating derivatives, 2nd edition, chapter 3; S. Raschka's
    FAQ on backpropagation: vector times matrix from the back, not matrix times matrix from the
    front.
    """
    reverse = dict.fromkeys(plan.outputs, 0)
    forward = dict.fromkeys(plan.outputs, 0)
    costs: dict[tuple[object, ...], list[int]] = {}
    reaching, sizes = _reaching(plan), _Sizes(plan)
    places = zip(*(column.tolist() for column in plan.edges.columns), strict=True)
    carried = dict(zip(places, plan.edges, strict=True))
    edges: dict[str, EdgeProduct] = {}
    # the parameters a value depends on, as the bits of one whole number
    before: list[int] = []
    for step in plan.steps:
        depends = sum(1 << index for index in set(step.slots.values()))
        for slot in step.inputs:
            depends |= before[slot]
        before.append(depends)
        if yield_gil is not None:
            yield_gil()
        if not reaching[step.output]:
            continue
        shapes = enumerate(zip(step.inputs, _costs(plan, step, costs), strict=True))
        for position, (slot, cost) in shapes:
            shape = plan.widths[step.output], plan.widths[slot]
            product = EdgeProduct(*shape, cost, sizes.total(before[slot]))
            reverse[step.owner] += product.reverse
            forward[step.owner] += product.forward
            edge = carried.get((step.output, position))
            if edge is not None:
                own = plan.parameters[plan.weights[edge]].size if edge in plan.weights else 0
                edges[edge] = replace(product, weights=own)
        reverse[step.owner] += sum(
            plan.parameters[index].size
            for index in step.slots.values()
            if not plan.parameters[index].is_bias
        )
    totals = sum(reverse.values()), sum(forward.values())
    return Multiplications(*totals, reverse, forward, edges)


def _reaching(plan: Plan) -> list[bool]:
    """Return for each value whether a loss depends on it."""
    reaching = [False] * len(plan.steps)
    for loss in plan.losses:
        reaching[loss.value] = True
    for step in reversed(plan.steps):
        if reaching[step.output]:
            for slot in step.inputs:
                reaching[slot] = True
    return reaching


class _Sizes:
    """How many entries of θ sets of parameters have; a set is the bits of a whole number."""

    def __init__(self, plan: Plan) -> None:
        sizes = plan.parameters.sizes
        packed = {
            size: np.packbits(sizes == size, bitorder="little") for size in set(sizes.tolist())
        }
        self._masks = {size: int.from_bytes(bits, "little") for size, bits in packed.items()}

    def total(self, parameters: int) -> int:
        """Return the number of entries of a set."""
        return sum(size * (parameters & mask).bit_count() for size, mask in self._masks.items())


def _costs(plan: Plan, step: Step, known: dict[tuple[object, ...], list[int]]) -> list[int]:
    """Return the entries of ∂z/∂x for each input of a step that are not fixed at 0."""
    widths = tuple(plan.widths[slot] for slot in step.inputs)
    key = (id(step.op), id(step.params), widths)
    if key not in known:
        known[key] = _jacobians(plan, step, widths)
    return known[key]


def _jacobians(plan: Plan, step: Step, widths: tuple[int, ...]) -> list[int]:
    """Send the unit vectors back through a step, one a row, and count what arrives."""
    op, rows = step.op, plan.widths[step.output]
    if op.backward is None:
        return [0] * len(widths)
    rng = np.random.default_rng(0)  # somewhere no entry happens to be 0
    inputs = [np.repeat(rng.uniform(0.1, 0.4, (1, width)), rows, axis=0) for width in widths]
    output, keywords = _tried(plan, step, inputs, rng)
    result = op.backward(np.eye(rows), output, *inputs, **keywords)
    messages = [result] if isinstance(result, np.ndarray) else result
    return [
        0 if message is None else int(np.count_nonzero(message))
        for message in messages[: len(widths)]
    ]


def _tried(
    plan: Plan, step: Step, inputs: Sequence[Array], rng: np.random.Generator
) -> tuple[Array, dict[str, Any]]:
    """Run a step forward somewhere; return its output, and what its derivative gets by name."""
    op, keywords = step.op, dict[str, Any](step.params)
    for name, index in step.slots.items():
        keywords[name] = rng.uniform(0.1, 0.4, plan.parameters[index].shape)
    if op.takes_context:
        keywords["context"] = Context(len(inputs[0]) if inputs else 1, np.dtype(np.float64))
    output = op.forward(*inputs, **keywords)
    if op.saves:
        output, keywords["saved"] = output
    return output, keywords


_RANGES = ((0.1, 0.4), (-0.9, 0.9), (-9.0, 9.0))
"""Where values are tried: logarithms need the first, bends away from 0 the last."""


def kept_values(plan: Plan, yield_gil: YieldGil | None = None) -> dict[str, dict[str, list[str]]]:
    """Return by node which of its values the backward pass reads, and whose derivatives do.

    ``{"h1": {"s": ["h1"], "z": ["h1", "o"]}}``: s of h1 is read by the derivative of h1 itself,
    z by that of h1 and by that of o (for ∂E/∂w of the edge between them). These are kept from the
    forward pass; what no derivative reads need not be. A derivative reads a value if it gives
    something else for another one, all else being equal: that is tried.
    """
    slots = {slot: (node, "z") for node, slot in plan.outputs.items()}
    slots |= {slot: (node, "s") for node, slot in plan.nets.items() if slot not in slots}
    reaching, known = _reaching(plan), dict[tuple[object, ...], list[bool]]()
    found: dict[str, dict[str, list[str]]] = {}
    for step in plan.steps:
        if yield_gil is not None:
            yield_gil()
        if not reaching[step.output] or step.op.backward is None:
            continue
        key = id(step.op), id(step.params), *(plan.widths[slot] for slot in step.inputs)
        if key not in known:
            known[key] = _read_backwards(plan, step)
        for slot, is_read in zip((step.output, *step.inputs), known[key], strict=True):
            if is_read and slot in slots:
                node, name = slots[slot]
                readers = found.setdefault(node, {}).setdefault(name, [])
                if step.owner not in readers:
                    readers.append(step.owner)
    return found


def _read_backwards(plan: Plan, step: Step) -> list[bool]:
    """Tell of a step's output and of each of its inputs whether its derivative reads it."""
    assert step.op.backward is not None
    rng, rows = np.random.default_rng(1), 16
    read = [False] * (1 + len(step.inputs))
    for low, high in _RANGES:
        first, other = (
            [rng.uniform(low, high, (rows, plan.widths[slot])) for slot in step.inputs]
            for _ in range(2)
        )
        with np.errstate(all="ignore"):
            output, keywords = _tried(plan, step, first, rng)
            delta = rng.uniform(0.1, 0.4, output.shape)
            values, others = [output, *first], [rng.uniform(low, high, output.shape), *other]
            before = _flat(step.op.backward(delta, *values, **keywords))
            for place, value in enumerate(others):
                changed = [*values[:place], value, *values[place + 1 :]]
                after = _flat(step.op.backward(delta, *changed, **keywords))
                read[place] |= not np.array_equal(before, after, equal_nan=True)
    return read


def _flat(messages: Array | Sequence[Array | None]) -> Array:
    parts = [messages] if isinstance(messages, np.ndarray) else messages
    return np.concatenate([np.ravel(part) for part in parts if part is not None] or [np.zeros(0)])

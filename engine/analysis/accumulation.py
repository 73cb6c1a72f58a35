"""Reverse against forward accumulation: in which order the chain rule is cheap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.declaration.op import Context
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan, Step


@dataclass(frozen=True, slots=True)
class Multiplications:
    """Multiplications for the gradient of E by all parameters, for one row of data.

    ``reverse`` and ``forward`` are the totals; the mappings hold the share of each node of the
    document.
    """

    reverse: int
    forward: int
    reverse_by_node: Mapping[str, int]
    forward_by_node: Mapping[str, int]


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
        for slot, cost in zip(step.inputs, _costs(plan, step, costs), strict=True):
            entries = sizes.total(before[slot])
            reverse[step.owner] += cost if entries else 0
            forward[step.owner] += cost * entries
        reverse[step.owner] += sum(
            plan.parameters[index].size
            for index in step.slots.values()
            if not plan.parameters[index].is_bias
        )
    return Multiplications(sum(reverse.values()), sum(forward.values()), reverse, forward)


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
    keywords: dict[str, Any] = dict(step.params)
    for name, index in step.slots.items():
        keywords[name] = rng.uniform(0.1, 0.4, plan.parameters[index].shape)
    if op.takes_context:
        keywords["context"] = Context(rows, np.dtype(np.float64))
    inputs = [np.repeat(rng.uniform(0.1, 0.4, (1, width)), rows, axis=0) for width in widths]
    output = op.forward(*inputs, **keywords)
    if op.saves:
        output, keywords["saved"] = output
    result = op.backward(np.eye(rows), output, *inputs, **keywords)
    messages = [result] if isinstance(result, np.ndarray) else result
    return [
        0 if message is None else int(np.count_nonzero(message))
        for message in messages[: len(widths)]
    ]

"""What the backward pass keeps and costs at a node or an edge, in sentences."""

from __future__ import annotations

from functools import cached_property

from engine.analysis.cost.accumulation import Multiplications, count_multiplications
from engine.analysis.cost.step_memory import StoredNumbers, node_numbers
from engine.analysis.explanation import Quantity
from engine.plan.plan import Plan
from gui.jobs.gil_yield import GilYield


class Costs:
    """What is kept and multiplied in a plan, for one row; counted once, when first asked."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def at(self, quantity: Quantity) -> tuple[str, ...]:
        """Return what is kept and multiplied at the place of a quantity."""
        place = quantity.place
        if place in self.plan.outputs:
            return self._of_node(place)
        edge = place if place in self.plan.edges else place.rpartition(".")[0]
        return self._of_edge(edge) if edge in self.plan.weights else ()

    @cached_property
    def _counts(self) -> Multiplications:
        return count_multiplications(self.plan, GilYield())

    @cached_property
    def _kept(self) -> dict[str, StoredNumbers]:
        return node_numbers(self.plan)

    def _of_node(self, node: str) -> tuple[str, ...]:
        counts = self._counts
        kept = self._kept[node].total
        return (
            f"Kept for the backward pass: {kept:,} {'number' if kept == 1 else 'numbers'} a row "
            f"({8 * kept:,} bytes).",
            f"Multiplications a row: {counts.reverse_by_node[node]:,} from E backwards, "
            f"{counts.forward_by_node[node]:,} from the parameters forwards.",
        )

    def _of_edge(self, edge: str) -> tuple[str, ...]:
        rows, columns = self.plan.parameters[self.plan.weights[edge]].shape
        if rows * columns == 1:
            return ("Multiplications a row: 1 for the message w·δ, 1 for ∂E/∂w = δ·z.",)
        return (
            f"Multiplications a row: message Wᵀδ = ({columns} × {rows})·({rows}), "
            f"∂E/∂W = δzᵀ = ({rows} × 1)·(1 × {columns}): {rows * columns:,} each.",
        )

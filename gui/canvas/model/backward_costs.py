"""What the backward pass keeps and multiplies in a plan, counted beside the window's thread."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gui.jobs.gil_yield import GilYield
from gui.jobs.job_queue import Background

if TYPE_CHECKING:
    from engine.analysis.cost.accumulation import EdgeProduct
    from engine.plan.plan import Plan

_JOB = "backward costs"
_MOST = 20_000  # steps of a plan; of a larger one nothing is counted


class BackwardCosts(NamedTuple):
    """What is multiplied at each edge, and who reads each node's values on the way back."""

    edges: Mapping[str, EdgeProduct]
    kept: Mapping[str, Mapping[str, list[str]]]


class CostCounter:
    """Counts when first asked about a plan; the answer comes a moment later."""

    def __init__(self, background: Background) -> None:
        self._background = background
        self._plan: Plan | None = None
        self._found: BackwardCosts | None = None

    def ask(self, plan: Plan | None) -> None:
        """Begin to count, unless that was done."""
        if plan is self._plan:
            return
        self._plan, self._found = plan, None
        self._background.drop(_JOB)
        if plan is not None and plan.losses and len(plan.steps) <= _MOST:
            take = partial(self._take, plan)
            self._background.run(_JOB, partial(_count, plan), take, self._refuse)

    def of(self, plan: Plan | None) -> BackwardCosts | None:
        """Return what was counted of a plan; None if it is not known (yet)."""
        return self._found if plan is self._plan else None

    def _take(self, plan: Plan, found: BackwardCosts) -> None:
        if plan is self._plan:
            self._found = found

    def _refuse(self, _sentence: str) -> None:
        """Leave it unknown: what cannot be counted is said elsewhere."""


def _count(plan: Plan) -> BackwardCosts:
    from engine.analysis.cost.accumulation import count_multiplications, kept_values

    return BackwardCosts(
        count_multiplications(plan, GilYield()).edges, kept_values(plan, GilYield())
    )

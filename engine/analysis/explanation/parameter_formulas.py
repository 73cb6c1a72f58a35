"""Penalties and updates of parameters as formulas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.notation import Notation
from engine.analysis.explanation.row_run import PlanPlaces, RowRun
from engine.analysis.explanation.shown_numbers import shown_numbers
from engine.analysis.explanation.update_formulas import UpdateInputs, update_formula
from engine.declaration.op import Array
from engine.errors import DataError
from engine.interpreter.objective_terms import add_penalty_gradient, weight_penalty
from engine.interpreter.parameter_vector import trainable_mask
from engine.training.rules.optimizers import OPTIMIZERS, clipped
from engine.training.rules.schedules import rate
from graph.model.document import Document


@dataclass(frozen=True, slots=True)
class RuleState:
    """What an optimiser remembers before an update.

    Parameters
    ----------
    count : int
        Updates made.
    memory : tuple of arrays
        As of `Optimizer.state`: one entry for each entry of θ that is trained.
    rate : float
        Learning rate of the update.
    """

    count: int
    memory: tuple[Array, ...]
    rate: float


class ParameterFormulas:
    """What training adds to the derivatives of the losses: penalties, and the update."""

    def __init__(
        self,
        document: Document,
        places: PlanPlaces,
        notation: Notation,
        m: int,
        rule: RuleState | None,
    ) -> None:
        self._settings, self._places, self._notation = document.training, places, notation
        self._plan, self._m = places.plan, m
        self._rule = rule or RuleState(0, (), rate(document.training, 0))

    # -- penalties -----------------------------------------------------------------------------

    def penalties(self, run: RowRun) -> list[Expression]:
        """Return the penalties in E."""
        terms = [
            Expression("value", float(run.value(one.value)[0]), self._notation.node(one.node),
                       node=one.node)
            for one in self._plan.penalties
        ]  # fmt: skip
        for name, l1, l2 in (
            ("λ₁/m·Σ|w|", self._settings.l1, 0.0),
            ("λ/2m·Σw²", 0.0, self._settings.l2),
        ):
            if l1 or l2:
                share = weight_penalty(self._plan, run.theta, l1, l2, self._m)
                terms.append(_penalty(share, name, l1 / self._m or l2 / (2 * self._m)))
        return terms

    def penalty_terms(self, run: RowRun, index: int, entry: tuple[int, ...]) -> list[Expression]:
        """Return what penalties give to the gradient of an entry of a parameter."""
        found, terms = self._plan.parameters[index], list[Expression]()
        symbol = self._notation.parameter(index, entry)
        component = f"[{','.join(map(str, entry))}]" if found.size > 1 else ""
        quantity = f"penalty:{found.name}{component}"
        w = Expression("value", float(run.parameter(index)[entry]), symbol, parameter=found.name)
        l1, l2, m = self._settings.l1, self._settings.l2, self._m
        if l2 and not found.is_bias:
            factor = Expression("value", l2 / m, "λ/m")
            terms.append(Expression("product", l2 / m * w.value, f"λ/m·{symbol}",
                                    parameter=found.name, terms=(factor, w),
                                    quantity=quantity))  # fmt: skip
        if l1 and not found.is_bias:
            sign = Expression("value", float(np.sign(w.value)), f"sign({symbol})")
            factor = Expression("value", l1 / m, "λ₁/m")
            terms.append(Expression("product", factor.value * sign.value, f"λ₁/m·{sign.symbol}",
                                    parameter=found.name, terms=(factor, sign),
                                    quantity=quantity))  # fmt: skip
        for step in self._places.covers(index):
            share = float(run.penalty(step, index)[entry])
            name = f"∂{self._notation.node(step.owner)}/∂{symbol}"
            terms.append(Expression("value", share, name, node=step.owner, quantity=quantity))
        return terms

    def node_penalty(self, run: RowRun, index: int, entry: tuple[int, ...]) -> float:
        """Return what penalty nodes give to the gradient of an entry of a parameter."""
        shares = [run.penalty(step, index)[entry] for step in self._places.covers(index)]
        return float(sum(shares))

    def with_penalties(self, theta: Array, gradient: Array) -> Array:
        """Return a gradient with training's own penalties in."""
        result = gradient.copy()
        settings = self._settings
        add_penalty_gradient(self._plan, theta, result, settings.l1, settings.l2, self._m)
        return result

    # -- the update ------------------------------------------------------------------------------

    def update(
        self,
        theta: Array,
        slope: Array,
        index: int,
        entry: tuple[int, ...],
        gradient: Expression,
    ) -> Expression:
        """Return w⁺ by the optimiser's own formula; ``slope`` is the whole ∂E/∂θ, (P,)."""
        found = self._plan.parameters[index]
        place = found.offset + int(np.ravel_multi_index(entry, found.shape))
        symbol = self._notation.parameter(index, entry)
        mask = trainable_mask(self._plan)
        if not mask[place]:
            raise DataError(f"{found.name!r} is frozen: no update changes it")
        if self._settings.optimizer not in OPTIMIZERS:
            raise DataError(
                "an update by L-BFGS depends on all parameters at once; no formula of one says it"
            )
        w = Expression("value", float(theta[place]), symbol, parameter=found.name)
        position, trained = int(mask[:place].sum()), slope[mask]
        bounded = clipped(trained, float(np.linalg.norm(trained)), self._settings)[position]
        g = gradient = replace(gradient, is_named=True)
        if bounded != trained[position]:
            factor = Expression("value", float(bounded / trained[position]), "clipping")
            symbol_g = f"clipping·{gradient.symbol}"
            g = Expression("product", float(bounded), symbol_g, terms=(factor, gradient))
        memory = [float(array[position]) for array in self._rule.memory]
        rule = OPTIMIZERS[self._settings.optimizer]
        terms = UpdateInputs(
            w,
            g,
            memory or [0.0] * rule.arrays,
            self._settings,
            self._rule.count + 1,
            self._rule.rate,
        )
        quantity = f"update:{found.name}"
        new = update_formula(terms)
        return replace(new, symbol=f"{symbol}⁺", parameter=found.name, quantity=quantity)


def _penalty(share: float, name: str, factor: float) -> Expression:
    """Return a penalty of training's, opened to its factor and the sum over the weights."""
    parts = (Expression("value", factor, ""), Expression("value", share / factor, ""))
    product = Expression("product", share, name, terms=parts)
    shown = shown_numbers(product, len(parts))
    opened = "·".join(map(shown.text, parts)), shown.result
    return Expression("value", share, name, opened=opened)

"""Means over rows: the rows' shares, and what is written of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from engine.analysis.explanation.explainer import Explainer
from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.quantity import Quantity
from engine.plan.plan import Plan

ROWS = 6
"""Rows whose shares are written into a formula: the largest."""
_OTHERS = " other rows"


def mean_shares(found: Expression, count: int) -> tuple[Expression, ...]:
    """Return the terms of a mean over ``count`` rows that are shares of rows; none if it is none.

    Each is 1/B times a row's number; the last may be what all other rows give together.
    """
    factor, shares = f"1/{count}", list[Expression]()
    for term in found.terms if count > 1 else ():
        is_of_a_row = bool(term.terms) and term.terms[0].symbol == factor
        if is_of_a_row or (shares and is_of_others(term)):
            shares.append(term)
    return tuple(shares)


def is_of_others(term: Expression | None) -> bool:
    """Tell whether a term is what several rows give together."""
    return term is not None and not term.terms and term.symbol.endswith(_OTHERS)


def largest_shares(shares: Sequence[Expression], count: int) -> list[Expression]:
    """Return the shares that are written into a formula: the largest, and what is left.

    Those of one row come first, whatever the others are together.
    """
    if len(shares) <= ROWS:
        return [share.closed() for share in shares]
    largest = sorted(shares, key=lambda one: (is_of_others(one), -abs(one.value)))
    left = math.fsum(one.value for one in largest[ROWS:])
    others = Expression("value", left, f"{count - ROWS:,}{_OTHERS}")
    return [*(share.closed() for share in largest[:ROWS]), others]


def mean_of(
    explainer: Explainer, plan: Plan, quantity: Quantity, found: Expression, count: int
) -> tuple[Expression, Quantity | None]:
    """Return a mean with the rows' shares as terms, and the quantity whose mean it is.

    E of a single loss is the mean of that loss over the rows, and penalties: its shares are the
    terms then. None if there is no mean over rows.
    """
    if quantity.kind == "E" and len(plan.losses) == 1 and plan.losses[0].importance == 1:
        loss = Quantity("loss", plan.losses[0].node, (0,))
        if not mean_shares(found, count) and count > 1:
            found = replace(found, terms=(*explainer.explain(loss).terms, *found.terms[1:]))
        quantity = loss
    return found, quantity if mean_shares(found, count) else None

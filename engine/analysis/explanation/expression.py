"""A number as a formula: what it is a sum, a product or a function of."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from engine.analysis.explanation.latex_symbols import symbol_latex

Operator: TypeAlias = Literal["sum", "product", "function", "value"]
Recombination: TypeAlias = Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class Expression:
    """A number, and how it comes about.

    Parameters
    ----------
    operator : str
        What makes the number of the terms; a ``value`` has none.
    value : float
        The engine's number.
    symbol : str
        What it is called: ``δ(h₁)``.
    node, edge, parameter : str or None
        The place it belongs to; one of them at most.
    terms : tuple of Expression
        What it is made of.
    quantity : str
        Its name as `Explainer.explain` takes it; empty if it has none.
    function : callable, optional
        Of a ``function``: gives the number from those of the terms.
    sign : str
        Of a ``function``: what the operation is called, ``σ``.
    opened : tuple of str
        Of a ``function``: its formula with symbols and with numbers, as far as it is declared.
    opened_latex : tuple of str
        The same as LaTeX; empty if it follows from the text.
    is_reused : bool
        Whether it has occurred before in the same explanation.
    is_named : bool
        Whether within others its symbol stands for it, and what it is made of is told apart.
    """

    operator: Operator
    value: float
    symbol: str
    node: str | None = None
    edge: str | None = None
    parameter: str | None = None
    terms: tuple[Expression, ...] = ()
    quantity: str = ""
    function: Recombination | None = field(default=None, compare=False, repr=False)
    sign: str = ""
    opened: tuple[str, ...] = ()
    opened_latex: tuple[str, ...] = ()
    is_reused: bool = False
    is_named: bool = False

    @property
    def is_slope(self) -> bool:
        """Whether it is an activation's f′(s), which opens to a number."""
        return self.sign.endswith("′")

    def formulas(self) -> list[tuple[str, str]]:
        """Return what it opens to, each as text and as LaTeX."""
        written = self.opened_latex or tuple(map(symbol_latex, self.opened))
        return list(zip(self.opened, written, strict=True))

    def recombined(self) -> float:
        """Return the number computed from those of the terms."""
        numbers = [term.value for term in self.terms]
        if self.operator == "sum":
            return math.fsum(numbers)
        if self.operator == "product":
            return math.prod(numbers)
        if self.operator == "function" and self.function is not None:
            return float(self.function(numbers))
        return self.value

    def closed(self) -> Expression:
        """Return it as a mere value: what it is made of is left out."""
        return replace(self, operator="value", terms=(), function=None)

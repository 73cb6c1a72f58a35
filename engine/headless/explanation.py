"""One number of a document as a formula: what ``gradwire explain`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.analysis.explanation import EVERYTHING, Explainer, Expression, read_quantity
from engine.analysis.explanation.formats import as_json, latex, mean_lines, text_lines
from engine.analysis.explanation.means import mean_of
from engine.data.row_numbers import row_name
from engine.errors import DataError
from engine.headless.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Explained:
    """A number and its formula.

    Parameters
    ----------
    quantity, rows : str
        What was asked, and whose numbers they are, in words.
    expression : Expression
        The formula.
    row : Expression, optional
        Of a mean over rows: what one of them gives.
    count : int
        How many rows there are.
    """

    quantity: str
    rows: str
    expression: Expression
    row: Expression | None = None
    count: int = 1

    def lines(self) -> list[str]:
        """Return it as text."""
        found, row = self.expression, self.row
        lines = text_lines(found) if row is None else mean_lines(found, row, self.count)
        return [f"{self.quantity}, {self.rows}:", *lines]

    def latex(self) -> str:
        """Return it as LaTeX."""
        return latex(self.expression)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return as_json(self.expression, self.quantity)


def explained(experiment: Experiment, quantity: str, row: int | None, depth: str) -> Explained:
    """Explain a number of a row of the data, or of the mean over the training rows.

    Parameters
    ----------
    row : int, optional
        Its number in the dataset, from 1.
    depth : str
        Over how many nodes it is opened; ``all`` opens everything.

    Raises
    ------
    DataError
        If there is no such number, row or depth.
    """
    if depth != "all" and not depth.isdecimal():
        raise DataError(f"the depth {depth!r} is not understood; write a number, or all")
    rows, words = np.zeros(0, np.int64), "without data"
    if experiment.data is not None:
        rows = experiment.data.splits["train"]
        words = f"mean over all {len(rows)} training rows" if len(rows) > 1 else row_name(rows[0])
    if row is not None:
        place = experiment.row(row)
        rows, words = np.array([place]), row_name(place)
    explainer = Explainer(
        experiment.document,
        experiment.plan,
        experiment.theta,
        experiment.columns(rows),
        experiment.m,
        [row_name(place) for place in rows.tolist()] or None,
    )
    opened = EVERYTHING if depth == "all" else int(depth)
    asked = read_quantity(quantity, experiment.document)
    given = explainer.explain(asked, opened)
    found, of = mean_of(explainer, experiment.plan, asked, given, len(rows))
    one = None if of is None else explainer.of_a_row(of, opened)
    return Explained(quantity, words, found, one, len(rows))

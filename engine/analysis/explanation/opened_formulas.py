"""What operations declare of themselves, as text and as LaTeX, for `Expression`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.declaration.equation_text import latex, plain_text
from engine.declaration.op import Op
from graph.model.kinds import Params


def opened_formula(op: Op, params: Params) -> dict[str, Any]:
    """Return ``opened`` and ``opened_latex``: the right side of an operation's formula."""
    symbolic = op.symbolic(params)
    if symbolic.formula is not None:
        right = symbolic.formula.right
        return {"opened": (plain_text(right),), "opened_latex": (latex(right),)}
    text = symbolic.text
    return {"opened": (text.partition(" = ")[2] or text,)} if text else {}


def opened_steps(steps: Callable[..., tuple[str, ...]]) -> dict[str, Any]:
    """Return ``opened`` and ``opened_latex``: a derivative with symbols, numbers and its value.

    ``steps`` gives them as text, or as LaTeX if called with ``as_latex``.
    """
    texts, written = steps(), steps(as_latex=True)
    return {"opened": texts, "opened_latex": written if len(written) == len(texts) else ()}

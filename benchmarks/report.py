"""Results as a Markdown table."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.contest import ContestResult
from benchmarks.roster import PEERS
from benchmarks.rows import TableRow
from engine.benchmark.cases import CASES
from engine.benchmark.report import duration

_LARGE = 1000
HEAD = "| case | Gradwire | peers | budgets |\n|---|---|---|---|"


def line(row: TableRow, found: ContestResult) -> str:
    """Return a row's line."""
    own, *others = found.seconds.items()
    peers = [f"{_title(name)} {duration(seconds)}" for name, seconds in others]
    peers += [f"{_title(name)} – ({why})" for name, why in found.absent.items()]
    return _cells(row.title, duration(own[1]), "<br>".join(peers), "<br>".join(_judged(row, found)))


def _judged(row: TableRow, found: ContestResult) -> Iterable[str]:
    for budget in row.budgets:
        figure = budget.figure(found)
        sign = "≥" if budget.at_least else "≤"
        asked = f"(budget {sign} {budget.bound:g})"
        if figure is None:
            yield f"{budget.text.format('–')} {asked}"
        else:
            verdict = "met" if budget.met(figure) else "**missed**"
            shown = f"{figure:,.0f}" if figure >= _LARGE else f"{figure:.3g}"
            yield f"{budget.text.format(shown)} {asked}: {verdict}"


def _title(name: str) -> str:
    peer, _, case = name.partition("@")
    return CASES[case].title if case else PEERS[peer].title


def _cells(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"

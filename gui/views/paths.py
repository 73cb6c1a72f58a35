"""Why backpropagation is cheap: paths against edge visits, both orders of the chain rule."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from engine.analysis.cost.accumulation import Multiplications, count_multiplications
from engine.analysis.cost.path_counts import PathCounts, count_paths
from gui.jobs.gil_yield import GilYield
from gui.plots.plot_view import PlotView
from gui.widgets.layouts import named

if TYPE_CHECKING:
    from engine.plan.plan import Plan

_EXACT = 10**15  # larger counts are written with a power of ten


class PathsView(PlotView):
    """Two comparisons for the drawn graph, each a sentence and its numbers."""

    title = "Paths"
    icon = "mdi6.source-branch"
    rank = 60
    job = "paths"
    empty = "As soon as the network can run, how many paths its gradient sums over appears here."
    _plan: Plan | None = None
    paths: PathCounts | None = None
    multiplications: Multiplications | None = None

    def restart(self) -> None:
        """Forget the counts of another document."""
        self._plan = self.paths = self.multiplications = None

    def build(self) -> None:
        """Make the text."""
        text = QLabel(textFormat=Qt.TextFormat.RichText, wordWrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text = named(text, "Paths, edge visits and multiplications")
        self.body.addWidget(self.text, 1)

    def refresh(self) -> bool:
        """Count anew if the graph is another."""
        plan = self.session.plan
        if plan is not self._plan:
            self.restart()
            self._plan = plan
            self.session.background.drop(self.job)
            if plan is not None:
                edges = [
                    (edge.source, edge.target)
                    for edge in self.session.document.edges.values()
                    if edge.port != "target"
                ]
                work = partial(_counts, plan, edges)
                refuse = self.session.notice.emit
                self.session.background.run(self.job, work, self._take, refuse, long=True)
        return self.paths is not None

    def _take(self, counted: tuple[PathCounts, Multiplications]) -> None:
        self.paths, self.multiplications = counted
        self.text.setText(_on_paths(self.paths) + _on_orders(self.multiplications))
        self.show_content(shown=True)


def _counts(plan: Plan, edges: list[tuple[str, str]]) -> tuple[PathCounts, Multiplications]:
    losses = {loss.node for loss in plan.losses}
    return count_paths(list(plan.outputs), edges, losses), count_multiplications(plan, GilYield())


def _on_paths(counts: PathCounts) -> str:
    return (
        "<p><b>Paths and edges.</b> The derivative of E by what comes in is a sum over all "
        "directed paths from the nodes without inputs (data, constants, biases) to the losses; a "
        f"target's own wire is no path. There are <b>{_count(counts.paths)}</b> here, "
        f"{_count(counts.path_edges)} edges if each is walked by itself. Backpropagation visits "
        f"each edge on them once: <b>{_count(counts.edge_visits)}</b>.</p>"
    )


def _on_orders(counts: Multiplications) -> str:
    times = counts.forward / counts.reverse if counts.reverse else 1.0
    return (
        "<p><b>The order of the chain rule.</b> For the gradient of E by all parameters and one "
        "row, vector times matrix from the back (reverse) takes "
        f"<b>{_count(counts.reverse)}</b> multiplications; matrix times matrix from the front "
        f"(forward) takes <b>{_count(counts.forward)}</b>, {times:.3g} times as many.</p>"
    )


def _count(number: int) -> str:
    """Write a count with thin spaces, or as a power of ten."""
    if number < _EXACT:
        return f"{number:,}".replace(",", "\u2009")
    digits = str(number)
    return f"{digits[0]}.{digits[1:3]} · 10<sup>{len(digits) - 1}</sup>"

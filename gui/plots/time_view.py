"""What plots over epochs have in common: the film's cursor, and whose curves they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Array
from gui.plots.film_bar import FilmBar
from gui.plots.plot_view import PlotView

if TYPE_CHECKING:
    from gui.plots.chart import Chart
    from gui.session.run_progress import Difference


class TimeView(PlotView):
    """Base of views with epochs on the x axis.

    One line in every panel is the moment that the whole window shows; dragging anywhere in the
    chart moves it. After an edit of the network the curves are those of the network before, and
    there is no such line.

    Attributes
    ----------
    epochs : array (T,)
        Where the curves have points.
    difference : Difference
        How what is shown differs from the state of the run whose curves these are.
    """

    chart: Chart
    film: FilmBar
    epochs: Array
    difference: Difference = ""
    remedy = "Train"

    def mend(self) -> None:
        """Train: then there are epochs."""
        self.session.run.play()

    def add_film(self, chart: Chart) -> None:
        """Let the film's cursor be in a chart that was built, and its bar below."""
        self.chart = chart
        self.film = FilmBar(self.session)
        self.body.addWidget(self.film)
        chart.scrubbed.connect(self._scrub)

    def has_news(self) -> bool:
        """Tell also whether an edit has made the curves those of another network, or back."""
        session = self.session
        found = session.run.difference(session.document, session.plan, session.prepared)
        edited, self.difference = found != self.difference, found
        return super().has_news() or edited

    @property
    def is_old(self) -> bool:
        """Whether the curves are those of the network before an edit."""
        return self.difference == "network"

    def mark_moment(self) -> None:
        """Draw the line at the moment shown, and let the bar name it."""
        run = self.session.run
        last = int(self.epochs[-1]) if len(self.epochs) else None
        self.film.refresh(last, of_run=not self.is_old)
        moment = last if run.running else run.epoch
        self.chart.mark(None if self.is_old or last is None else moment)
        self.chart.settle()

    def published(self, epochs: NDArray[np.int64]) -> int:
        """Return how many of a run's epochs to show: of one that goes on those that are published.

        The worker is ahead of what the window shows of it; no plot may be.
        """
        run = self.session.run
        known = len(epochs)
        return int(np.searchsorted(epochs, run.epoch, side="right")) if run.running else known

    def moment_index(self) -> int:
        """Return which point of the curves is at the moment shown: the last while it runs."""
        run = self.session.run
        if run.running or self.is_old or not len(self.epochs):
            return -1
        return int(np.argmin(np.abs(self.epochs - run.epoch)))

    @property
    def caveat(self) -> str:
        """What the readouts have to say of an edit, or of updates since the last whole epoch."""
        words = {"": "", "values": "before the edit", "network": "of the network before the edit"}
        run = self.session.run
        if not self.difference and not run.running and run.batch[0]:
            return f"at the end of epoch {run.epoch:,}"
        return words[self.difference]

    def _scrub(self, epoch: float) -> None:
        if not self.is_old:
            self.film.go_to(epoch)

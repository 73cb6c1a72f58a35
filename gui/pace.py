"""Whose turn it is to draw: the canvas moves in every frame but those in which a plot is drawn."""

from __future__ import annotations


class Pace:
    """Keeps two large drawings out of one frame, so that none comes late.

    Plots are drawn seldom; the canvas gives way to them.
    """

    def __init__(self) -> None:
        self._taken = False

    def take(self) -> None:
        """Take the present frame, for a plot."""
        self._taken = True

    def is_free(self) -> bool:
        """Tell whether the canvas may draw in this frame; asked once a frame."""
        taken, self._taken = self._taken, False
        return not taken

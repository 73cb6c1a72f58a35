"""Whose turn it is to draw: the canvas moves in every frame but those that it leaves to a plot."""

from __future__ import annotations

from collections.abc import Callable

_FRAMES = 2  # of the canvas between two plots, at least


class Pace:
    """Keeps two large drawings out of one frame, so that none comes late.

    Attributes
    ----------
    beating : bool
        Whether the canvas moves and asks `serve` in each of its frames.
    """

    def __init__(self) -> None:
        self.beating = False
        self._waiting: list[Callable[[], object]] = []
        self._frames = _FRAMES

    def draw(self, plot: Callable[[], object]) -> None:
        """Draw a plot in a frame of the canvas, in its stead; at once if it stands still."""
        if not self.beating:
            plot()
        elif plot not in self._waiting:
            self._waiting.append(plot)

    def serve(self) -> bool:
        """Draw a plot that waits, if it is its turn; tell whether one was drawn."""
        if not self._waiting or self._frames < _FRAMES:
            self._frames += 1
            return False
        self._frames = 0
        self._waiting.pop(0)()
        return True

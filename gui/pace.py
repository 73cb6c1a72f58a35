"""Whose turn it is to draw: the canvas moves in every frame but those that it leaves to a plot."""

from __future__ import annotations

from collections.abc import Callable


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

    def draw(self, plot: Callable[[], object]) -> None:
        """Draw a plot in the canvas's next frame, in its stead; at once if it stands still."""
        if not self.beating:
            plot()
        elif plot not in self._waiting:
            self._waiting.append(plot)

    def serve(self) -> bool:
        """Draw a plot that waits for its turn; tell whether there was one."""
        if not self._waiting:
            return False
        self._waiting.pop(0)()
        return True

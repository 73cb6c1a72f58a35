"""Which frame draws what: the canvas most of them, each waiting plot one."""

from __future__ import annotations

from collections.abc import Callable

_BETWEEN = 2  # frames of the canvas between two plots, at least


class FrameScheduler:
    """Keeps two large drawings out of one frame, so that none comes late."""

    def __init__(self) -> None:
        self.animating = False  # whether the canvas is and calls `run_next` in each of its frames
        self._waiting: list[Callable[[], object]] = []
        self._since = _BETWEEN

    def draw(self, plot: Callable[[], object]) -> None:
        """Draw a plot instead of one of the canvas's frames; at once if it is not animated."""
        if not self.animating:
            plot()
        elif plot not in self._waiting:
            self._waiting.append(plot)

    def run_next(self) -> bool:
        """Draw a waiting plot if enough frames have passed; tell whether one was drawn."""
        if not self._waiting or self._since < _BETWEEN:
            self._since += 1
            return False
        self._since = 0
        self._waiting.pop(0)()
        return True

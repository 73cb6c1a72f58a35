"""Which frame draws what: the canvas most of them, each waiting plot one."""

from __future__ import annotations

from collections.abc import Callable

_BETWEEN = 2  # frames of the canvas between two plots, at least


class FrameScheduler:
    """Keeps two large drawings out of one frame, so that none comes late."""

    def __init__(self) -> None:
        self._animating = False
        self._waiting: list[Callable[[], object]] = []
        self._since = _BETWEEN

    @property
    def animating(self) -> bool:
        """Whether the canvas moves, and calls `run_next` in each of its frames."""
        return self._animating

    @animating.setter
    def animating(self, animating: bool) -> None:
        self._animating = animating
        while self._waiting and not self._animating:  # no frame will come for them
            self._waiting.pop(0)()

    def clear(self) -> None:
        """Let nothing wait any more: what it would draw goes away."""
        self._waiting.clear()

    def draw(self, plot: Callable[[], object]) -> None:
        """Draw a plot instead of one of the canvas's frames; at once if it is not animated."""
        if not self._animating:
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

"""How a view follows a run: it draws what is published, in a frame of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.jobs.frame_scheduler import FrameScheduler
    from gui.jobs.job_queue import Background
    from gui.jobs.publication import Publication

_QUICK = 0.4  # seconds after which the run does not wait for an answer
_REST = 3.0  # times as long as a slow answer took is left for others


class Follower:
    """Lets a view draw what a run publishes, and the run wait for it unless that takes long.

    Parameters
    ----------
    view : object
        Whose drawing it is.
    draw : callable
        Draws the snapshot, or asks for what is to be drawn in the background.
    job : str
        Key of the background job that then computes it; none if empty.

    Attributes
    ----------
    clock : callable
        Returns seconds.
    """

    def __init__(
        self,
        view: object,
        draw: Callable[[], object],
        background: Background,
        frames: FrameScheduler,
        publication: Publication,
        job: str = "",
    ) -> None:
        self._view, self._draw_it, self._job = view, draw, job
        self._background, self._frames, self._publication = background, frames, publication
        self.clock: Callable[[], float] = time.perf_counter
        self._asked_at: float | None = None
        self._seconds = self._ready_at = 0.0
        if job:
            background.busy_changed.connect(self._on_answer)

    @property
    def is_quick(self) -> bool:
        """Whether the run waits for its answers."""
        return self._seconds <= _QUICK

    def follow(self) -> None:
        """Draw what was published, in one of the next frames; slow ones leave some out."""
        if self.is_quick:
            self._publication.expect(self._view)
        if self.is_quick or self.clock() >= self._ready_at:
            self._frames.draw(self._draw)

    def stop(self) -> None:
        """Let nobody wait: the view is not seen any more."""
        self._asked_at = None
        self._publication.drawn(self._view)

    def _draw(self) -> None:
        if self._asked_at is None:
            self._asked_at = self.clock()
        self._draw_it()
        self._on_answer()

    def _on_answer(self) -> None:
        if self._asked_at is None or self._job in self._background.busy:
            return
        now = self.clock()
        self._seconds, self._asked_at = now - self._asked_at, None
        self._ready_at = now + _REST * self._seconds
        self._publication.drawn(self._view)

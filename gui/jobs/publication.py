"""One published snapshot at a time: the next one comes when all that is seen has drawn this one."""

from __future__ import annotations

import math

_LEAST = 0.05  # seconds for which a snapshot that plots follow is shown


class Publication:
    """Holds back what a run publishes, so that all of the window is of one moment.

    Plots take turns, a frame each, and some are computed in the background. Those that keep pace
    are waited for; what takes longer follows when it can, and says of which epoch it is.

    Attributes
    ----------
    most : float
        Seconds for which a snapshot is shown at most.
    """

    def __init__(self) -> None:
        self._awaited: set[object] = set()
        self._followed = False
        self._shown_at = -math.inf
        self.most = 0.5

    def begin(self, now: float) -> None:
        """Note that a snapshot is shown from ``now`` on, in seconds."""
        self._awaited.clear()
        self._followed, self._shown_at = False, now

    def expect(self, view: object) -> None:
        """Wait for a view to draw the snapshot."""
        self._awaited.add(view)
        self._followed = True

    def drawn(self, view: object) -> None:
        """Note that a view shows the snapshot, or that nobody sees it any more."""
        self._awaited.discard(view)

    def may_go_on(self, now: float) -> bool:
        """Tell whether the next snapshot may be shown."""
        shown = now - self._shown_at
        if shown >= self.most or not self._followed:
            return True
        return not self._awaited and shown >= _LEAST

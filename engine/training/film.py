"""The film: parameters recorded while a run goes on, to look back at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.declaration.op import Array

_FRAMES = 600
_NUMBERS = 10_000_000  # of all frames together


class Film:
    """θ after every ``every``-th epoch, 0 included; when full, every second frame goes.

    Parameters
    ----------
    size : int
        P, the length of θ.
    dtype : numpy dtype
        Of the frames.
    frames, numbers : int
        Most frames, and numbers in them; two frames are kept whatever θ is.

    Attributes
    ----------
    every : int
        Epochs between two frames.
    """

    def __init__(
        self, size: int, dtype: np.dtype[Any], frames: int = _FRAMES, numbers: int = _NUMBERS
    ) -> None:
        self.every = 1
        self._capacity = max(2, min(frames, numbers // max(size, 1)))
        self._epochs = np.zeros(self._capacity, np.int64)
        self._frames: Array = np.zeros((self._capacity, size), dtype)
        self._count = 0

    @property
    def epochs(self) -> NDArray[np.int64]:
        """Numbers of the epochs after which frames were recorded, (K,), ascending; a copy."""
        return self._epochs[: self._count].copy()

    def frame(self, place: int) -> Array:
        """Return the parameters of a frame (P,), a copy."""
        frame: Array = self._frames[place].copy()
        return frame

    def make_room(self, first: int, count: int) -> int:
        """Get ready for ``count`` epochs from number ``first`` on; return their most frames."""
        while (wanted := len(self._due(first, count))) > self._capacity - self._count:
            self.every *= 2
            kept = np.flatnonzero(self._epochs[: self._count] % self.every == 0)
            self._count = len(kept)
            self._epochs[: self._count] = self._epochs[kept]
            self._frames[: self._count] = self._frames[kept]
        return wanted

    def extend(self, first: int, count: int, frames: Array) -> None:
        """Add the frames (k, P) that were due in ``count`` epochs from number ``first`` on."""
        end = self._count + len(frames)
        self._epochs[self._count : end] = self._due(first, count)
        self._frames[self._count : end] = frames
        self._count = end

    def see(self, epoch: int, theta: Array) -> None:
        """Record θ after an epoch, if a frame is due."""
        due = self.make_room(epoch, 1)
        self.extend(epoch, 1, theta[None][:due])

    def cut(self, epoch: int) -> None:
        """Forget the frames after an epoch: another run goes on from there."""
        self._count = int(np.searchsorted(self._epochs[: self._count], epoch, side="right"))

    def _due(self, first: int, count: int) -> NDArray[np.int64]:
        start = -(-first // self.every) * self.every
        return np.arange(start, first + count, self.every)

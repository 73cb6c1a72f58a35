"""The film: states recorded while a run goes on, to look back at and to go on from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.training.runners.records import Progress
from engine.training.runners.state import Checkpoint, TrainingState

_FRAMES = 600
_BYTES = 160 << 20  # of all frames together


class Film:
    """A checkpoint after every ``every``-th epoch, 0 included; when full, every second one goes.

    A frame holds what a `Checkpoint` does: θ twice and the optimiser's memory (Adam: twice θ,
    L-BFGS: up to 20 times), in the precision of the run. One thread records, others may look.

    Parameters
    ----------
    frames, nbytes : int
        Most frames, and the memory of their arrays; two frames are kept whatever θ is.
    """

    def __init__(self, frames: int = _FRAMES, nbytes: int = _BYTES) -> None:
        self.every = 1  # epochs between two frames
        self._most, self._nbytes = frames, nbytes
        self._frames: list[Checkpoint] = []

    @property
    def epochs(self) -> NDArray[np.int64]:
        """Numbers of the epochs after which frames were recorded, (K,), ascending."""
        return np.array([frame.epoch for frame in self._frames], np.int64)

    @property
    def frames(self) -> tuple[Checkpoint, ...]:
        """The frames, in order."""
        return tuple(self._frames)

    def frame(self, epoch: int) -> Checkpoint:
        """Return the frame of an epoch that has one."""
        return next(frame for frame in self._frames if frame.epoch == epoch)

    def path(self, places: list[int], before: int) -> NDArray[np.float64]:
        """Return some entries of θ in each frame before an epoch, (K, entries)."""
        frames = [frame for frame in self._frames if frame.epoch < before]
        found = np.array([frame.theta[places] for frame in frames], np.float64)
        return found.reshape(len(frames), len(places))

    def observe(self, state: TrainingState, progress: Progress) -> int:
        """Record the state if a frame is due."""
        if not (state.batch or progress.place) and self._is_due(state.epoch):
            self._record(state)
        return state.updates_until((state.epoch // self.every + 1) * self.every)

    def cut(self, epoch: int) -> None:
        """Forget the frames after an epoch: another run goes on from there."""
        self._frames = [frame for frame in self._frames if frame.epoch <= epoch]

    def _is_due(self, epoch: int) -> bool:
        return epoch % self.every == 0 and not (self._frames and self._frames[-1].epoch >= epoch)

    def _record(self, state: TrainingState) -> None:
        frame = state.checkpoint()
        capacity = max(2, min(self._most, self._nbytes // max(frame.nbytes, 1)))
        while len(self._frames) >= capacity and self._is_due(state.epoch):
            self.every *= 2
            self._frames = [one for one in self._frames if one.epoch % self.every == 0]
        if self._is_due(state.epoch):
            self._frames.append(frame)

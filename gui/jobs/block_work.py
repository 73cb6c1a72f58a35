"""Work that goes on block by block in the background, and shows how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, Self, TypeVar

from PySide6.QtCore import QObject, Signal

from gui.jobs.job_queue import Background


class Advancing(Protocol):
    """What can be done block by block."""

    @property
    def is_done(self) -> bool:
        """Whether no block is left."""

    def advance(self) -> Self:
        """Do one block more, and return the same work."""


Work = TypeVar("Work", bound=Advancing)


class BlockWork(QObject, Generic[Work]):
    """Runs one such work, a job for each block, so that it can be given up between two.

    Attributes
    ----------
    work : object or None
        The work as far as it is; None before its first block and after `drop`.
    """

    advanced = Signal()

    def __init__(
        self, key: str, background: Background, failed: Callable[[str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._key, self._background, self._failed = key, background, failed
        self.work: Work | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a block is on its way."""
        return self._key in self._background.busy

    def begin(self, make: Callable[[], Work]) -> None:
        """Give up what is under way, and begin other work; ``make`` runs in the background."""
        self._next(lambda: make().advance())

    def drop(self) -> None:
        """Give it up, and forget it."""
        self._background.drop(self._key)
        self.work = None

    def _next(self, block: Callable[[], Work]) -> None:
        self._background.run(self._key, block, self._take, self._failed, long=True)

    def _take(self, work: Work) -> None:
        self.work = work
        if not work.is_done:
            self._next(work.advance)
        self.advanced.emit()

"""Slow work off the GUI thread: one thread, the latest job of each key, results back in Qt's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from graph.errors import GradwireError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    key: str
    number: int
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[str], None]


class Background(QObject):
    """Runs jobs one after the other in a thread that lives only while there are any.

    A job replaces one of the same key that still waits, and the result of one that is already
    running is dropped: nobody sees an answer to an older question.
    """

    busy_changed = Signal()
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[str, _Job] = {}
        self._newest: dict[str, int] = {}
        self._number = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        key: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> None:
        """Run ``work`` in the thread, then ``done(result)`` or ``failed(sentence)`` in Qt's.

        Once it is closed nothing is run any more.

        Parameters
        ----------
        key : str
            What the job answers; a later job of this key makes this one void.
        """
        with self._lock:
            if self._closed:
                return
            self._number += 1
            self._newest[key] = self._number
            self._waiting.pop(key, None)
            self._waiting[key] = _Job(key, self._number, work, done, failed)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="background", daemon=True)
                self._thread.start()
        self.busy_changed.emit()

    def drop(self, key: str) -> None:
        """Forget the jobs of a key; a result under way will not be delivered."""
        with self._lock:
            self._waiting.pop(key, None)
            self._newest.pop(key, None)

    @property
    def busy(self) -> tuple[str, ...]:
        """Keys of the jobs whose results are still awaited."""
        return tuple(self._newest)

    def close(self) -> None:
        """Drop what waits and wait for the thread to end; there will be no other."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            self._newest.clear()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                job = self._waiting.pop(next(iter(self._waiting)))
            self._finished.emit((job, *_outcome(job)))

    def _deliver(self, outcome: tuple[_Job, bool, Any]) -> None:
        job, worked, result = outcome
        if self._newest.get(job.key) != job.number:
            return
        del self._newest[job.key]
        (job.done if worked else job.failed)(result)
        self.busy_changed.emit()


def _outcome(job: _Job) -> tuple[bool, Any]:
    try:
        return True, job.work()
    except (GradwireError, OSError) as error:
        return False, str(error)
    except Exception:  # noqa: BLE001  (a worker's border: shown and logged)
        _log.exception("the background job %r failed", job.key)
        return False, f"Something unexpected went wrong ({job.key}); details are in the log."

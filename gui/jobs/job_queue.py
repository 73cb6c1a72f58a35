"""Work off the GUI thread: in its own threads, the latest job of each key, results in Qt's."""

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
    long: bool
    work: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class _Answer:
    """Who gets a result; only Qt's thread knows, as a widget must not die in another."""

    number: int
    done: Callable[[Any], None]
    failed: Callable[[str], None]


class Background(QObject):
    """Runs jobs one after the other in a thread that lives only while there are any.

    Long ones have a thread of their own, so that no answer on the screen waits for them. A job
    replaces one of the same key that still waits, and the result of one that is already
    running is dropped: nobody sees an answer to an older question.
    """

    busy_changed = Signal()
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[str, _Job] = {}
        self._newest: dict[str, _Answer] = {}
        self._number = 0
        self._lock = threading.Lock()
        self._threads: dict[bool, threading.Thread] = {}  # that of long jobs, and the other
        self._closed = False
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        key: str,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
        *,
        long: bool = False,
    ) -> None:
        """Run ``work`` in the thread, then ``done(result)`` or ``failed(sentence)`` in Qt's.

        Once it is closed nothing is run any more.

        Parameters
        ----------
        key : str
            What the job answers; a later job of this key makes this one void.
        long : bool
            Whether it may take more than a moment: reading a file, checking every gradient.
        """
        with self._lock:
            if self._closed:
                return
            self._number += 1
            self._newest[key] = _Answer(self._number, done, failed)
            self._waiting.pop(key, None)
            self._waiting[key] = _Job(key, self._number, long, work)
            if long not in self._threads:
                name = "background, long" if long else "background"
                thread = threading.Thread(target=self._work, args=(long,), name=name, daemon=True)
                self._threads[long] = thread
                thread.start()
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
        """Drop what waits and wait for the threads to end; there will be no others."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            self._newest.clear()
            threads = list(self._threads.values())
        for thread in threads:
            thread.join()

    def _work(self, long: bool) -> None:
        while True:
            with self._lock:
                job = next((job for job in self._waiting.values() if job.long is long), None)
                if job is None:
                    del self._threads[long]
                    return
                del self._waiting[job.key]
            self._finished.emit((job.key, job.number, *_outcome(job)))

    def _deliver(self, outcome: tuple[str, int, bool, Any]) -> None:
        key, number, worked, result = outcome
        answer = self._newest.get(key)
        if answer is None or answer.number != number:
            return
        del self._newest[key]
        (answer.done if worked else answer.failed)(result)
        self.busy_changed.emit()


def _outcome(job: _Job) -> tuple[bool, Any]:
    try:
        return True, job.work()
    except (GradwireError, OSError) as error:
        return False, str(error)
    except Exception:  # noqa: BLE001  (a worker's border: shown and logged)
        _log.exception("the background job %r failed", job.key)
        return False, f"Something unexpected went wrong ({job.key}); details are in the log."

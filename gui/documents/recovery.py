"""The recovery file: what was edited since the last save, found again after a crash."""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer

from graph.files.storage import dumps
from graph.model.document import Document
from gui.session.session import Session

_log = logging.getLogger(__name__)
_DELAY = 1_000  # ms after an edit
_LATEST = 10_000  # ms a file may lag behind while one edits without a break


@dataclass(frozen=True, slots=True)
class Lost:
    """Work that a crash interrupted: its recovery file, and the file it was opened from."""

    path: Path
    original: Path | None
    title: str
    when: float  # seconds since the epoch


class Recovery(QObject):
    """Writes the session's unsaved work to a file in ``folder``, a moment after every edit.

    The file goes when the work is saved or given up; one that stays behind belongs to a program
    that crashed, which its lock tells.
    """

    def __init__(self, session: Session, folder: Path) -> None:
        super().__init__(session)
        self._session = session
        self.folder = folder
        name = uuid.uuid4().hex
        self.path = folder / f"{name}.gradwire"
        self._meta = folder / f"{name}.json"
        self._draft = folder / f"{name}.draft"
        self._lock: QLockFile | None = None
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._write_behind)
        self._dirty_since: float | None = None
        session.edited.connect(self._on_edit)
        session.replaced.connect(self._settle)
        session.undo_stack.cleanChanged.connect(self._on_clean)

    def write(self) -> None:
        """Write the recovery file now if there is unsaved work."""
        self._timer.stop()
        self._dirty_since = None
        session = self._session
        if session.undo_stack.isClean():
            return
        try:
            self._take_lock()
            _write(self.path, dumps(session.document))
            self._write_meta()
        except OSError:
            _log.warning("the recovery file could not be written", exc_info=True)

    def _write_behind(self) -> None:
        """Write the recovery file in the background."""
        session = self._session
        if session.undo_stack.isClean():
            return
        try:
            self._take_lock()
        except OSError:
            _log.warning("the recovery file cannot be written", exc_info=True)
            return
        document, draft = session.document, self._draft
        publish = partial(self._publish, document, document.version)
        session.background.run("recovery", partial(_draft, draft, document), publish, _log.warning)

    def _publish(self, document: Document, version: int, whole: bool) -> None:
        """Let a draft take the place of the recovery file, if nothing was edited meanwhile."""
        if whole and version == document.version:
            self._draft.replace(self.path)
            self._write_meta()
            self._dirty_since = None
        elif self._dirty_since and time.monotonic() - self._dirty_since > _LATEST / 1000:
            self.write()  # one edits without a break; else the last edit has started the timer

    def end(self) -> None:
        """Remove the recovery file: nothing is unsaved any more, or it was given up."""
        self._settle()
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def lost(self) -> list[Lost]:
        """Return the work left behind by programs that ended without saving, latest first."""
        found = []
        for path in self.folder.glob("*.gradwire"):
            if path == self.path or not _orphaned(path):
                continue
            meta = _read_meta(path.with_suffix(".json"))
            original = Path(meta["original"]) if meta.get("original") else None
            title = meta.get("title") or "Untitled"
            found.append(Lost(path, original, title, path.stat().st_mtime))
        return sorted(found, key=lambda lost: -lost.when)

    def discard(self, lost: Lost) -> None:
        """Delete a recovery file that is not wanted, or that was opened."""
        for suffix in (".gradwire", ".json", ".draft", ".lock"):
            lost.path.with_suffix(suffix).unlink(missing_ok=True)

    def _on_edit(self, _edit: object) -> None:
        now = time.monotonic()
        if self._dirty_since is None:
            self._dirty_since = now
        if (now - self._dirty_since) * 1000 < _LATEST or not self._timer.isActive():
            self._timer.start()

    def _on_clean(self, clean: bool) -> None:
        if clean:
            self._settle()

    def _settle(self) -> None:
        self._timer.stop()
        self._dirty_since = None
        self._session.background.drop("recovery")
        if self._lock is not None:  # else nothing was written
            for path in (self.path, self._meta, self._draft):
                path.unlink(missing_ok=True)

    def _write_meta(self) -> None:
        session = self._session
        original = str(session.path.resolve()) if session.path else ""
        title = session.document.title or (session.path.stem if session.path else "Untitled")
        _write(self._meta, json.dumps({"original": original, "title": title}))

    def _take_lock(self) -> None:
        if self._lock is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = QLockFile(str(self.path.with_suffix(".lock")))
            self._lock.setStaleLockTime(0)
            self._lock.tryLock(0)


def _draft(path: Path, document: Document) -> bool:
    """Write a document in any thread; whether that worked: it may be edited in another."""
    version = document.version
    try:
        text = dumps(document)
    except (RuntimeError, KeyError):
        if version == document.version:
            raise
        return False
    _write(path, text)
    return True


def _orphaned(path: Path) -> bool:
    """Tell whether the program that wrote a recovery file is gone: then its lock can be taken."""
    lock = QLockFile(str(path.with_suffix(".lock")))
    lock.setStaleLockTime(0)
    free = lock.tryLock(0)
    if free:
        lock.unlock()
    return free


def _read_meta(path: Path) -> dict[str, str]:
    try:
        meta = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in meta.items()} if isinstance(meta, dict) else {}


def _write(path: Path, text: str) -> None:
    temporary = path.with_suffix(path.suffix + ".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)

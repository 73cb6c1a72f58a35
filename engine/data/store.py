"""Data files found, hashed and parsed: each once for every version of a file."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar, cast

from engine.errors import DataError

MAX_BYTES = 2**30
"""Largest data file that is read, 1 GiB."""

KEPT = 2**29
"""Bytes of parsed data that a store keeps, 512 MiB: all of MNIST as float64."""

_TICK = 20_000_000  # ns within which two changes of a file may get the same time
_COARSE_TICK = 2_000_000_000  # ns, where times are kept in whole seconds


class _Parsed(Protocol):
    @property
    def nbytes(self) -> int: ...


_T = TypeVar("_T", bound=_Parsed)
_Version: TypeAlias = tuple[int, int, int, int]  # size, two times, inode: another after a change


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file that was found: its path, its name for messages, and what is in it."""

    path: Path
    name: str
    sha256: str


def _go_on() -> None:
    """Let nobody else run."""


class DataStore:
    """Remembers the digest of every file version, and what was parsed from its content.

    What was parsed is known by the content's digest, so a file that was moved, or saved again
    without a change, is not parsed anew. Threads may share a store.

    Parameters
    ----------
    limit : int
        Bytes of parsed data to keep. The oldest goes first; the latest stays, however large.
    yield_gil : callable
        Called every few milliseconds of work, so that a worker thread can let others run.
    """

    def __init__(self, limit: int = KEPT, yield_gil: Callable[[], object] = _go_on) -> None:
        self._limit, self.yield_gil = limit, yield_gil
        self._lock = threading.RLock()
        self._digests: dict[Path, tuple[_Version, str]] = {}
        self._parsed: dict[Hashable, _Parsed] = {}

    def find(self, path: str, folder: Path, sha256: str = "", advice: str = "") -> DataFile:
        """Return a data file, checked.

        Parameters
        ----------
        path : str
            As the document gives it, relative to ``folder``.
        folder : Path
            The document's folder.
        sha256 : str
            Expected digest, hexadecimal; empty is not checked.
        advice : str
            What to do if the file is not there.

        Raises
        ------
        DataError
            If it is not there, not a plain file, too large, or has changed.
        """
        if not path:
            raise DataError("the dataset names no file; choose one")
        if "\0" in path:
            raise DataError(f"{path!r} is no file name; choose another")
        full = folder / path
        try:
            if not full.is_file():
                advice = advice or f"put it into {str(full.parent)!r} or choose another"
                raise DataError(f"the data file {path!r} is not there; {advice}")
            if (size := full.stat().st_size) > MAX_BYTES:
                raise DataError(
                    f"{path}: the file has {size:,} bytes, at most {MAX_BYTES:,} are read; "
                    "use a part"
                )
            found = self.digest(full)
        except OSError as error:
            raise DataError(
                f"{path}: the file cannot be read ({error.strerror}); check its permissions"
            ) from error
        if sha256 and found != sha256.lower():
            raise DataError(
                f"{path}: the file has changed since the document was saved (its SHA-256 is "
                "another); restore it, or choose it again to accept the new content"
            )
        return DataFile(full, path, found)

    def digest(self, path: Path) -> str:
        """Return a file's SHA-256 in hexadecimal, as documents keep it."""
        with self._lock:
            place, version = path.resolve(), _version(path)
            known = self._digests.get(place)
            if known is not None and known[0] == version:
                return known[1]
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            self._digests.pop(place, None)
            if _is_settled(version) and _version(path) == version:
                self._digests[place] = version, found
            return found

    def parse(self, files: tuple[DataFile, ...], options: Hashable, make: Callable[[], _T]) -> _T:
        """Return what ``make`` parses from files; if it is known already, without parsing.

        Parameters
        ----------
        files : tuple of DataFile
            What is parsed.
        options : hashable
            All else that the result depends on.
        make : callable
            Does it; the result is never changed afterwards.

        Raises
        ------
        DataError
            What ``make`` raises, or that a file was changed meanwhile.
        """
        key = tuple(file.sha256 for file in files), options
        with self._lock:
            found = self._parsed.pop(key, None)
            if found is None:
                found = make()
                for file in files:
                    if self.digest(file.path) != file.sha256:
                        raise DataError(
                            f"{file.name}: the file was changed while it was read; try again"
                        )
            self._parsed[key] = found
            while len(self._parsed) > 1 and self._bytes() > self._limit:
                del self._parsed[next(iter(self._parsed))]
            return cast("_T", found)

    def _bytes(self) -> int:
        return sum(parsed.nbytes for parsed in self._parsed.values())


def _version(path: Path) -> _Version:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def _is_settled(version: _Version) -> bool:
    """Tell whether a later change would show in the file's times."""
    changed = max(version[1:3])
    tick = _TICK if changed % 1_000_000_000 else _COARSE_TICK
    return time.time_ns() - changed > tick

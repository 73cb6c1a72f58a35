"""Finding and checking data files before they are read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.errors import DataError

MAX_BYTES = 2**30
"""Largest data file that is read, 1 GiB."""


def locate(path: str, folder: Path, sha256: str = "", advice: str = "") -> Path:
    """Return a data file's path, checked.

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
                f"{path}: the file has {size:,} bytes, at most {MAX_BYTES:,} are read; use a part"
            )
        if sha256 and digest(full) != sha256.lower():
            raise DataError(
                f"{path}: the file has changed since the document was saved (its SHA-256 is "
                "another); restore it, or choose it again to accept the new content"
            )
    except OSError as error:
        raise DataError(
            f"{path}: the file cannot be read ({error.strerror}); check its permissions"
        ) from error
    return full


def digest(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal, as documents keep it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

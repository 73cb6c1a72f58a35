"""The arrays of an archive, or of an ``.npy`` file: headers first, values on demand."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from engine.data.binary.array_file import MAGIC, Header, damaged, read_header, read_values
from engine.errors import DataError

_MOST_MEMBERS = 10_000
_HARMLESS = 2**26  # bytes: what grows to less is read, however small it was
_MOST_GROWTH = 500  # times; data that shrinks further holds next to nothing
_NAME = 60  # characters of an array's name that are shown
ONLY = "x"
"""Name of the array of an ``.npy`` file."""

_UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # an encrypted member
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    MemoryError,  # a dictionary of LZMA that is stated too large
)


@dataclass(frozen=True, slots=True)
class Archive:
    """What is in a file, by the names of arrays.

    Parameters
    ----------
    path : Path
        The file.
    file : str
        Its name for messages.
    headers : mapping
        Name to what the array's header says.
    others : tuple of str
        Members that are no arrays.
    single : bool
        Whether the file is one array, no archive.
    """

    path: Path
    file: str
    headers: dict[str, Header]
    others: tuple[str, ...] = ()
    single: bool = False

    def place(self, name: str) -> str:
        """Return the words that say which array it is."""
        if self.single:
            return self.file
        return f"{self.file}: array {shown(name)}"

    def read(self, name: str) -> NDArray[Any]:
        """Read an array; raises `DataError` if it is damaged, or grows beyond reason."""
        place = self.place(name)
        with _readable(self.file):
            if self.single:
                with self.path.open("rb") as stream:
                    return read_values(stream, read_header(stream, place), place)
            with zipfile.ZipFile(self.path) as archive:
                member = next(one for one in archive.infolist() if _name(one) == name)
                header = self.headers[name]
                if member.file_size != header.length + header.nbytes:
                    reason = f"its header announces {header.nbytes:,} bytes"
                    found = max(member.file_size - header.length, 0)
                    raise damaged(place, ValueError(f"{reason}, the archive {found:,}"))
                packed = min(member.compress_size, self.path.stat().st_size)
                if member.file_size > max(_HARMLESS, _MOST_GROWTH * packed):
                    raise DataError(
                        f"{place} would grow from {packed:,} to {member.file_size:,} bytes, more "
                        f"than {_MOST_GROWTH} times; write it with numpy.savez"
                    )
                with archive.open(member) as stream:
                    return read_values(stream, read_header(stream, place), place)


def open_archive(path: Path, file: str) -> Archive:
    """Read the headers of all arrays; none of their values.

    Raises `DataError` if the file is no archive, or an array's header is damaged.
    """
    with _readable(file), path.open("rb") as stream:
        single = stream.read(len(MAGIC)) == MAGIC
        stream.seek(0)
        if single:
            return Archive(path, file, {ONLY: read_header(stream, file)}, single=True)
    with _readable(file), zipfile.ZipFile(path) as archive:
        found = Archive(path, file, {})
        others = []
        members = archive.infolist()
        if len(members) > _MOST_MEMBERS:
            raise DataError(
                f"{file}: the archive has {len(members):,} members, at most "
                f"{_MOST_MEMBERS:,} are read; use a part"
            )
        for member in members:
            if not member.filename.endswith(".npy") and not _begins_as_array(archive, member):
                others.append(member.filename)
                continue
            name = _name(member)
            if name in found.headers:
                raise DataError(f"{found.place(name)} is there twice; write the archive again")
            with archive.open(member) as packed:
                found.headers[name] = read_header(packed, found.place(name))
        return Archive(path, file, found.headers, tuple(others))


def shown(name: str) -> str:
    """Return a name in quotes, a long one cut."""
    return repr(name if len(name) <= _NAME else f"{name[:_NAME]}…")[: 3 * _NAME]


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _begins_as_array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    with archive.open(member) as packed:
        return packed.read(len(MAGIC)) == MAGIC


@contextmanager
def _readable(file: str) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except _UNREADABLE as error:
        reason = str(error).partition("\n")[0].rstrip(".")[:100]
        raise DataError(
            f"{file}: the file is no readable NumPy archive ({reason}); write it with numpy.savez"
        ) from error

"""Documents as ``.gradwire`` files and texts.

Loading runs no code and bounds what it allocates; saving is atomic and keeps the version before.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from graph.errors import FileError
from graph.files.migrations import up_to_date
from graph.files.reader import read_state
from graph.files.strict_json import LARGEST_FILE, parse
from graph.files.writer import dumps
from graph.model.document import Document
from graph.model.kinds import Library

__all__ = [
    "SUFFIX",
    "backup_path",
    "check_writable",
    "dumps",
    "load",
    "loads",
    "save",
    "unknown_kinds",
    "write_whole",
]

SUFFIX = ".gradwire"


def loads(source: str | bytes, library: Library, file: str = "") -> Document:
    """Return the document that a text describes.

    Parameters
    ----------
    source : str or bytes
        The text of a ``.gradwire`` file; bytes are UTF-8.
    library : Library
        The kinds that are known. Nodes of others become placeholders.
    file : str
        What to call the text in errors.

    Raises
    ------
    FileError
        Naming file, place, what was found and what was expected.
    """
    try:
        state = read_state(up_to_date(parse(source)), library)
    except FileError as error:
        raise FileError(error.message, file, error.place) from error.__cause__
    return Document(library, state)


def load(path: str | os.PathLike[str], library: Library) -> Document:
    """Return the document in a file; raises `FileError` as `loads` does, and if there is none."""
    file = os.fspath(path)
    try:
        with Path(path).open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise FileError(f"cannot be read ({_reason(error)})", file) from error
    return loads(content, library, file)


def save(document: Document, path: str | os.PathLike[str]) -> None:
    """Write a document to a file at once or not at all.

    The file's former content becomes ``NAME.gradwire.bak``.

    Raises `FileError` if it cannot be written; the former file is then untouched.
    """
    try:
        content = dumps(document).encode("utf-8")
    except FileError as error:
        raise FileError(error.message, os.fspath(path), error.place) from error
    write_whole(path, content, keep=True)


def write_whole(path: str | os.PathLike[str], content: bytes, *, keep: bool = False) -> None:
    """Write a file at once or not at all; with ``keep`` its former content becomes ``….bak``.

    Raises `FileError` if it cannot be written; the former file is then untouched.
    """
    try:
        _replace(Path(path).resolve(), content, keep=keep)
    except OSError as error:
        raise FileError(f"cannot be written ({_reason(error)})", os.fspath(path)) from error


def check_writable(path: str | os.PathLike[str]) -> None:
    """Check that `save` can write a file, before work that is worth saving begins.

    Raises `FileError` if its folder is missing or cannot be written, or the path is a folder.
    """
    destination = Path(path).resolve()
    if destination.is_dir():
        raise FileError("is a folder; name a file", os.fspath(path))
    try:
        with tempfile.TemporaryFile(dir=destination.parent):
            pass
    except OSError as error:
        raise FileError(f"cannot be written ({_reason(error)})", os.fspath(path)) from error


def backup_path(path: str | os.PathLike[str]) -> Path:
    """Return where `save` keeps the version before."""
    destination = Path(path).resolve()
    return destination.with_name(destination.name + ".bak")


def unknown_kinds(document: Document) -> list[str]:
    """Return the kinds of a document that its library does not know, in document order."""
    kinds = dict.fromkeys(node.kind for node in document.nodes.values())
    return [kind for kind in kinds if kind not in document.library]


def _replace(destination: Path, content: bytes, *, keep: bool) -> None:
    """Write ``content`` beside ``destination``, then exchange them in one step."""
    handle, name = tempfile.mkstemp(prefix=f".{destination.name}.", dir=destination.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if destination.exists():
            temporary.chmod(destination.stat().st_mode & 0o777)
            if keep:
                _keep(destination)
        else:
            temporary.chmod(0o666 & ~_umask())
        temporary.replace(destination)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _settle(destination.parent)


def _keep(destination: Path) -> None:
    """Make the backup a second name of the file as it is, so that it never is without one."""
    backup = backup_path(destination)
    backup.unlink(missing_ok=True)
    try:
        backup.hardlink_to(destination)
    except OSError:  # a file system without hard links
        backup.write_bytes(destination.read_bytes())


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _settle(folder: Path) -> None:
    """Make the new name itself survive a power cut, where folders can be synchronised."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()

"""Writing files whole: the new content is there, or the old one still is.

Everything that the program writes goes through `write_whole`: it is written aside and takes the
place of what was there in one step. Links are followed, pipes and devices are written to.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from graph.errors import FileError

_PREFIX = ".gradwire-"  # short: the name itself may be as long as names can be


def write_whole(path: str | os.PathLike[str], content: bytes, *, keep: bool = False) -> None:
    """Write a file at once or not at all; with ``keep`` its former content becomes ``….bak``.

    A pipe or a device is written to. Raises `FileError` if it cannot be written; the former file
    is then untouched.
    """
    try:
        destination = Path(path).resolve()
        if _is_stream(destination):
            destination.write_bytes(content)
        else:
            _replace(destination, content, keep=keep)
    except OSError as error:
        raise FileError(f"cannot be written ({reason(error)})", os.fspath(path)) from error


def check_writable(path: str | os.PathLike[str]) -> None:
    """Check that `write_whole` can write a file, before work that is worth saving begins.

    Raises `FileError` if its folder is missing or cannot be written, if its name or that of its
    backup is too long, or if the path is a folder.
    """
    try:
        destination = Path(path).resolve()
        if destination.is_dir():
            raise FileError("is a folder; name a file", os.fspath(path))
        if _is_stream(destination):
            return
        for name in (destination, backup_path(path)):
            with suppress(FileNotFoundError):
                name.lstat()  # raises if the name is longer than names can be
        with tempfile.TemporaryFile(dir=destination.parent):
            pass
    except OSError as error:
        raise FileError(f"cannot be written ({reason(error)})", os.fspath(path)) from error


def backup_path(path: str | os.PathLike[str]) -> Path:
    """Return where the version before is kept."""
    destination = Path(path).resolve()
    return destination.with_name(destination.name + ".bak")


def reason(error: OSError) -> str:
    """Return in words why a file cannot be read or written."""
    return (error.strerror or str(error)).lower()


def _is_stream(destination: Path) -> bool:
    """Tell whether there is a pipe or a device; raises `OSError` of what is no file at all."""
    try:
        mode = destination.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode):
        raise OSError(0, "it is no file")
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _replace(destination: Path, content: bytes, *, keep: bool) -> None:
    """Write ``content`` beside ``destination``, then exchange them in one step."""
    handle, name = tempfile.mkstemp(prefix=_PREFIX, dir=destination.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if temporary.stat().st_size != len(content):
            raise OSError(0, "the disk did not take all of it")
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
    except OSError:  # a file system without hard links, or another program was quicker
        _replace(backup, destination.read_bytes(), keep=False)


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

"""Files are written whole or not at all; links, pipes and devices stay what they are."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from graph.errors import FileError
from graph.files.whole_file import backup_path, check_writable, write_whole
from tests.graph.files.full_disk import full_disk

OLD, NEW = b"old", b"new content " * 1000


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.svg"
    path.write_bytes(OLD)
    with full_disk(), pytest.raises(FileError, match="cannot be written"):
        write_whole(path, NEW)
    assert path.read_bytes() == OLD
    assert names(tmp_path) == {"x.svg"}


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_bytes(OLD)
    link.symlink_to(target)
    write_whole(link, NEW, keep=True)
    assert link.is_symlink()
    assert target.read_bytes() == NEW
    assert backup_path(target).read_bytes() == OLD


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    check_writable(pipe)
    write_whole(pipe, NEW, keep=True)
    reader.join()
    assert got == [NEW]
    assert pipe.is_fifo()
    assert names(tmp_path) == {"pipe"}


def test_a_device_is_written_to() -> None:
    check_writable("/dev/null")
    write_whole("/dev/null", NEW)
    assert not Path("/dev/null").is_file()


def test_a_socket_is_refused(tmp_path: Path) -> None:
    import socket

    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
        with pytest.raises(FileError, match="it is no file"):
            write_whole(path, NEW)
    assert path.is_socket()


@pytest.mark.parametrize("length", [250, 251, 252, 255, 256, 300])
def test_a_name_is_checked_before_the_work(tmp_path: Path, length: int) -> None:
    """A name of 249 bytes trained, and then could not be written."""
    path = tmp_path / ("n" * length)
    if length > 251:  # its backup has four bytes more
        with pytest.raises(FileError, match="too long"):
            check_writable(path)
        return
    check_writable(path)
    write_whole(path, OLD, keep=True)
    write_whole(path, NEW, keep=True)
    assert (path.read_bytes(), backup_path(path).read_bytes()) == (NEW, OLD)


def test_a_backup_that_another_program_links_is_not_written_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between removing the backup and linking it, another program makes it a link to the file."""
    path = tmp_path / "net.gradwire"
    path.write_bytes(OLD)
    unlink = Path.unlink

    def unlink_and_be_overtaken(one: Path, missing_ok: bool = False) -> None:
        unlink(one, missing_ok)
        if one == backup_path(path):
            os.link(path, one)

    monkeypatch.setattr(Path, "unlink", unlink_and_be_overtaken)
    write_whole(path, NEW, keep=True)
    assert (path.read_bytes(), backup_path(path).read_bytes()) == (NEW, OLD)

"""Files that would grow beyond memory are refused within a bound, in one sentence."""

from __future__ import annotations

import gzip
import io
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy

from engine.data import read
from graph.model.dataset import Npz

ROOM = 3 * 2**29  # bytes of address space: Python, NumPy and little more
READ = """
import resource, sys
from pathlib import Path
from engine.data import read
from engine.errors import DataError
from graph.model.dataset import Idx, Npz
room = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (room, room))
kind = Npz(path="a") if sys.argv[1] == "npz" else Idx(images="a", labels="l")
try:
    read(kind, Path())
except DataError as error:
    print(error)
"""
PIECE = bytes(2**20)


def header(shape: tuple[int, ...], kind: str) -> bytes:
    buffer = io.BytesIO()
    npy.write_array_header_1_0(buffer, {"descr": kind, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def member(path: Path, kind: str, itemsize: int, megabytes: int, packing: int) -> None:
    with zipfile.ZipFile(path, "w", packing) as archive, archive.open("x.npy", "w") as file:
        file.write(header((megabytes * 2**20 // itemsize,), kind))
        for _ in range(megabytes):
            file.write(PIECE)


def grows(path: Path) -> None:
    member(path, "<f8", 8, 300, zipfile.ZIP_DEFLATED)


def grows_by_lzma(path: Path) -> None:
    member(path, "|u1", 1, 100, zipfile.ZIP_LZMA)


def is_long_texts(path: Path) -> None:
    member(path, "<U4096", 16384, 300, zipfile.ZIP_DEFLATED)


def states_much(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header((2**30, 2**10), "<f8") + b"\0" * 64)


def states_more_than_the_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", header((2**26,), "<f8") + b"\0" * 64)


def one_array_states_much(path: Path) -> None:
    path.write_bytes(header((2**26,), "<f8") + b"\0" * 64)


def pictures(path: Path) -> None:
    with gzip.open(path, "wb", 6) as file:
        file.write(struct.pack(">HBB3I", 0, 8, 3, 12, 2, 2))
        for _ in range(200):
            file.write(PIECE)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (grows, "would grow"),
        (grows_by_lzma, "would grow"),
        (is_long_texts, "more than the"),
        (states_much, "more than the"),
        (states_more_than_the_archive, "is damaged"),
        (one_array_states_much, "is damaged"),
        (pictures, "found more"),
    ],
)
def test_bombs(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    make(tmp_path / "a")
    (tmp_path / "l").write_bytes(struct.pack(">HBBI", 0, 8, 1, 12) + bytes(12))
    kind = "idx" if make is pictures else "npz"
    root = str(Path(__file__).parents[3])
    found = subprocess.run(
        [sys.executable, "-c", READ, kind, str(ROOM)],
        cwd=tmp_path,
        env={"PYTHONPATH": root, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert words in found.stdout
    assert found.stdout.count("\n") == 1
    assert len(found.stdout) < 300


def test_what_packs_well_is_read(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((2**20, 4)))
    assert read(Npz(path="a.npz"), tmp_path).rows == 2**20

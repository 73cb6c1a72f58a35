"""Changed bytes of NPZ, NPY and IDX files only ever give a table or one short sentence."""

from __future__ import annotations

import gzip
import io
import struct
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import Table, read
from engine.errors import DataError
from graph.model.dataset import Idx, Npz

MUTANTS = 1200  # of each kind of file
HEADERS = [
    b"'descr'", b"'<f8'", b"'O'", b"'|S0'", b"'<U9999999'", b"'M8[s]'", b"'<M8[0s]'", b"'V8'",
    b"[('a','<f8')]", b"[('a',[('b','O')])]", b"[('a','<f8',(2,))]", b"('<f8',(9,9))", b"True",
    b"(3,)", b"(-1,)", b"(1e9,)", b"(99999999999999999999,)", b"(True,)", b"()", b"{", b"((((",
    b"\\x00", b"0or1", b"'\xff'", b"None", b"[]", b"{}", b"-" * 200, b"'m8[ns]'", b"'<c16'",
    b"'<f16'", b"'<f3'", b"'\\d'", b"1_0", b"#", b"\n", b'"""', b"shape", b"fortran_order",
]  # fmt: skip


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    data = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        place, size = int(rng.integers(len(data))), int(rng.integers(1, 9))
        if rng.random() < 0.5:
            place = int(rng.integers(min(len(data), 200)))
        match rng.integers(6):
            case 0:
                data[place] ^= 1 << int(rng.integers(8))
            case 1:
                data[place : place + size] = rng.bytes(size)
            case 2:
                data[place : place + size] = bytes([int(rng.choice([0, 1, 127, 128, 255]))]) * size
            case 3:
                del data[place : place + size]
            case 4:
                word = HEADERS[int(rng.integers(len(HEADERS)))]
                data[place : place + len(word)] = word
            case _:
                del data[place:]
        data = data or bytearray(b"\0")
    return bytes(data)


def array(rng: np.random.Generator) -> bytes:
    """Return an ``.npy`` file whose header is often made of other headers' words."""
    values: list[Any] = [
        rng.random((5, 2)),
        rng.integers(0, 256, (5, 3, 3), np.uint8),
        np.array(["a", "b", "a", "", "c"]),
        np.array(["2026-01-01"] * 5, "M8[D]"),
        np.zeros(5, [("a", "<f4"), ("b", "S3")]),
    ]
    buffer = io.BytesIO()
    np.save(buffer, values[int(rng.integers(len(values)))])
    content = buffer.getvalue()
    if rng.random() < 0.5:
        return content
    words = [HEADERS[int(rng.integers(len(HEADERS)))] for _ in range(3)]
    head = b"{'descr': %s, 'fortran_order': %s, 'shape': %s, }" % tuple(
        word if rng.random() < 0.4 else usual
        for word, usual in zip(words, (b"'<f8'", b"False", b"(5, 2)"), strict=True)
    )
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + content[128:]


def archive(rng: np.random.Generator) -> bytes:
    packings = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2
    packing = packings[int(rng.integers(4))]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as file:
        for name in ("x.npy", "y.npy", "z"):
            content = array(rng)
            file.writestr(name, mutated(content, rng) if rng.random() < 0.2 else content)
    return buffer.getvalue()


def pictures(rng: np.random.Generator) -> bytes:
    kind, size = [(8, 1), (9, 1), (11, 2), (12, 4), (13, 4), (14, 8)][int(rng.integers(6))]
    content = struct.pack(">HBB3I", 0, kind, 3, 5, 2, 2) + rng.bytes(20 * size)
    return gzip.compress(content) if rng.random() < 0.3 else content


@pytest.mark.parametrize("make", [array, archive, pictures])
def test_mutants(tmp_path: Path, make: Any) -> None:
    rng = np.random.default_rng(11)
    (tmp_path / "l").write_bytes(struct.pack(">HBBI", 0, 8, 1, 5) + bytes(5))
    read_as = Idx(images="a", labels="l") if make is pictures else Npz(path="a")
    tables = 0
    for number in range(MUTANTS):
        content = make(rng)
        (tmp_path / "a").write_bytes(mutated(content, rng) if number % 4 else content)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                found = read(read_as, tmp_path)
            except DataError as error:
                text = str(error)
                assert "\n" not in text, text
                assert len(text) <= 300, text
                continue
        assert isinstance(found, Table)
        assert all(len(note) <= 300 and "\n" not in note for note in found.notes)
        tables += 1
    assert 0 < tables < MUTANTS

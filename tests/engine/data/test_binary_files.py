"""NPZ archives and IDX files, well-formed and hostile."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy

from engine.data import DataStore, prepare, read, schema
from engine.errors import DataError
from graph.model.dataset import Idx, Npz, Split


def idx(*shape: int, seed: int = 0, high: int = 256) -> bytes:
    values = np.random.default_rng(seed).integers(0, high, shape, np.uint8)
    return struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + values.tobytes()


def labels(*values: int) -> bytes:
    return struct.pack(">HBBI", 0, 8, 1, len(values)) + bytes(values)


@pytest.fixture
def mnist(tmp_path: Path) -> Idx:
    """Twelve training and four test pictures of 3 × 2 pixels, half the files packed."""
    (tmp_path / "images").write_bytes(idx(12, 3, 2))
    (tmp_path / "labels").write_bytes(gzip.compress(labels(*[0, 1, 2] * 4)))
    (tmp_path / "test-images").write_bytes(gzip.compress(idx(4, 3, 2, seed=1)))
    (tmp_path / "test-labels").write_bytes(labels(2, 1, 0, 3))
    return Idx(
        images="images", labels="labels", test_images="test-images", test_labels="test-labels"
    )


def test_pictures_and_labels(mnist: Idx, tmp_path: Path) -> None:
    table = read(mnist, tmp_path)
    assert table.schema == schema(mnist, tmp_path) == {"image": 6, "label": 4}
    raw = np.frombuffer(idx(12, 3, 2)[16:], np.uint8).reshape(12, 6)
    assert np.array_equal(table.columns["image"].values[:12], raw / 255)
    assert table.columns["label"].categories == ("0", "1", "2", "3")
    assert table.columns["label"].codes().tolist() == [0, 1, 2] * 4 + [2, 1, 0, 3]


def test_test_files_are_the_test_split(mnist: Idx, tmp_path: Path) -> None:
    dataset = Idx(
        images=mnist.images,
        labels=mnist.labels,
        test_images=mnist.test_images,
        test_labels=mnist.test_labels,
        targets=("label",),
        split=Split(validation=0.25, test=0.5, stratify=True),
    )
    splits = prepare(dataset, tmp_path).splits
    assert splits["test"].tolist() == [12, 13, 14, 15]
    assert len(splits["validation"]) == 3
    assert len(splits["train"]) == 9


def test_limit_keeps_the_first_rows_and_all_categories(mnist: Idx, tmp_path: Path) -> None:
    dataset = Idx(
        images="images",
        labels="labels",
        test_images="test-images",
        test_labels="test-labels",
        limit=2,
    )
    table = read(dataset, tmp_path)
    assert table.rows == 4
    assert table.test_rows == 2
    assert table.schema == {"image": 6, "label": 4}
    assert np.array_equal(table.columns["label"].codes(), [0, 1, 2, 1])


def test_digests_are_verified(mnist: Idx, tmp_path: Path) -> None:
    good = DataStore().digest(tmp_path / "images")
    read(Idx(images="images", labels="labels", sha256={"images": good}), tmp_path)
    with pytest.raises(DataError, match="images: the file has changed"):
        read(Idx(images="images", labels="labels", sha256={"images": "0" * 64}), tmp_path)
    with pytest.raises(DataError, match="'pictures'"):
        read(Idx(images="images", labels="labels", sha256={"pictures": good}), tmp_path)


def test_a_missing_file_says_where_the_four_go(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(Idx(images="mnist/train-images-idx3-ubyte.gz", labels="labels"), tmp_path)
    text = str(caught.value)
    assert str(tmp_path / "mnist") in text
    assert text.count("ubyte.gz") == 5
    assert "\n" not in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "begins with"),
        (b"\x89PNG\r\n", "begins with"),
        (b"\0\0\x07\x03" + b"\0" * 12, "type 7"),
        (b"\0\0\x08\x03\0\0", "within its header"),
        (struct.pack(">HBB3I", 0, 8, 3, 0, 2, 2), "no values"),
        (idx(12, 3, 2)[:-1], "announces 72 values, found only 71"),
        (idx(12, 3, 2) + b"!", "announces 72 values, found more"),
        (idx(11, 3, 2), "12 labels for the 11 pictures"),
        (labels(*[0] * 12), "these are labels"),
        (gzip.compress(idx(12, 3, 2))[:-20], "damaged or cut off"),
        (b"\x1f\x8b" + b"\0" * 30, "damaged or cut off"),
        (struct.pack(">HBB3I", 0, 8, 3, 2**32 - 1, 2**16, 2**16), "announces"),
        (gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 12, 10_000, 1000)), "found only 0"),
    ],
)
def test_hostile_pictures(mnist: Idx, tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "images").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(DataError, match=words) as caught:
        read(Idx(images=mnist.images, labels=mnist.labels), tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
    assert str(caught.value).startswith(("images:", "labels:"))
    assert "\n" not in str(caught.value)


def test_files_that_do_not_go_together(mnist: Idx, tmp_path: Path) -> None:
    (tmp_path / "test-images").write_bytes(idx(4, 2, 2))
    with pytest.raises(DataError, match="choose files that go together"):
        read(mnist, tmp_path)
    with pytest.raises(DataError, match="only one test file"):
        read(Idx(images="images", labels="labels", test_images="test-images"), tmp_path)


def test_arrays_of_an_archive(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz",
        x=np.arange(6, dtype=np.float32).reshape(3, 2),
        y=np.array([1, 0, 1]),
        c=np.array(["u", "v", "u"]),
        p=np.arange(12).reshape(3, 2, 2),
        b=np.array([True, False, True]),
    )
    table = read(Npz(path="a.npz", encoding={"y": "one_hot"}), tmp_path)
    assert table.schema == {"x": 2, "y": 2, "c": 2, "p": 4, "b": 1}
    assert table.columns["p"].kind == "image"
    assert table.columns["c"].categories == ("u", "v")
    assert table.columns["x"].values.dtype == np.float64
    assert table.columns["p"].values[1].tolist() == [4, 5, 6, 7]


def test_a_number_that_is_not_finite_is_placed(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([[0, 1], [2, np.nan]]), y=np.array([0, np.inf]))
    with pytest.raises(DataError, match="array 'x': row 2, component 1 is not a finite number"):
        prepare(Npz(path="a.npz", features=("x",)), tmp_path)
    with pytest.raises(DataError, match="array 'y': row 2: found 'inf'"):
        prepare(Npz(path="a.npz", features=("y",)), tmp_path)


class Bomb:
    """Would create a file when unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (str(self.path), "w")


def _declared(shape: tuple[int, ...], kind: str = "<f8") -> bytes:
    buffer = io.BytesIO()
    npy.write_array_header_1_0(buffer, {"descr": kind, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    np.savez(tmp_path / "a.npz", x=np.array([Bomb(trace)], dtype=object))
    with pytest.raises(DataError, match="array 'x' holds Python objects"):
        read(Npz(path="a.npz"), tmp_path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (_declared((2**40,)), "more than"),
        (_declared((2**20, 2**20, 2**20)), "more than"),
        (_declared((5,)), "damaged"),
        (_declared((-5,)), "damaged"),
        (_declared((2,), "<c16") + b"\0" * 32, "complex numbers"),
        (_declared(()) + b"\0" * 8, "single number"),
        (b"\x93NUMPY\x01\x00\xff\xff{", "damaged"),
        (b"not an array", "damaged"),
        (b"", "damaged"),
    ],
)
def test_hostile_arrays(tmp_path: Path, member: bytes, words: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", member)
    tracemalloc.start()
    with pytest.raises(DataError, match=words) as caught:
        read(Npz(path="a.npz"), tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000
    assert str(caught.value).startswith("a.npz: array 'x'")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x80\x04N."])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npz: the file is no readable NumPy archive"):
        read(Npz(path="a.npz"), tmp_path)


def test_a_cut_archive(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.random.default_rng(0).random(1000))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[500:600] = b"\xff" * 100
    (tmp_path / "a.npz").write_bytes(bytes(content))
    with pytest.raises(DataError, match=r"a\.npz"):
        read(Npz(path="a.npz"), tmp_path)

"""Pixels are divided by 255 by one rule, whichever file they are in; IDX holds any type."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data import Table, prepare, read, schema
from engine.errors import DataError
from graph.model.dataset import Idx, Npz

RNG = np.random.default_rng(5)
LABELS = np.arange(20, dtype=np.uint8) % 3
TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def idx(array: NDArray[Any]) -> bytes:
    kind = next(k for k, name in TYPES.items() if np.dtype(name) == array.dtype.newbyteorder(">"))
    head = struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape)
    return head + array.astype(TYPES[kind]).tobytes()


def by_idx(
    folder: Path,
    images: NDArray[Any],
    labels: NDArray[Any] = LABELS,
    pixels: Literal["auto", "divided", "unchanged"] = "auto",
) -> Table:
    (folder / "i").write_bytes(idx(images))
    (folder / "l").write_bytes(gzip.compress(idx(labels)))
    dataset = Idx(images="i", labels="l", pixels=pixels)
    table = read(dataset, folder)
    assert table.schema == schema(dataset, folder)
    return table


@pytest.mark.parametrize(
    ("images", "divided"),
    [
        (RNG.integers(0, 256, (20, 6, 6), np.uint8), True),
        (RNG.integers(0, 256, (20, 8, 8, 3)).astype(np.int32), True),
        (RNG.integers(0, 256, (20, 784)).astype(np.float32), True),
        (RNG.integers(0, 17, (20, 8, 8), np.uint8), True),
        (RNG.integers(0, 17, (20, 64)).astype(np.float64), False),
        (RNG.integers(0, 2, (20, 6, 6), np.uint8), False),
        (RNG.integers(0, 256, (20, 13), np.uint8), False),
        (RNG.integers(0, 256, (20, 4), np.uint8), False),
        (RNG.random((20, 6, 6)).astype(np.float32), False),
        (RNG.integers(-200, 256, (20, 6, 6)).astype(np.int16), False),
        (RNG.integers(0, 300, (20, 6, 6)).astype(np.int16) + 1, False),
    ],
)
def test_both_doors_read_alike(tmp_path: Path, images: NDArray[Any], divided: bool) -> None:
    one = by_idx(tmp_path, images)
    np.savez(tmp_path / "a.npz", image=images, label=LABELS)
    two = read(Npz(path="a.npz", encoding={"label": "one_hot"}), tmp_path)
    expected = images.reshape(20, -1) / (255.0 if divided else 1.0)
    assert np.array_equal(one.columns["image"].values, expected)
    assert np.array_equal(two.columns["image"].values, expected)
    assert np.array_equal(one.columns["label"].values, two.columns["label"].values)
    assert one.columns["label"].categories == two.columns["label"].categories
    assert list(one.notes) == list(two.notes)
    assert bool(one.notes) == divided


def test_train_and_test_pictures_are_divided_alike(tmp_path: Path) -> None:
    dark, bright = np.full((4, 8, 8), 9, np.int16), np.full((2, 8, 8), 255, np.int16)
    np.savez(tmp_path / "a.npz", x_train=dark, x_test=bright)
    table = read(Npz(path="a.npz"), tmp_path)
    assert table.columns["x"].values[:, 0].tolist() == [9 / 255] * 4 + [1.0] * 2


def test_the_document_decides(tmp_path: Path) -> None:
    images = RNG.integers(0, 256, (20, 6, 6), np.uint8)
    np.savez(tmp_path / "a.npz", image=images)
    raw = images.reshape(20, -1)
    kept = read(Npz(path="a.npz", pixels="unchanged"), tmp_path)
    assert np.array_equal(kept.columns["image"].values, raw)
    assert np.array_equal(
        by_idx(tmp_path, images, LABELS, "unchanged").columns["image"].values, raw
    )
    small = by_idx(tmp_path, images % 2, LABELS, "divided")
    assert np.array_equal(small.columns["image"].values, (raw % 2) / 255)


@pytest.mark.parametrize("kind", TYPES.values())
def test_labels_of_any_type(tmp_path: Path, kind: str) -> None:
    images = RNG.integers(0, 256, (20, 6, 6), np.uint8)
    table = by_idx(tmp_path, images, LABELS.astype(kind))
    assert table.columns["label"].categories == ("0", "1", "2")
    assert np.array_equal(table.columns["label"].codes(), LABELS)
    one_axis_more = by_idx(tmp_path, images, LABELS.astype(kind)[:, None])
    assert np.array_equal(one_axis_more.columns["label"].codes(), LABELS)


@pytest.mark.parametrize("kind", TYPES.values())
@pytest.mark.parametrize("shape", [(20, 3), (20, 2, 3), (20, 2, 1, 2, 1, 3)])
def test_values_of_any_type(tmp_path: Path, kind: str, shape: tuple[int, ...]) -> None:
    values = RNG.integers(-3 if kind != ">u1" else 0, 2, shape).astype(kind)
    table = by_idx(tmp_path, values)
    assert np.array_equal(table.columns["image"].values, values.reshape(20, -1).astype(float))


def test_numbers_as_targets(tmp_path: Path) -> None:
    values = RNG.random((20, 2)).astype(">f4")
    table = by_idx(tmp_path, RNG.random(20).astype(">f8"), values)
    assert table.columns["image"].width == 1
    assert np.array_equal(table.columns["label"].values, values.astype(float))


def test_what_is_not_finite_is_placed(tmp_path: Path) -> None:
    values = np.ones((20, 2), ">f4")
    values[3, 1] = np.nan
    by_idx(tmp_path, values)
    with pytest.raises(DataError, match="i: row 4, component 1 is not a finite number"):
        prepare(Idx(images="i", labels="l", features=("image",)), tmp_path)
    labels = np.ones(20, ">f4")
    labels[4] = np.inf
    with pytest.raises(DataError, match="l: the label of row 5 is not a finite number"):
        by_idx(tmp_path, values, labels)


@pytest.mark.parametrize("kind", TYPES.values())
def test_cut_and_padded_files(tmp_path: Path, kind: str) -> None:
    images = RNG.integers(0, 100, (20, 2, 2)).astype(kind)
    (tmp_path / "l").write_bytes(idx(LABELS))
    for content, words in ((idx(images)[:-1], "found only 79"), (idx(images) + b"\0", "more")):
        for packed in (content, gzip.compress(content)):
            (tmp_path / "i").write_bytes(packed)
            with pytest.raises(DataError, match=f"announces 80 values, found {words}|{words}"):
                read(Idx(images="i", labels="l"), tmp_path)

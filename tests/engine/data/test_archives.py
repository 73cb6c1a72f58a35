"""Archives as people make them: what is no column is left out, pairs become splits."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import Table, prepare, read
from engine.errors import DataError
from graph.model.dataset import Npz

RNG = np.random.default_rng(3)
X, Y = RNG.random((30, 4)), RNG.integers(0, 3, 30)


def save(folder: Path, **arrays: Any) -> None:
    np.savez(folder / "a.npz", **arrays)


def loaded(folder: Path, *, features: Any = (), targets: Any = (), **arrays: Any) -> Table:
    save(folder, **arrays)
    return read(Npz(path="a.npz", features=features, targets=targets), folder)


@pytest.mark.parametrize(
    ("name", "beside", "words"),
    [
        ("feature_names", np.array(list("abcd")), "shape"),
        ("n_classes", np.array(3), "single number"),
        ("meta", np.array({"by": "me"}, dtype=object), "Python objects"),
        ("comment", np.array("made in May"), "single number or text"),
        ("folds", np.arange(7), "shape"),
        ("spectrum", np.ones(30, complex), "complex"),
        ("empty", np.zeros((0, 4)), "no rows"),
        ("nothing", np.zeros((30, 0)), "no values"),
        ("records", np.array([object()] * 30), "Python objects"),
    ],
)
def test_what_is_no_column_is_left_out_with_a_note(
    tmp_path: Path, name: str, beside: Any, words: str
) -> None:
    table = loaded(tmp_path, X=X, y=Y, **{name: beside})
    assert table.schema == {"X": 4, "y": 1}
    assert np.array_equal(table.columns["X"].values, X)
    assert [name in note and words in note for note in table.notes] == [True]
    with pytest.raises(DataError, match=rf"array '{name}' .*no feature or target") as caught:
        loaded(tmp_path, X=X, y=Y, **{name: beside}, features=("X", name), targets=("y",))
    assert "\n" not in str(caught.value)


def test_a_text_file_among_the_arrays_is_left_out(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("README.txt", "What this is.")
    table = read(Npz(path="a.npz"), tmp_path)
    assert table.schema == {"x": 4}
    assert "README.txt" in table.notes[0]


@pytest.mark.parametrize("shape", [(0, 4), (0,), (0, 2, 2)])
def test_without_rows(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="no rows"):
        loaded(tmp_path, X=np.zeros(shape), y=np.zeros(0))
    with pytest.raises(DataError, match="no rows"):
        loaded(tmp_path, X=np.zeros(shape), y=np.zeros(0), features=("X",), targets=("y",))


@pytest.mark.parametrize("names", ["target_names", "class_names", "label_names"])
def test_names_of_classes(tmp_path: Path, names: str) -> None:
    save(tmp_path, X=X, y=Y, **{names: np.array(["u", "v", "w"])})
    table = read(Npz(path="a.npz", encoding={"y": "one_hot"}), tmp_path)
    assert table.columns["y"].categories == ("u", "v", "w")
    assert np.array_equal(table.columns["y"].codes(), Y)
    assert "'u', 'v', 'w'" in table.notes[0]


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (("x_train", "y_train", "x_test", "y_test"), ("x", "y")),
        (("X_train", "y_train", "X_test", "y_test"), ("x", "y")),
        (("train_x", "train_y", "test_x", "test_y"), ("x", "y")),
        (
            ("train_images", "train_labels", "test_images", "test_labels"),
            ("images", "labels"),
        ),
        (("xTrain", "yTrain", "xTest", "yTest"), ("x", "y")),
    ],
)
def test_train_and_test_arrays(
    tmp_path: Path, names: tuple[str, ...], columns: tuple[str, str]
) -> None:
    arrays = dict(zip(names, (X[:24], Y[:24], X[24:], Y[24:]), strict=True))
    save(tmp_path, **arrays)
    x, y = columns
    dataset = Npz(path="a.npz", features=(x,), targets=(y,), encoding={y: "one_hot"})
    data = prepare(dataset, tmp_path)
    assert data.schema == {x: 4, y: 3}
    assert data.splits["test"].tolist() == list(range(24, 30))
    assert np.array_equal(data.columns[x], X)
    assert "test rows" in data.notes[0]


def test_pairs_keep_the_name_that_the_document_gives(tmp_path: Path) -> None:
    arrays = {"X_train": X[:24], "y_train": Y[:24], "X_test": X[24:], "y_test": Y[24:]}
    table = loaded(tmp_path, **arrays, features=("X",), targets=("y",))
    assert table.schema == {"X": 4, "y": 1}
    assert table.test_rows == 6


def test_validation_arrays_beside_pairs_are_left_out(tmp_path: Path) -> None:
    table = loaded(tmp_path, x_train=X[:20], x_val=X[20:24], x_test=X[24:])
    assert table.schema == {"x": 4}
    assert table.rows == 26
    assert any("x_val" in note and "left out" in note for note in table.notes)


def test_types(tmp_path: Path) -> None:
    table = loaded(
        tmp_path,
        flags=np.array([True, False, True]),
        half=np.array([1, 2, 3], np.float16),
        big=np.array([1, 2, 3], ">u8"),
        raw=np.array([b"caf\xc3\xa9", b"tea", b"tea"]),
        latin=np.array([b"caf\xe9", b"tea", b"tea"]),
        day=np.array(["2026-01-02", "2026-01-03", "2026-01-02"], "M8[D]"),
        column=np.array([[1], [2], [3]]),
        columns=np.asfortranarray([[1, 2], [3, 4], [5, 6]]),
    )
    assert table.columns["flags"].values.tolist() == [[1], [0], [1]]
    assert table.columns["big"].values.tolist() == [[1], [2], [3]]
    assert table.columns["raw"].categories == table.columns["latin"].categories == ("café", "tea")
    assert table.columns["day"].categories == ("2026-01-02", "2026-01-03")
    assert table.columns["columns"].values.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert table.columns["half"].width == table.columns["column"].width == 1


def test_fields_are_columns(tmp_path: Path) -> None:
    kind = np.dtype([("a", "<f4"), ("who", "U3"), ("at", [("u", "<i2"), ("v", "<i2", (2,))])])
    array = np.array([(1, "me", (2, (3, 4))), (5, "you", (6, (7, 8)))], kind)
    table = loaded(tmp_path, rows=array)
    assert table.schema == {"a": 1, "who": 2, "at.u": 1, "at.v": 2}
    assert table.columns["at.v"].values.tolist() == [[3, 4], [7, 8]]
    np.save(tmp_path / "a.npy", array)
    assert read(Npz(path="a.npy"), tmp_path).schema == table.schema


def test_one_array_is_a_table(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", X)
    table = read(Npz(path="a.npy"), tmp_path)
    assert list(table.schema) == ["x1", "x2", "x3", "x4"]
    assert np.array_equal(table.columns["x2"].values[:, 0], X[:, 1])
    assert read(Npz(path="a.npy", features=("x",)), tmp_path).schema == {"x": 4}
    np.save(tmp_path / "a.npy", Y)
    assert read(Npz(path="a.npy"), tmp_path).schema == {"x": 1}
    buffer = io.BytesIO()
    np.save(buffer, np.array([{}], dtype=object))
    (tmp_path / "a.npy").write_bytes(buffer.getvalue())
    with pytest.raises(DataError, match=r"^a\.npy holds Python objects"):
        read(Npz(path="a.npy"), tmp_path)


@pytest.mark.parametrize("shape", [(6, 5, 30), (6, 5, 3, 30), (4, 30)])
def test_rows_along_the_last_axis(tmp_path: Path, shape: tuple[int, ...]) -> None:
    turned = RNG.random(shape)
    table = loaded(tmp_path, X=turned, y=Y)
    assert np.array_equal(table.columns["X"].values, np.moveaxis(turned, -1, 0).reshape(30, -1))
    assert "last axis" in table.notes[0]


def test_rows_as_columns_of_both(tmp_path: Path) -> None:
    table = loaded(tmp_path, X=X.T, Y=Y[None, :])
    assert np.array_equal(table.columns["X"].values, X)
    assert np.array_equal(table.columns["Y"].values[:, 0], Y)


def test_what_may_be_either_stays(tmp_path: Path) -> None:
    square = RNG.random((30, 30))
    table = loaded(tmp_path, X=square, y=Y)
    assert np.array_equal(table.columns["X"].values, square)
    assert not table.notes

"""Splits, scaling and batches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from engine.data import prepare
from engine.data.split import count_rows, split_rows
from engine.errors import DataError
from graph.model.dataset import Builtin, Inline, Split


def iris(**settings: object) -> Builtin:
    return Builtin(name="iris", targets=("species",), **settings)  # type: ignore[arg-type]  # fields


@settings(max_examples=50, deadline=None)
@given(
    st.integers(10, 300),
    st.floats(0, 0.4),
    st.floats(0, 0.4),
    st.integers(0, 2**31),
    st.integers(1, 5),
    st.booleans(),
)
def test_splits_divide_all_rows(  # one argument a strategy
    rows: int, validation: float, test: float, seed: int, classes: int, stratify: bool
) -> None:
    labels = np.random.default_rng(seed).integers(0, classes, rows)
    split = Split(validation=validation, test=test)
    parts = split_rows(rows, split, seed, labels if stratify else None)
    assert np.array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(rows))
    assert all((np.diff(part) > 0).all() for part in parts.values())
    assert count_rows(rows, split) == {name: len(part) for name, part in parts.items()}
    assert len(parts["test"]) == (max(1, round(test * rows)) if test else 0)
    if stratify:
        for part in parts.values():
            for label in range(classes):
                share = (labels == label).sum() * len(part) / rows
                assert abs((labels[part] == label).sum() - share) <= 2


def test_stratified_iris_is_exact() -> None:
    prepared = prepare(iris(split=Split(validation=0.2, test=0.2, stratify=True), seed=3))
    for name, count in (("train", 30), ("validation", 10), ("test", 10)):
        chosen = prepared.batch(["species"], prepared.splits[name])["species"]  # type: ignore[index]  # literals
        assert chosen.sum(axis=0).tolist() == [count] * 3


def test_splits_are_a_function_of_the_seed() -> None:
    first, again, other = (
        prepare(iris(split=Split(test=0.3), seed=seed)).splits["test"] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_split_trains_on_everything() -> None:
    splits = prepare(iris()).splits
    assert np.array_equal(splits["train"], np.arange(150))
    assert splits["validation"].size == splits["test"].size == 0


def test_a_split_needs_training_rows() -> None:
    with pytest.raises(DataError, match="no row is left for training"):
        prepare(iris(split=Split(validation=0.5, test=0.5)))


def test_stratifying_needs_classes() -> None:
    dataset = Builtin(name="iris", targets=("sepal_length",), split=Split(test=0.2, stratify=True))
    with pytest.raises(DataError, match="no target has classes"):
        prepare(dataset)


@pytest.mark.parametrize(
    ("method", "scaler"), [("standard", StandardScaler), ("min_max", MinMaxScaler)]
)
def test_scaling_is_fitted_on_the_training_rows(method: str, scaler: type) -> None:
    raw = prepare(iris(split=Split(test=0.3)))
    prepared = prepare(iris(split=Split(test=0.3), scaling=method))
    for name in ("sepal_length", "petal_width"):
        fitted = scaler().fit(raw.columns[name][raw.splits["train"]])
        assert np.allclose(prepared.columns[name], fitted.transform(raw.columns[name]), rtol=1e-12)
        restored = prepared.scalings[name].undo(prepared.columns[name])
        assert np.allclose(restored, raw.columns[name], rtol=1e-14)
    assert np.array_equal(prepared.columns["species"], raw.columns["species"])


@pytest.mark.parametrize("method", ["standard", "min_max"])
def test_constant_columns_stay_finite(method: str) -> None:
    dataset = Inline(columns={"x": [0.1] * 3, "y": [1, 2, 3]}, scaling=method)  # type: ignore[arg-type]  # parametrised
    assert np.allclose(prepare(dataset).columns["x"], 0, atol=1e-15)


def test_targets_have_their_own_scaling() -> None:
    dataset = Builtin(name="diabetes", targets=("progression",), scaling="standard")
    prepared = prepare(dataset)
    assert prepared.columns["progression"].max() == 346
    assert abs(prepared.columns["bmi"].mean()) < 1e-12
    dataset = Builtin(name="diabetes", targets=("progression",), target_scaling="min_max")
    prepared = prepare(dataset)
    assert prepared.columns["progression"].max() == 1
    assert prepared.columns["bmi"].max() > 40


def test_batches_resolve_components() -> None:
    prepared = prepare(Builtin(name="digits"))
    rows = np.array([5, 3])
    batch = prepared.batch(["image", "image[20]", "digit"], rows)
    assert batch["image"].shape == (2, 64)
    assert np.array_equal(batch["image[20]"], batch["image"][:, 20:21])
    assert batch["digit"].argmax(axis=1).tolist() == [5, 3]
    assert np.array_equal(
        prepared.batch(["image"], slice(2, 4))["image"], prepared.columns["image"][2:4]
    )
    for reference in ("image[64]", "pixels", "pixels[0]"):
        with pytest.raises(DataError, match="no column"):
            prepared.batch([reference])


def test_all_rows_are_not_copied_and_cannot_be_changed() -> None:
    prepared = prepare(Builtin(name="digits"))
    whole = prepared.batch(["image"])["image"]
    assert np.shares_memory(whole, prepared.columns["image"])
    with pytest.raises(ValueError, match="read-only"):
        whole[0, 0] = 1

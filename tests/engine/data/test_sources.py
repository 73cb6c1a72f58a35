"""Generators, bundled sets and inline tables."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets

from engine.data import describe, prepare, read, schema
from engine.errors import DataError
from graph.model.dataset import Builtin, Generator, Inline

NAMES = ("circle", "xor", "gauss", "spiral", "moons")


def points(name: str, n: int, noise: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    table = read(Generator(name=name, n=n, noise=noise, seed=seed))  # type: ignore[arg-type]  # parametrised
    xy = np.hstack([table.columns["x1"].values, table.columns["x2"].values])
    return xy, table.columns["y"].values[:, 0]


@pytest.mark.parametrize("name", NAMES)
def test_generators_give_exactly_n_points_in_two_equal_classes(name: str) -> None:
    xy, y = points(name, 401)
    assert xy.shape == (401, 2)
    assert set(y) == {0.0, 1.0}
    assert np.abs(xy).max() <= 6
    if name != "xor":
        assert y.sum() == 201


@pytest.mark.parametrize("name", NAMES)
def test_generators_are_a_function_of_the_seed(name: str) -> None:
    first, again, other = (points(name, 50, 0.2, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_circle_has_an_empty_ring() -> None:
    xy, y = points("circle", 2000)
    distance = np.hypot(*xy.T)
    assert distance[y == 1].max() <= 2.5
    assert 3.5 <= distance[y == 0].min() <= distance[y == 0].max() <= 5


def test_xor_is_the_sign_of_the_product_with_a_gap() -> None:
    xy, y = points("xor", 2000)
    assert np.array_equal(y == 1, xy.prod(axis=1) >= 0)
    assert 0.3 <= np.abs(xy).min() <= np.abs(xy).max() <= 5.3


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.5, 4.0)])
def test_gauss_has_the_playground_variances(noise: float, variance: float) -> None:
    xy, y = points("gauss", 40_000, noise)
    for label, centre in ((1, 2.0), (0, -2.0)):
        cloud = xy[y == label]
        standard_error = np.sqrt(variance / len(cloud))
        assert np.allclose(cloud.mean(axis=0), centre, atol=5 * standard_error)
        assert np.allclose(cloud.var(axis=0), variance, rtol=5 * np.sqrt(2 / len(cloud)))


def test_spiral_arms_mirror_each_other_and_turn_by_radius() -> None:
    xy, y = points("spiral", 500)
    ones, zeros = (xy[y == label] for label in (1, 0))
    order = [np.argsort(np.hypot(*arm.T)) for arm in (ones, zeros)]
    assert np.allclose(ones[order[0]], -zeros[order[1]], atol=1e-12)
    radius = np.hypot(*ones.T)
    turned = radius / 5 * 3.5 * np.pi
    assert np.allclose(ones, radius[:, None] * np.column_stack([np.sin(turned), np.cos(turned)]))


def test_moons_are_those_of_scikit_learn_in_playground_coordinates() -> None:
    xy, y = points("moons", 300)
    expected, labels = datasets.make_moons(300, shuffle=False)
    for label in (0, 1):
        ours = xy[y == 1 - label]  # scikit-learn's class 0 is the upper moon
        theirs = 3.5 * (expected[labels == label] - [0.5, 0.25])
        assert np.allclose(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)], atol=1e-9)


def test_noise_flips_classes_of_circle_without_moving_points() -> None:
    (clean, _), (noisy, y) = points("circle", 1000), points("circle", 1000, 0.5)
    assert np.hypot(*noisy.T).max() <= 5
    assert y[np.hypot(*noisy.T) > 3].any()
    assert clean.shape == noisy.shape


@pytest.mark.parametrize(
    ("name", "target", "categories"),
    [
        ("iris", "species", ("setosa", "versicolor", "virginica")),
        ("wine", "cultivar", ("class_0", "class_1", "class_2")),
        ("breast_cancer", "diagnosis", ("malignant", "benign")),
        ("digits", "digit", tuple("0123456789")),
    ],
)
def test_bundled_sets_are_scikit_learns(
    name: str, target: str, categories: tuple[str, ...]
) -> None:
    bunch = getattr(datasets, f"load_{name}")()
    table = read(Builtin(name=name))  # type: ignore[arg-type]  # parametrised
    column = table.columns[target]
    assert column.categories == categories
    assert column.width == len(categories)
    assert np.array_equal(column.codes(), bunch.target)
    inputs = np.hstack([c.values for n, c in table.columns.items() if n != target])
    assert np.allclose(inputs, bunch.data / (16 if name == "digits" else 1))


def test_names_of_bundled_columns() -> None:
    assert list(schema(Builtin(name="iris")).items()) == [
        ("sepal_length", 1),
        ("sepal_width", 1),
        ("petal_length", 1),
        ("petal_width", 1),
        ("species", 3),
    ]
    assert schema(Builtin(name="digits")) == {"image": 64, "digit": 10}
    assert list(schema(Builtin(name="diabetes")))[-1] == "progression"


def test_a_class_encoded_as_number_has_width_one() -> None:
    dataset = Builtin(name="breast_cancer", encoding={"diagnosis": "number"})
    column = read(dataset).columns["diagnosis"]
    assert column.width == 1
    assert set(column.values[:, 0]) == {0.0, 1.0}


def test_inline_types_are_inferred() -> None:
    table = read(
        Inline(
            columns={"n": [0, 1.5, 2], "c": ["b", "a", "b"], "k": [3, 1, 3]},
            encoding={"k": "one_hot"},
        )
    )
    assert table.columns["n"].values.tolist() == [[0], [1.5], [2]]
    assert table.columns["c"].categories == ("a", "b")
    assert table.columns["c"].values.tolist() == [[0, 1], [1, 0], [0, 1]]
    assert table.columns["k"].categories == ("1", "3")
    assert table.schema == {"n": 1, "c": 2, "k": 2}


def test_inline_columns_of_different_length_are_refused() -> None:
    with pytest.raises(DataError, match="'a' has 2 rows and column 'b' has 1"):
        read(Inline(columns={"a": [1, 2], "b": [1]}))


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        read(Inline())


def test_inline_faults_name_row_and_column() -> None:
    dataset = Inline(columns={"x": [1, None, 3], "y": [0, 1, "oops"]}, features=("x",))
    with pytest.raises(DataError, match="row 2, column 'x': the value is missing"):
        prepare(dataset)
    dataset = Inline(columns={"x": [1, None, 3], "y": [0, 1, "oops"]}, features=("y",))
    with pytest.raises(DataError, match="row 3, column 'y': found 'oops' where a number"):
        prepare(dataset)


def test_unknown_columns_are_named_with_those_there_are() -> None:
    with pytest.raises(DataError, match="'z' is no column of the data; its columns are x, y"):
        prepare(Inline(columns={"x": [1], "y": [2]}, features=("z",)))
    with pytest.raises(DataError, match=r"'x\[3\]' is out of range"):
        prepare(Inline(columns={"x": [1, 2]}, features=("x[3]",)))


def test_an_identifier_is_no_category() -> None:
    names = [f"person {i}" for i in range(1500)]
    dataset = Inline(columns={"name": list(names), "x": [1.0] * 1500}, features=("x",))
    assert prepare(dataset).schema == {"name": 1, "x": 1}
    with pytest.raises(DataError, match="1,500 different values"):
        prepare(Inline(columns=dataset.columns, features=("name",)))


def test_describe() -> None:
    table = read(Inline(columns={"x": [1, None, 3], "c": ["u", "v", "u"]}))
    number, category = describe(table)
    assert (number.minimum, number.maximum, number.mean, number.missing) == (1, 3, 2, 1)
    assert number.fault
    assert (category.kind, category.categories, category.mean) == ("category", ("u", "v"), None)

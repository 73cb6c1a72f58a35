"""Rows that train, rows that validate, rows that test."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from engine.arrays.aliases import Integers
from engine.errors import DataError
from graph.model.dataset import Split

SplitName: TypeAlias = Literal["train", "validation", "test"]


def split_rows(
    rows: int, split: Split, seed: int, classes: Integers | None = None, test_rows: int = 0
) -> dict[SplitName, Integers]:
    """Divide rows at random, each part in ascending order; a part may be empty.

    Parameters
    ----------
    rows : int
        Number of rows.
    split : Split
        Shares of validation and test.
    seed : int
        Equal seeds divide equally.
    classes : array, optional
        (rows,), each row's class: every part then gets its share of every class, give or take
        one row.
    test_rows : int
        That many rows at the end are the test part, whatever ``split.test`` says.

    Raises
    ------
    DataError
        If no row is left for training.
    """
    free = rows - test_rows
    counts = _held_out(free, split, test_rows)
    order = np.random.default_rng((seed, 1)).permutation(free)
    if classes is not None:
        order = _interleaved(order, classes[:free])
    validation, test, train = np.split(order, np.cumsum(counts))
    if test_rows:
        test = np.arange(free, rows)
    parts: dict[SplitName, Integers] = {"train": train, "validation": validation, "test": test}
    return {name: np.sort(part).astype(np.int64) for name, part in parts.items()}


def count_rows(rows: int, split: Split, test_rows: int = 0) -> dict[SplitName, int]:
    """Return how many rows each part of `split_rows` gets.

    Raises `DataError` if no row is left for training.
    """
    free = rows - test_rows
    validation, test = _held_out(free, split, test_rows)
    return {
        "train": free - validation - test,
        "validation": validation,
        "test": test_rows or test,
    }


def _held_out(free: int, split: Split, test_rows: int) -> tuple[int, int]:
    """Return how many of the free rows validate, and how many test."""
    shares = (split.validation, 0.0 if test_rows else split.test)
    validation, test = (max(round(free * share), 1) if share else 0 for share in shares)
    if validation + test >= free:
        raise DataError(
            f"no row is left for training: {validation} of {free} rows are held out for "
            f"validation and {test} for testing; make the shares smaller"
        )
    return validation, test


def _interleaved(order: Integers, classes: Integers) -> Integers:
    """Reorder so that every stretch of the result has nearly the classes' proportions.

    The k-th of the n rows of a class goes to (k + ½)/n along the result.
    """
    drawn = classes[order]
    along = np.empty(len(order))
    for label in np.unique(drawn):
        where = np.flatnonzero(drawn == label)
        along[where] = (np.arange(len(where)) + 0.5) / len(where)
    return order[np.argsort(along, kind="stable")]

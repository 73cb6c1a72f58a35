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
    shares = (split.validation, 0.0 if test_rows else split.test)
    counts = [max(round(free * share), 1) if share else 0 for share in shares]
    if sum(counts) >= free:
        raise DataError(
            f"no row is left for training: {counts[0]} of {free} rows are held out for "
            f"validation and {counts[1]} for testing; make the shares smaller"
        )
    order = np.random.default_rng((seed, 1)).permutation(free)
    if classes is not None:
        order = _interleaved(order, classes[:free])
    validation, test, train = np.split(order, np.cumsum(counts))
    if test_rows:
        test = np.arange(free, rows)
    parts: dict[SplitName, Integers] = {"train": train, "validation": validation, "test": test}
    return {name: np.sort(part).astype(np.int64) for name, part in parts.items()}


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

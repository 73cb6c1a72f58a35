"""Real sets bundled with scikit-learn: nothing is downloaded."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from engine.data.cells import coded_column
from engine.data.table import Column, Table
from graph.model.dataset import Builtin

CLASSES = {
    "iris": "species",
    "wine": "cultivar",
    "breast_cancer": "diagnosis",
    "digits": "digit",
}
"""Set to the name of its class column."""


def load(dataset: Builtin) -> Table:
    """Return a bundled set.

    Feature names are scikit-learn's with underscores and without units (``sepal_length``); the
    digits' pixels (0 … 16) are one column ``image`` in 0 … 1; diabetes is unscaled, its target
    is ``progression``.

    Source: scikit-learn, "Toy datasets".
    """
    from sklearn import datasets

    options = {"scaled": False} if dataset.name == "diabetes" else {}
    bunch: Any = getattr(datasets, f"load_{dataset.name}")(**options)
    inputs = np.asarray(bunch.data, np.float64)
    if dataset.name == "digits":
        columns = {"image": Column(inputs / 16, "image")}
    else:
        names = [_plain(name) for name in bunch.feature_names]
        columns = {name: Column(inputs[:, [i]]) for i, name in enumerate(names)}
    if dataset.name == "diabetes":
        columns["progression"] = Column(np.asarray(bunch.target, np.float64)[:, None])
    else:
        name = CLASSES[dataset.name]
        labels = tuple(str(label) for label in bunch.target_names)
        encoding = dataset.encoding.get(name, "one_hot")
        columns[name] = coded_column(np.asarray(bunch.target, np.int64), labels, encoding)
    return Table(columns)


def _plain(name: str) -> str:
    return re.sub(r"\s*\(.*\)", "", name).strip().replace(" ", "_")

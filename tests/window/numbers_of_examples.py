"""The data and the first weights of an example, read from its file as any program could."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]

_FOLDER = Path(__file__).parents[2] / "examples"


def _file(name: str) -> dict[str, Any]:
    return dict(json.loads((_FOLDER / f"{name}.gradwire").read_text(encoding="utf-8")))


def columns(name: str, *wanted: str) -> list[Numbers]:
    """Return columns of the table in an example, (B,) each."""
    table = _file(name)["dataset"]["columns"]
    return [np.array(table[column], float) for column in wanted]


def parameters(name: str) -> dict[str, Numbers]:
    """Return the parameters in an example; a single number as (1,)."""
    found = {key: np.array(value, float) for key, value in _file(name)["parameters"].items()}
    return {key: value.reshape(-1) if value.size == 1 else value for key, value in found.items()}


def standardised(data: Numbers) -> Numbers:
    """Return columns with mean 0 and standard deviation 1."""
    return np.asarray((data - data.mean(axis=0)) / data.std(axis=0))

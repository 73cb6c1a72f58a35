"""Fingerprints of 64 bits: rows of integers that are told apart without comparing them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Integers, Whole
from engine.arrays.columnar import Ragged, integers
from engine.arrays.counter_stream import STEP, Bits, mixed

_FEW = 64


def scattered(numbers: NDArray[Any]) -> Bits:
    """Return integers scattered over 64 bits, one to one."""
    return mixed(numbers.astype(np.uint64) + np.uint64(STEP))


def with_list(prints: Bits, lists: Ragged, values: Whole) -> Bits:
    """Return fingerprints that also tell lists apart, by their values, in order.

    Parameters
    ----------
    prints : (n,) array
        The fingerprints so far.
    lists : Ragged
        One list for each.
    values : (k,) array
        The values in them.
    """
    places = np.arange(len(values)) - np.repeat(lists.starts[:-1], lists.counts)
    salts = scattered(np.arange(lists.counts.max(initial=0)))
    terms = scattered(salts[places] + values.astype(np.uint64))
    return scattered(prints + lists.total(terms))


def first_of_each(prints: Bits) -> Integers:
    """Return the index of one of each distinct fingerprint; fast if few of them differ."""
    left = np.arange(len(prints))
    found: list[int] = []
    while len(left) and len(found) < _FEW:
        found.append(int(left[0]))
        left = left[prints[left] != prints[found[-1]]]
    return np.concatenate((integers(found), left[np.unique(prints[left], return_index=True)[1]]))

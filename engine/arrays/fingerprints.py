"""Fingerprints of 64 bits: rows of integers that are told apart without comparing them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Integers, Whole
from engine.arrays.columnar import Ragged, integers

Prints: TypeAlias = NDArray[np.uint64]

_FEW = 64


def mixed(numbers: NDArray[Any]) -> Prints:
    """Return integers scattered over 64 bits, one to one.

    Source: Steele, Lea, Flood 2014, Fast Splittable Pseudorandom Number Generators (SplitMix64).
    """
    z = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Prints = z ^ (z >> np.uint64(31))
    return result


def with_list(prints: Prints, lists: Ragged, values: Whole) -> Prints:
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
    salts = mixed(np.arange(lists.counts.max(initial=0)))
    terms = mixed(salts[places] + values.astype(np.uint64))
    return mixed(prints + lists.total(terms))


def first_of_each(prints: Prints) -> Integers:
    """Return the index of one of each distinct fingerprint; fast if few of them differ."""
    left = np.arange(len(prints))
    found: list[int] = []
    while len(left) and len(found) < _FEW:
        found.append(int(left[0]))
        left = left[prints[left] != prints[found[-1]]]
    return np.concatenate((integers(found), left[np.unique(prints[left], return_index=True)[1]]))

"""Fuzzy search: how well a typed text fits the names of a thing."""

from __future__ import annotations

from collections.abc import Iterable


def score(typed: str, names: Iterable[str]) -> float:
    """Return how well a text fits one of several names: 0 not at all, 1 exactly.

    The first name counts fully, the others a little less. A text fits if its letters occur in
    order; better at the start of the name, of a word, or in one piece.
    """
    text = typed.strip().casefold()
    if not text:
        return 1.0
    best = 0.0
    for i, name in enumerate(names):
        best = max(best, _fit(text, name.casefold()) * (1.0 if i == 0 else 0.9))
    return best


def _fit(text: str, name: str) -> float:
    if not name:
        return 0.0
    if text == name:
        return 1.0
    place = name.find(text)
    if place >= 0:
        start = place == 0 or not name[place - 1].isalnum()
        return (0.8 if place == 0 else 0.7 if start else 0.5) + 0.1 * len(text) / len(name)
    return _scattered(text, name)


def _scattered(text: str, name: str) -> float:
    """Score letters in order: the share of them that begin a word or follow the one before."""
    at, good = -1, 0
    for letter in text:
        if letter == " ":
            continue
        found = name.find(letter, at + 1)
        if found < 0:
            return 0.0
        good += found == at + 1 or not name[found - 1].isalnum()
        at = found
    share = good / len(text)
    return 0.4 * share if share >= 0.5 else 0.0

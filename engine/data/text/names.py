"""Names of columns: each has one, and no two the same."""

from __future__ import annotations

from collections.abc import Sequence


def column_names(found: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give columns without a name one, and number those of a name that was there before.

    Returns the names, and a sentence for each name that was found twice.
    """
    names: list[str] = []
    notes: list[str] = []
    taken = {name.strip() for name in found}
    for place, raw in enumerate(found):
        name = raw.strip() or f"column{place + 1}"
        if name in names:
            again = _numbered(name, taken | set(names))
            notes.append(f"two columns are called {name!r}; the later one is called {again!r} here")
            name = again
        names.append(name)
    return names, notes


def _numbered(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name} {number}" in taken:
        number += 1
    return f"{name} {number}"

"""Which arrays of an archive are columns, and which belong together as train and test rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

_SPLIT = "train|training|test|testing|val|valid|validation|dev"
_AFTER = re.compile(rf"^(?P<base>.+?)[_\-. ]?(?P<split>{_SPLIT})$", re.IGNORECASE)
_BEFORE = re.compile(rf"^(?P<split>{_SPLIT})[_\-. ]?(?P<base>.+)$", re.IGNORECASE)
_USUAL = re.compile(
    r"^(x|y|t|data|inputs?|features?|images?|pixels|targets?|labels?|classes|class)$", re.IGNORECASE
)
NAMES = re.compile(r"^(feature|target|class|label|column)s?_?names?$|^(classes|columns)$", re.I)
"""Names of arrays that may name columns or classes."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Arrays divided into train and test rows already.

    Parameters
    ----------
    columns : mapping
        Column to the names of its arrays: train rows, test rows.
    validation : tuple of str
        Arrays of validation rows, which are left out.
    """

    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    validation: tuple[str, ...] = ()


def pairs(names: Set[str], wanted: Set[str]) -> Pairs:
    """Find ``x_train`` and ``x_test`` (also ``X_train``, ``train_x``, …), columns ``x``.

    ``x`` and ``y`` are written small unless the document names them otherwise; an array that the
    document names as a column is one.

    Parameters
    ----------
    names, wanted : set of str
        All arrays, and those that the document names.
    """
    found: dict[str, dict[str, str]] = {}
    for name in sorted(names - wanted):
        match = _AFTER.match(name) or _BEFORE.match(name)
        if match is None:
            continue
        base, split = match["base"], match["split"].lower()
        column = base.lower() if len(base) == 1 and base not in wanted else base
        kind = "train" if split.startswith("train") else "test" if split[0] == "t" else "val"
        found.setdefault(column, {}).setdefault(kind, name)
    columns = {
        column: (parts["train"], parts["test"])
        for column, parts in found.items()
        if {"train", "test"} <= set(parts) and column not in names
    }
    validation = tuple(found[column]["val"] for column in columns if "val" in found[column])
    return Pairs(columns, validation)


def row_count(shapes: Mapping[str, Shape], wanted: Set[str]) -> int:
    """Return the number of rows: the extent that most columns have as their first or last.

    Columns are those that the document names, else those of usual names (``X``, ``y``,
    ``labels``), else all. Of equal ones the extent that is more often the first counts, then the
    greater.

    Parameters
    ----------
    shapes : mapping
        Array to its extents, at least one each.
    wanted : set of str
        Arrays that the document names.
    """
    named = [shapes[name] for name in shapes if name in wanted]
    usual = [shape for name, shape in shapes.items() if _USUAL.match(name)]
    chosen = named or usual or list(shapes.values())
    extents = {extent for shape in chosen for extent in (shape[0], shape[-1])}

    def fits(extent: int) -> tuple[int, int, int]:
        first = sum(shape[0] == extent for shape in chosen)
        return sum(extent in (shape[0], shape[-1]) for shape in chosen), first, extent

    return max(extents, key=fits)


def is_rolled(shape: Shape, rows: int) -> bool:
    """Tell whether the rows of an array are its last axis, and can be no other."""
    return len(shape) > 1 and shape[-1] == rows and rows not in shape[:-1]

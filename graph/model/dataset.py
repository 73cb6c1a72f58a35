"""Where a document's data comes from and how it is prepared; reading it is ``engine.data``.

A column is an array (rows, width). Tables have columns of width 1 and one-hot categories wider
than 1; pictures are one column (``image``, width 784). ``name[i]`` refers to component i of a
column wherever a column name is expected.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct, field
from msgspec.structs import replace

Cell: TypeAlias = int | float | str | None
Fraction: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
_COMPONENT = re.compile(r"^(?P<column>.+)\[(?P<index>\d+)\]$")


class Split(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Shares of the rows held out; what is left trains. Drawn with the dataset's seed."""

    validation: Fraction = 0.0
    test: Fraction = 0.0
    stratify: bool = False


class _Prepared(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="source",
):
    """What every source has: which columns are used, and how they are prepared.

    ``encoding`` overrides what is inferred for a column: ``number`` as it is (categories become
    0, 1, …), ``one_hot`` one component for each category. ``scaling`` is fitted on the training
    rows and applies to the numeric features; ``target_scaling`` to the numeric targets.
    """

    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    encoding: dict[str, Literal["number", "one_hot"]] = field(default_factory=dict)
    scaling: Literal["none", "standard", "min_max"] = "none"
    target_scaling: Literal["none", "standard", "min_max"] = "none"
    split: Split = Split()
    seed: Annotated[int, Meta(ge=0)] = 0


class Inline(_Prepared, frozen=True, kw_only=True, tag="inline"):
    """A small table kept in the document itself."""

    columns: dict[str, list[Cell]] = field(default_factory=dict)


class Generator(_Prepared, frozen=True, kw_only=True, tag="generator"):
    """Points made by a named generator: columns ``x1``, ``x2`` and the class ``y`` (0 or 1)."""

    name: Literal["circle", "xor", "gauss", "spiral", "moons"]
    n: Annotated[int, Meta(ge=2, le=1_000_000)] = 500
    noise: Annotated[float, Meta(ge=0, le=10)] = 0.0


class Builtin(_Prepared, frozen=True, kw_only=True, tag="builtin"):
    """A real set bundled with scikit-learn."""

    name: Literal["iris", "wine", "breast_cancer", "digits", "diabetes"]


class Csv(_Prepared, frozen=True, kw_only=True, tag="csv"):
    """A table in a text file, relative to the document's folder."""

    path: str
    sha256: str = ""
    delimiter: str = ","
    header: bool = True


class Npz(_Prepared, frozen=True, kw_only=True, tag="npz"):
    """Arrays in a NumPy archive or an ``.npy`` file, one column each, rows first.

    ``pixels`` says whether pictures are divided by 255: ``auto`` those that look like pixels
    0 … 255, ``divided`` all, ``unchanged`` none.
    """

    path: str
    sha256: str = ""
    pixels: Literal["auto", "divided", "unchanged"] = "auto"


class Idx(_Prepared, frozen=True, kw_only=True, tag="idx"):
    """Pictures and labels in IDX files (MNIST), plain or ``.gz``: columns ``image``, ``label``.

    The test files, if named, are the test split. ``pixels`` is as of archives. ``limit`` keeps
    only the first rows of each file.
    """

    images: str
    labels: str
    test_images: str = ""
    test_labels: str = ""
    sha256: dict[str, str] = field(default_factory=dict)
    limit: Annotated[int, Meta(ge=1)] | None = None
    pixels: Literal["auto", "divided", "unchanged"] = "auto"


Dataset: TypeAlias = Inline | Generator | Builtin | Csv | Npz | Idx
"""Any dataset description; JSON tells them apart by ``source``."""

_PATHS = ("path", "images", "labels", "test_images", "test_labels")


def split_component(reference: str) -> tuple[str, int | None]:
    """Take ``image[3]`` apart into ``("image", 3)``; a plain name gives ``(name, None)``."""
    match = _COMPONENT.match(reference)
    return (match["column"], int(match["index"])) if match else (reference, None)


def column_width(schema: Mapping[str, int], reference: str) -> int | None:
    """Return the width of a column or component; None if the schema has no such column.

    Parameters
    ----------
    schema : mapping
        Column name to width.
    reference : str
        ``name`` or ``name[i]``.
    """
    if reference in schema:
        return schema[reference]
    column, index = split_component(reference)
    if index is None or index >= schema.get(column, 0):
        return None
    return 1


def relocated(dataset: Dataset, old: Path, new: Path) -> Dataset:
    """Return a description that finds its files from another folder.

    Parameters
    ----------
    dataset : Dataset
        Its relative paths start at ``old``; absolute ones stay.
    old, new : Path
        The document's folder so far, and from now on.
    """
    old, new = old.resolve(), new.resolve()
    if old == new:
        return dataset
    paths = {name: getattr(dataset, name, "") for name in _PATHS}
    changed = {
        name: Path(os.path.relpath(old / path, new)).as_posix()
        for name, path in paths.items()
        if path and not Path(path).is_absolute()
    }
    return replace(dataset, **changed)

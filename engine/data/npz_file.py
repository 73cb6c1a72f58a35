"""Arrays in NumPy archives and ``.npy`` files as tables, never unpickled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.binary.archive import ONLY, Archive, open_archive, shown
from engine.data.binary.array_file import Header
from engine.data.binary.array_values import fields, texts
from engine.data.binary.members import NAMES, is_rolled, pairs, row_count
from engine.data.binary.pictures import Pixels, are_pixels, flat
from engine.data.cells import Cells, Encoding, not_finite, to_column
from engine.data.row_numbers import row_name
from engine.data.store import DataFile, DataStore
from engine.data.table import MAX_VALUES, Column, Table
from engine.errors import DataError
from graph.model.dataset import Npz, split_component

_MOST_COLUMNS = 1000  # that a matrix alone in its file is divided into
_SHOWN = 6  # names in a note
_TEXTS = "USMm"


@dataclass(slots=True)
class _Found:
    """The arrays that become columns, what was left out, and what is to be said."""

    parts: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    test_rows: int = 0


def load(dataset: Npz, folder: Path, store: DataStore) -> Table:
    """Read an archive: one column an array, rows first; or an ``.npy`` file.

    1-D arrays have width 1 (texts are categories), arrays of more than two axes are flattened
    pictures, fields are columns. What is no column is left out, with a note, unless the document
    names it. The header of every array is checked before any of it is allocated.

    Raises `DataError` if the archive is damaged, nothing is a column, or a feature or target is
    none.
    """
    file = store.find(dataset.path, folder, dataset.sha256)
    named = (*dataset.features, *dataset.targets)
    wanted = frozenset(named) | {split_component(name)[0] for name in named}
    options = file.name, wanted, tuple(sorted(dataset.encoding.items())), dataset.pixels
    return store.parse((file,), ("columns", *options), lambda: _table(dataset, file, wanted))


def _table(dataset: Npz, file: DataFile, wanted: frozenset[str]) -> Table:
    archive = open_archive(file.path, file.name)
    try:
        found = _single(archive, wanted) if archive.single else _members(archive, wanted)
        _check(archive, found, wanted)
        columns = _columns(archive, found, dataset)
    except (ValueError, TypeError, OverflowError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")[:100]
        raise DataError(f"{file.name}: an array has no usable values ({reason})") from error
    return Table(columns, test_rows=found.test_rows, notes=tuple(_notes(found)))


def _members(archive: Archive, wanted: frozenset[str]) -> _Found:
    found = _Found(left_out=dict.fromkeys(archive.others, "is no NumPy array"))
    usable: dict[str, Header] = {}
    for name, header in archive.headers.items():
        if fault := header.fault or _too_large(header):
            found.left_out[name] = fault
        else:
            usable[name] = header
    if not usable:
        return found
    columns, rows = _chosen(usable, wanted, found)
    budget = MAX_VALUES
    for name in sorted(columns, key=lambda name: name not in wanted):
        cost = sum(usable[member].cost for member in columns[name])
        if cost > budget:
            for member in columns[name]:
                found.left_out[member] = "is more than fits into memory with the others"
            continue
        budget -= cost
        parts = [archive.read(member) for member in columns[name]]
        for key, value in _with_fields(name, parts, len(columns) == 1).items():
            found.parts[key] = [_rolled(part, rows, key, found) for part in value]
    _take_names(archive, usable, found)
    order = {name: place for place, name in enumerate(columns)}
    found.parts = dict(sorted(found.parts.items(), key=lambda one: order.get(one[0], len(order))))
    return found


def _chosen(
    usable: Mapping[str, Header], wanted: frozenset[str], found: _Found
) -> tuple[dict[str, tuple[str, ...]], int]:
    """Return the columns with the arrays that make them, and the number of rows; 0 of pairs."""
    divided = pairs(usable.keys(), wanted)
    if divided.columns:
        train = {usable[one].shape[0] for one, _ in divided.columns.values()}
        test = {usable[two].shape[0] for _, two in divided.columns.values()}
        alike = all(
            usable[one].shape[1:] == usable[two].shape[1:] for one, two in divided.columns.values()
        )
        if len(train) == len(test) == 1 and alike:
            return _paired(divided.columns, divided.validation, usable, found, test.pop()), 0
    rows = row_count({name: header.shape for name, header in usable.items()}, wanted)
    columns: dict[str, tuple[str, ...]] = {}
    for name, header in usable.items():
        shape = header.shape
        if shape[0] == rows or is_rolled(shape, rows):
            columns[name] = (name,)
        else:
            found.left_out[name] = f"has the shape {str(shape)[:60]} where {rows:,} rows are"
    return columns, rows


def _paired(
    columns: Mapping[str, tuple[str, str]],
    validation: Iterable[str],
    usable: Mapping[str, Header],
    found: _Found,
    test_rows: int,
) -> dict[str, tuple[str, ...]]:
    found.test_rows = test_rows
    found.notes.append(
        "the test rows are those of "
        + ", ".join(shown(two) for _, two in list(columns.values())[:_SHOWN])
        + "; columns are "
        + ", ".join(shown(name) for name in list(columns)[:_SHOWN])
    )
    used = {name for pair in columns.values() for name in pair}
    for name in validation:
        found.left_out[name] = "has validation rows, which are drawn from the training rows"
    for name in usable:
        if name not in used:
            found.left_out.setdefault(name, "is not divided into train and test rows")
    return dict(columns)


def _too_large(header: Header) -> str:
    if header.cost <= MAX_VALUES:
        return ""
    shape = str(header.shape)[:60]
    return f"has the shape {shape}, more than the {MAX_VALUES:,} numbers that fit; use a part"


def _with_fields(
    name: str, parts: list[NDArray[Any]], alone: bool
) -> dict[str, list[NDArray[Any]]]:
    if not parts[0].dtype.names:
        return {name: parts}
    divided = [fields(part) for part in parts]
    return {
        key if alone else f"{name}.{key}": [one[key] for one in divided]
        for key in divided[0]
        if all(key in one for one in divided)
    }


def _rolled(array: NDArray[Any], rows: int, name: str, found: _Found) -> NDArray[Any]:
    if not rows or len(array) == rows or not is_rolled(array.shape, rows):
        return array
    found.notes.append(
        f"{shown(name)} has its {rows:,} rows along the last axis, {str(array.shape)[:60]}; "
        "it was turned"
    )
    return np.moveaxis(array, -1, 0)


def _single(archive: Archive, wanted: frozenset[str]) -> _Found:
    """Take one array: a matrix gives a column for each of its own, unless it holds pictures."""
    found = _Found()
    header = archive.headers[ONLY]
    if fault := header.fault or _too_large(header):
        found.left_out[ONLY] = fault
        return found
    array = archive.read(ONLY)
    if array.dtype.names:
        found.parts = {name: [part] for name, part in fields(array).items()}
    elif array.ndim == 2 and array.shape[1] <= _MOST_COLUMNS and not are_pixels([array]):
        names = [f"{ONLY}{number}" for number in range(1, array.shape[1] + 1)]
        if ONLY in wanted or array.shape[1] == 1:
            found.parts = {ONLY: [array]}
        else:
            found.parts = {name: [array[:, i]] for i, name in enumerate(names)}
            found.notes.append(f"the columns of the array are called {names[0]} to {names[-1]}")
    else:
        found.parts = {ONLY: [array]}
    return found


def _take_names(archive: Archive, usable: Mapping[str, Header], found: _Found) -> None:
    """Take the names of classes and columns that stand beside the data."""
    for name in list(found.left_out):
        header = usable.get(name)
        if header is None or not NAMES.match(name) or len(header.shape) != 1:
            continue
        if header.dtype.kind in "US":
            found.names[name] = [str(text) for text in texts(archive.read(name))]


def _check(archive: Archive, found: _Found, wanted: frozenset[str]) -> None:
    for name, reason in found.left_out.items():
        if name in wanted and name not in found.parts:
            raise DataError(f"{archive.place(name)} {reason}; it can be no feature or target")
    if not found.parts:
        name, reason = next(iter(found.left_out.items()), ("", ""))
        if not name:
            raise DataError(f"{archive.file}: the archive holds no array; choose another")
        raise DataError(f"{archive.place(name)} {reason}")


def _columns(archive: Archive, found: _Found, dataset: Npz) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for name in list(found.parts):
        parts = found.parts.pop(name)
        place = f"{archive.file}: array {shown(name)}"
        made, divided = _column(parts, place, dataset.encoding.get(name), dataset.pixels)
        if divided:
            shape = " × ".join(str(extent) for extent in parts[0].shape[1:])
            found.notes.append(f"the pixels of {shown(name)} ({shape}) were divided by 255")
        columns[name] = made
    for member, names in found.names.items():
        _name_columns(columns, member, names, found, dataset)
    return columns


def _name_columns(
    columns: dict[str, Column], member: str, names: list[str], found: _Found, dataset: Npz
) -> None:
    """Give classes their names; of features only say whose they are."""
    listed = ", ".join(shown(name) for name in names[:_SHOWN]) + (
        ", …" if len(names) > _SHOWN else ""
    )
    numbers = tuple(str(code) for code in range(len(names)))
    of_features = member.lower().startswith(("feature", "column"))
    for name, made in columns.items():
        if not of_features and made.categories == numbers:
            columns[name] = Column(made.values, made.kind, tuple(names), made.missing, made.fault)
        elif not (of_features and name in dataset.features and made.width == len(names)):
            continue
        what = "components" if of_features else "classes"
        found.notes.append(f"{shown(member)} names the {what} of {shown(name)}: {listed}")
        found.left_out.pop(member, None)


def _notes(found: _Found) -> list[str]:
    left = [f"{shown(name)} {reason}; it was left out" for name, reason in found.left_out.items()]
    more = [f"{len(left) - _SHOWN} more arrays were left out"] if len(left) > _SHOWN else []
    return [*found.notes, *left[:_SHOWN], *more]


def _column(
    parts: Sequence[NDArray[Any]], place: str, encoding: Encoding, pixels: Pixels = "auto"
) -> tuple[Column, bool]:
    """Return a column, and whether its pixels were divided by 255.

    Parameters
    ----------
    parts : sequence of array
        (rows, …) each, no fields: the training rows, perhaps the test rows.
    place : str
        Says which array it is.
    encoding, pixels : str
        The document's.
    """
    if all(part.size == len(part) for part in parts):
        joined = np.concatenate([part.reshape(-1) for part in parts])
        return to_column(_cells(joined, place), encoding), False
    shape = parts[0].shape
    if parts[0].dtype.kind in _TEXTS or encoding == "one_hot":
        width = int(np.prod(shape[1:]))
        fault = f"{place} has the shape {str(shape)[:60]}; categories need one axis"
        rows = sum(len(part) for part in parts)
        return Column(np.full((rows, width), np.nan), fault=fault), False
    divided = are_pixels(parts, pixels)
    values = flat(parts, divided)
    kind = "image" if divided or len(shape) > 2 else "number"
    return Column(values, kind, fault=not_finite(values, place)), divided  # type: ignore[arg-type]


def _cells(array: NDArray[Any], place: str) -> Cells:
    if array.dtype.kind in _TEXTS:
        array = texts(array)
        numbers = np.full(len(array), np.nan)
        missing = np.asarray(array == "")
    else:
        with np.errstate(all="ignore"):
            numbers = array.astype(np.float64)
        missing = np.isnan(numbers)
    return Cells(
        numbers=numbers,
        texts=array,
        missing=missing,
        place=lambda row: f"{place}: {row_name(row)}",
    )

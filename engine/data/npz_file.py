"""Arrays in NumPy archives, never unpickled."""

from __future__ import annotations

import math
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.data.cells import Cells, Encoding, to_column
from engine.data.row_numbers import row_name
from engine.data.store import DataFile, DataStore
from engine.data.table import MAX_VALUES, Column, Table
from engine.errors import DataError
from graph.model.dataset import Npz

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # an encrypted member
)


@dataclass(frozen=True, slots=True)
class _Archive:
    """The arrays of an archive by their names."""

    arrays: dict[str, NDArray[Any]]

    @property
    def nbytes(self) -> int:
        """Size in memory."""
        return sum(array.nbytes for array in self.arrays.values())


def load(dataset: Npz, folder: Path, store: DataStore) -> Table:
    """Read an archive: one column an array, rows first.

    1-D arrays have width 1 (texts are categories), arrays of more than two axes are flattened
    pictures. The header of every array is checked before any of it is allocated.

    Raises `DataError` if the archive is damaged, or an array holds objects or other than numbers
    and texts.
    """
    file = store.find(dataset.path, folder, dataset.sha256)
    found = store.parse((file,), "arrays", lambda: _parse(file))
    options = "columns", file.name, tuple(sorted(dataset.encoding.items()))

    def table() -> Table:
        return Table(
            {
                name: _column(array, _place(file, name), dataset.encoding.get(name))
                for name, array in found.arrays.items()
            }
        )

    return store.parse((file,), options, table)


def _parse(file: DataFile) -> _Archive:
    arrays: dict[str, NDArray[Any]] = {}
    budget = MAX_VALUES
    try:
        with zipfile.ZipFile(file.path) as archive:
            for member in archive.infolist():
                name = member.filename.removesuffix(".npy")
                arrays[name] = _array(archive, member.filename, _place(file, name), budget)
                budget -= arrays[name].size
    except _UNREADABLE as error:
        raise DataError(
            f"{file.name}: the file is no readable NumPy archive ({error}); "
            "write it with numpy.savez"
        ) from error
    return _Archive(arrays)


def _place(file: DataFile, array: str) -> str:
    return f"{file.name}: array {array!r}"


def _array(archive: zipfile.ZipFile, member: str, place: str, budget: int) -> NDArray[Any]:
    try:
        with archive.open(member) as file:
            shape, dtype = _header(file)
        if dtype.hasobject:
            raise DataError(
                f"{place} holds Python objects, which are never unpickled; "
                "save it as numbers or texts"
            )
        if dtype.kind not in "biufU":
            raise DataError(f"{place} has the type {dtype}; numbers or texts are expected")
        if math.prod(shape) * max(dtype.itemsize, 8) > 8 * budget:
            raise DataError(
                f"{place} has the shape {shape}, more than the {MAX_VALUES:,} numbers that fit; "
                "use a part"
            )
        with archive.open(member) as file:
            return np.asarray(npy.read_array(file, allow_pickle=False))
    except (ValueError, UnicodeDecodeError, SyntaxError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise DataError(f"{place} is damaged ({reason}); write it again") from error


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy.read_magic(file)
    reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = reader(file)
    return shape, dtype


def _column(array: NDArray[Any], place: str, encoding: Encoding) -> Column:
    if array.ndim == 0:
        raise DataError(f"{place} is a single number; an array with rows first is expected")
    if array.ndim == 1:
        return to_column(_cells(array, place), encoding)
    if array.dtype.kind == "U" or encoding == "one_hot":
        raise DataError(f"{place} has the shape {array.shape}; categories need one axis")
    values = array.reshape(len(array), -1).astype(np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    fault = ""
    if len(wrong):
        row, component = (int(i) for i in wrong[0])
        at = f"{place}: {row_name(row)}, component {component}"
        fault = f"{at} is not a finite number; correct it"
    return Column(values, "image" if array.ndim > 2 else "number", fault=fault)


def _cells(array: NDArray[Any], place: str) -> Cells:
    if array.dtype.kind == "U":
        numbers = np.full(len(array), np.nan)
        missing = array == ""
    else:
        numbers = array.astype(np.float64)
        missing = np.isnan(numbers)
    return Cells(
        numbers=numbers,
        texts=array.astype(object),
        missing=missing,
        place=lambda row: f"{place}: {row_name(row)}",
    )

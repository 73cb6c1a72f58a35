"""Pictures and labels in IDX files, the format of MNIST.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database": two zero bytes, one byte for the
type (unsigned and signed byte, 16-bit and 32-bit whole number, 32-bit and 64-bit float), one for
the number of axes, each extent as a big-endian 32-bit number, then the values, last axis fastest.
"""

from __future__ import annotations

import gzip
import io
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.binary.pictures import Pixels, are_pixels, flat
from engine.data.cells import Encoding, coded_column, not_finite
from engine.data.row_numbers import row_name
from engine.data.store import DataFile, DataStore
from engine.data.table import MAX_VALUES, Column, Table
from engine.errors import DataError
from graph.model.dataset import Idx

MNIST_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_PIECE = 2**20
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_AXES = 32
ROLES = ("images", "labels", "test_images", "test_labels")
"""Names of a description's files."""


@dataclass(frozen=True, slots=True)
class _File:
    """An IDX file that was found, and its extents."""

    data: DataFile
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """As the document gives it."""
        return self.data.name


def load(dataset: Idx, folder: Path, store: DataStore) -> Table:
    """Read pictures and labels: columns ``image`` (flat) and ``label`` (categories).

    Raises `DataError` if a file is missing, damaged, has changed, or the files do not go together.
    """
    pairs = _pairs(dataset, folder, store)
    files = tuple(file.data for pair in pairs for file in pair)
    encoding: Encoding = dataset.encoding.get("label", "one_hot")
    options = dataset.limit, encoding, dataset.pixels
    return store.parse(files, ("pictures", *options), lambda: _table(pairs, *options, store))


def widths(dataset: Idx, folder: Path, store: DataStore) -> dict[str, int]:
    """Return the widths of the columns without reading the pictures."""
    pairs = _pairs(dataset, folder, store)
    label = _labels(pairs, None, dataset.encoding.get("label", "one_hot"), store)
    return {"image": math.prod(pairs[0][0].shape[1:]), "label": label.width}


def _table(
    pairs: list[tuple[_File, _File]],
    limit: int | None,
    encoding: Encoding,
    pixels: Pixels,
    store: DataStore,
) -> Table:
    counts = [min(image.shape[0], limit or image.shape[0]) for image, _ in pairs]
    label = _labels(pairs, counts, encoding, store)
    images = [
        _read(image, None if count == image.shape[0] else count, store)
        for (image, _), count in zip(pairs, counts, strict=True)
    ]
    divided = are_pixels(images, pixels)
    values = flat(images, divided)
    fault = not_finite(values, pairs[0][0].name) if images[0].dtype.kind == "f" else ""
    notes = []
    if divided:
        shape = " × ".join(str(extent) for extent in pairs[0][0].shape[1:])
        notes.append(f"the pixels of 'image' ({shape}) were divided by 255")
    return Table(
        {"image": Column(values, "image", fault=fault), "label": label},
        test_rows=counts[1] if len(counts) > 1 else 0,
        notes=notes,
    )


def _labels(
    pairs: list[tuple[_File, _File]],
    counts: list[int] | None,
    encoding: Encoding,
    store: DataStore,
) -> Column:
    """Return the labels of the first rows: categories, numbers if a row has several."""
    whole = [_read(label, None, store) for _, label in pairs]
    parts = [part[:count] for part, count in zip(whole, counts or map(len, whole), strict=True)]
    name = pairs[0][1].name
    if whole[0].size != len(whole[0]):
        values = flat(parts, divided=False)
        return Column(values, "number", fault=not_finite(values, name))
    known = np.concatenate([part.reshape(-1) for part in whole])
    if known.dtype.kind == "f" and not np.isfinite(known).all():
        where = row_name(int(np.argmin(np.isfinite(known))))
        raise DataError(f"{name}: the label of {where} is not a finite number; correct it")
    found = np.unique(known)
    codes = np.searchsorted(found, np.concatenate([part.reshape(-1) for part in parts]))
    return coded_column(codes.astype(np.int64), tuple(map(_label, found.tolist())), encoding)


def _label(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(number)


def _pairs(dataset: Idx, folder: Path, store: DataStore) -> list[tuple[_File, _File]]:
    unknown = sorted(set(dataset.sha256) - set(ROLES))
    if unknown:
        raise DataError(f"the dataset gives a SHA-256 for {unknown[0]!r}, expected {ROLES}")
    if bool(dataset.test_images) != bool(dataset.test_labels):
        raise DataError("the dataset names only one test file; name test pictures and test labels")
    pairs = [_pair(dataset, folder, "", store)]
    if dataset.test_images:
        pairs.append(_pair(dataset, folder, "test_", store))
        (images, _), (test, _) = pairs
        if images.shape[1:] != test.shape[1:]:
            raise DataError(
                f"{test.name}: the pictures have {test.shape[1:]} pixels where {images.name} "
                f"has {images.shape[1:]}; choose files that go together"
            )
        (_, labels), (_, test) = pairs
        if math.prod(labels.shape[1:]) != math.prod(test.shape[1:]):
            raise DataError(
                f"{test.name}: the labels have the shape {test.shape} where {labels.name} has "
                f"{labels.shape}; choose files that go together"
            )
    return pairs


def _pair(dataset: Idx, folder: Path, prefix: str, store: DataStore) -> tuple[_File, _File]:
    images = _find(dataset, folder, f"{prefix}images", store)
    labels = _find(dataset, folder, f"{prefix}labels", store)
    if len(images.shape) < 2 and images.dtype == np.uint8:
        raise DataError(f"{images.name}: these are labels; pictures have at least two axes")
    if len(labels.shape) > 2 and math.prod(labels.shape[1:]) > 1:
        raise DataError(f"{labels.name}: these are pictures; labels have one axis or two")
    if images.shape[0] != labels.shape[0]:
        raise DataError(
            f"{labels.name}: {labels.shape[0]} labels for the {images.shape[0]} pictures of "
            f"{images.name}; choose files that go together"
        )
    return images, labels


def _find(dataset: Idx, folder: Path, role: str, store: DataStore) -> _File:
    name: str = getattr(dataset, role)
    place = (folder / name).parent
    advice = (
        f"put the four MNIST files ({', '.join(MNIST_FILES)}) into {str(place.resolve())!r} "
        "or choose other files"
    )
    file = store.find(name, folder, dataset.sha256.get(role, ""), advice)
    extents = store.parse((file,), "extents", lambda: _extents(file))
    kind, *shape = extents.tolist()
    return _File(file, np.dtype(_TYPES[kind]), tuple(shape))


def _open(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")


def _extents(file: DataFile) -> NDArray[np.int64]:
    try:
        with _open(file.path) as stream:
            kind, shape = _header(stream, file.name)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(file.name, error) from error
    if math.prod(shape) > MAX_VALUES:
        raise DataError(
            f"{file.name}: the file announces {math.prod(shape):,} values, at most "
            f"{MAX_VALUES:,} fit"
        )
    return np.array((kind, *shape), np.int64)


def _header(stream: io.BufferedIOBase, name: str) -> tuple[int, tuple[int, ...]]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[3] == 0:
        raise DataError(
            f"{name}: the file begins with {magic.hex(' ')!r}, IDX files begin with '00 00 08'; "
            "choose another"
        )
    if magic[2] not in _TYPES:
        raise DataError(f"{name}: values of type {magic[2]} found; IDX knows 8, 9 and 11 to 14")
    if magic[3] > _MOST_AXES:
        raise DataError(f"{name}: {magic[3]} axes found, at most {_MOST_AXES} are read")
    extents = stream.read(4 * magic[3])
    if len(extents) < 4 * magic[3]:
        raise DataError(f"{name}: the file ends within its header; fetch it again")
    shape = tuple(int(extent) for extent in np.frombuffer(extents, ">u4"))
    if 0 in shape:
        raise DataError(f"{name}: the file announces no values, its extents are {str(shape)[:60]}")
    return magic[2], shape


def _read(file: _File, rows: int | None, store: DataStore) -> NDArray[Any]:
    """Return the first rows, (rows, …); all if None, and then the length must be exact."""
    return store.parse((file.data,), ("values", rows), lambda: _values(file, rows))


def _values(file: _File, rows: int | None) -> NDArray[Any]:
    count = file.shape[0] if rows is None else rows
    size = file.dtype.itemsize
    expected = math.prod(file.shape[1:]) * count * size
    complete = count == file.shape[0]
    try:
        with _open(file.data.path) as stream:
            stream.read(4 + 4 * len(file.shape))
            data = _at_most(stream, expected + complete)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(file.name, error) from error
    if len(data) != expected:
        found = "more" if len(data) > expected else f"only {len(data) // size:,}"
        raise DataError(
            f"{file.name}: the header announces {expected // size:,} values, found {found}; "
            "fetch the file again"
        )
    return np.frombuffer(data, file.dtype).reshape(count, *file.shape[1:])


def _at_most(stream: io.BufferedIOBase, count: int) -> bytes:
    """Read up to ``count`` bytes piecewise: memory grows with what is there, not with ``count``."""
    pieces: list[bytes] = []
    while count > 0 and (piece := stream.read(min(count, _PIECE))):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _damaged(name: str, error: Exception) -> DataError:
    return DataError(f"{name}: the file is damaged or cut off ({error}); fetch it again")

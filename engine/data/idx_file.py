"""Pictures and labels in IDX files, the format of MNIST.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database": two zero bytes, one byte for the
type (8: unsigned byte), one for the number of axes, each extent as a big-endian 32-bit number,
then the values, last axis fastest.
"""

from __future__ import annotations

import gzip
import io
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.cells import Encoding, coded_column
from engine.data.store import DataFile, DataStore
from engine.data.table import MAX_VALUES, Column, Table, Values
from engine.errors import DataError
from graph.model.dataset import Idx

MNIST_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_PIECE = 2**20
ROLES = ("images", "labels", "test_images", "test_labels")
"""Names of a description's files."""


@dataclass(frozen=True, slots=True)
class _File:
    """An IDX file that was found, and its extents."""

    data: DataFile
    shape: tuple[int, ...]

    @property
    def name(self) -> str:
        """As the document gives it."""
        return self.data.name


def load(dataset: Idx, folder: Path, store: DataStore) -> Table:
    """Read pictures and labels: columns ``image`` (0 … 1, flat) and ``label`` (categories).

    Raises `DataError` if a file is missing, damaged, has changed, or the files do not go together.
    """
    pairs = _pairs(dataset, folder, store)
    files = tuple(file.data for pair in pairs for file in pair)
    options = dataset.limit, dataset.encoding.get("label", "one_hot")
    return store.parse(files, ("pictures", *options), lambda: _table(pairs, *options, store))


def _table(
    pairs: list[tuple[_File, _File]], limit: int | None, encoding: Encoding, store: DataStore
) -> Table:
    labels = [_read(label, None, store)[:, 0] for _, label in pairs]
    names, codes = np.unique(np.concatenate(labels), return_inverse=True)
    parts = np.split(codes, np.cumsum([len(part) for part in labels])[:-1])
    counts = [min(image.shape[0], limit or image.shape[0]) for image, _ in pairs]
    used = np.concatenate([part[:count] for part, count in zip(parts, counts, strict=True)])
    return Table(
        {
            "image": Column(_pixels([image for image, _ in pairs], counts, store), "image"),
            "label": coded_column(
                used.astype(np.int64), tuple(str(name) for name in names), encoding
            ),
        },
        test_rows=counts[1] if len(counts) > 1 else 0,
    )


def widths(dataset: Idx, folder: Path, store: DataStore) -> dict[str, int]:
    """Return the widths of the columns without reading the pictures."""
    pairs = _pairs(dataset, folder, store)
    labels = np.concatenate([_read(label, None, store)[:, 0] for _, label in pairs])
    one_hot = dataset.encoding.get("label", "one_hot") == "one_hot"
    return {
        "image": math.prod(pairs[0][0].shape[1:]),
        "label": len(np.unique(labels)) if one_hot else 1,
    }


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
    return pairs


def _pair(dataset: Idx, folder: Path, prefix: str, store: DataStore) -> tuple[_File, _File]:
    images = _find(dataset, folder, f"{prefix}images", store)
    labels = _find(dataset, folder, f"{prefix}labels", store)
    if len(images.shape) < 2:
        raise DataError(f"{images.name}: these are labels; pictures have at least two axes")
    if len(labels.shape) != 1:
        raise DataError(f"{labels.name}: labels have one axis, found {len(labels.shape)}")
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
    return _File(file, tuple(extents.tolist()))


def _open(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")


def _extents(file: DataFile) -> NDArray[np.int64]:
    try:
        with _open(file.path) as stream:
            shape = _header(stream, file.name)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(file.name, error) from error
    if math.prod(shape) > MAX_VALUES:
        raise DataError(
            f"{file.name}: the file announces {math.prod(shape):,} values, at most "
            f"{MAX_VALUES:,} fit"
        )
    return np.array(shape, np.int64)


def _header(stream: io.BufferedIOBase, name: str) -> tuple[int, ...]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or not 1 <= magic[3] <= 4:
        raise DataError(
            f"{name}: the file begins with {magic.hex(' ')!r}, IDX files begin with '00 00 08'; "
            "choose another"
        )
    if magic[2] != 8:
        raise DataError(f"{name}: values of type {magic[2]} found, unsigned bytes (8) expected")
    extents = stream.read(4 * magic[3])
    if len(extents) < 4 * magic[3]:
        raise DataError(f"{name}: the file ends within its header; fetch it again")
    shape = tuple(int(extent) for extent in np.frombuffer(extents, ">u4"))
    if 0 in shape:
        raise DataError(f"{name}: the file announces no values, its extents are {shape}")
    return shape


def _read(file: _File, rows: int | None, store: DataStore) -> NDArray[np.uint8]:
    """Return the first rows, (rows, pixels); all if None, and then the length must be exact."""
    return store.parse((file.data,), ("values", rows), lambda: _values(file, rows))


def _values(file: _File, rows: int | None) -> NDArray[np.uint8]:
    width = math.prod(file.shape[1:])
    expected = width * (file.shape[0] if rows is None else rows)
    complete = expected == math.prod(file.shape)
    try:
        with _open(file.data.path) as stream:
            stream.read(4 + 4 * len(file.shape))
            data = _at_most(stream, expected + complete)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(file.name, error) from error
    if len(data) != expected:
        found = "more" if len(data) > expected else f"only {len(data):,}"
        raise DataError(
            f"{file.name}: the header announces {expected:,} values, found {found}; "
            "fetch the file again"
        )
    return np.frombuffer(data, np.uint8).reshape(-1, width)


def _at_most(stream: io.BufferedIOBase, count: int) -> bytes:
    """Read up to ``count`` bytes piecewise: memory grows with what is there, not with ``count``."""
    pieces: list[bytes] = []
    while count > 0 and (piece := stream.read(min(count, _PIECE))):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _pixels(files: list[_File], counts: list[int], store: DataStore) -> Values:
    parts = [
        _read(file, None if count == file.shape[0] else count, store)
        for file, count in zip(files, counts, strict=True)
    ]
    values = np.empty((sum(counts), parts[0].shape[1]))
    for part, rows in zip(parts, np.split(values, np.cumsum(counts)[:-1]), strict=True):
        np.divide(part, 255.0, out=rows)
    return values


def _damaged(name: str, error: Exception) -> DataError:
    return DataError(f"{name}: the file is damaged or cut off ({error}); fetch it again")

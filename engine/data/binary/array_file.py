"""One array in NumPy's format: its header is read and checked before anything is allocated.

Source: NumPy, "NEP 1: A simple file format for NumPy arrays".
"""

from __future__ import annotations

import ast
import math
import warnings
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.errors import DataError

MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 10_000  # bytes, as NumPy itself allows
_MOST_AXES = 32
_PIECE = 2**20
_TEXT_BYTES = 64  # that a text takes as an object, at least
_WORDS = {"O": "holds Python objects, which are never unpickled", "c": "holds complex numbers"}
_KINDS = "biufUSMm"


@dataclass(frozen=True, slots=True)
class Header:
    """What the header of an array says.

    Parameters
    ----------
    shape : tuple of int
        Extents, rows first.
    dtype : dtype
        Type of the values, perhaps with fields.
    fortran : bool
        Whether the first axis varies fastest.
    length : int
        Bytes of the header, with magic and padding.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    length: int

    @property
    def nbytes(self) -> int:
        """Bytes of the values in the file."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def cost(self) -> int:
        """Numbers of 8 bytes that the values take in memory as columns."""
        fields = _leaves(self.dtype)
        texts = sum(max(4 * one.itemsize, _TEXT_BYTES) for one in fields if one.kind not in "biuf")
        return math.prod(self.shape) * (len(fields) + texts // 8)

    @property
    def fault(self) -> str:
        """Why it can be no column, after the array's name; empty if it can."""
        for dtype in _leaves(self.dtype):
            if dtype.kind not in _KINDS:
                return _WORDS.get(dtype.kind, f"has the type {str(dtype)[:40]}, which is no number")
        if self.dtype.subdtype is not None:
            return "has values that are arrays themselves"
        if self.dtype.names and len(self.shape) != 1:
            return f"has fields and {len(self.shape)} axes; one axis is expected"
        if not self.shape:
            return "is a single number or text; an array with rows first is expected"
        if 0 in self.shape or not self.nbytes:
            return "has no rows" if self.shape[0] == 0 else "holds no values"
        return ""


def read_header(file: IO[bytes], place: str) -> Header:
    """Read an array's header; ``place`` begins the sentence if it is damaged.

    Raises `DataError` if it is damaged or states impossible extents.
    """
    try:
        return _header(file)
    except (ValueError, TypeError, SyntaxError, KeyError, IndexError, AttributeError) as error:
        raise damaged(place, error) from error
    except (RecursionError, MemoryError, OverflowError) as error:
        raise damaged(place, ValueError("its header is too deep or too large")) from error


def read_values(file: IO[bytes], header: Header, place: str) -> NDArray[Any]:
    """Read the values that follow a header; memory grows with what is there.

    Raises `DataError` if there are fewer, or more follow.
    """
    data = bytearray()
    while piece := file.read(min(_PIECE, header.nbytes + 1 - len(data))):
        data += piece
    if len(data) != header.nbytes:
        found = "more" if len(data) > header.nbytes else f"only {len(data):,}"
        reason = f"its header announces {header.nbytes:,} bytes, found {found}"
        raise damaged(place, ValueError(reason))
    values = np.frombuffer(data, header.dtype)
    return values.reshape(header.shape, order="F" if header.fortran else "C")


def damaged(place: str, error: Exception) -> DataError:
    """Return that an array is damaged, in one line."""
    reason = str(error).partition("\n")[0].rstrip(".")[:100]
    return DataError(f"{place} is damaged ({reason}); write it again")


def _header(file: IO[bytes]) -> Header:
    start = file.read(8)
    if len(start) < 8 or start[:6] != MAGIC or not 1 <= start[6] <= 3:
        raise ValueError(f"it begins with {start.hex(' ')!r}, which no NumPy array does")
    size = file.read(2 if start[6] == 1 else 4)
    length = int.from_bytes(size, "little")
    if length > _LONGEST_HEADER:
        raise ValueError(f"its header has {length:,} bytes")
    text = file.read(length)
    if len(text) < length:
        raise ValueError("it ends within its header")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ast.literal_eval(text.decode("utf-8" if start[6] == 3 else "latin-1"))
        if not isinstance(found, dict) or set(found) != {"descr", "fortran_order", "shape"}:
            raise ValueError("its header is not that of an array")
        dtype = npy.descr_to_dtype(found["descr"])
    shape = found["shape"]
    if not isinstance(shape, tuple) or not all(type(extent) is int for extent in shape):
        raise ValueError("its header gives no extents")
    if len(shape) > _MOST_AXES or any(not 0 <= extent < 2**63 for extent in shape):
        raise ValueError("its header gives impossible extents")
    if not isinstance(found["fortran_order"], bool):
        raise ValueError("its header does not say the order of its axes")
    return Header(shape, dtype, found["fortran_order"], 8 + len(size) + length)


def _leaves(dtype: np.dtype[Any]) -> list[np.dtype[Any]]:
    """Return the types of all fields, those of fields within fields too."""
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return _leaves(base) * min(math.prod(shape), _LONGEST_HEADER)
    if dtype.names is None or dtype.fields is None:
        return [dtype]
    return [leaf for name in dtype.names for leaf in _leaves(dtype.fields[name][0])]

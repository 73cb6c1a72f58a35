"""Parameter values as they stand in a file: nested lists, or packed in base64."""

from __future__ import annotations

import array
import base64
import binascii
import math
import sys
from typing import Any

from graph.errors import FileError
from graph.files.conversion import convert, shown
from graph.files.records import PackedArray
from graph.model.tensor import Tensor

_DEEPEST_LIST = 32
_BYTES = {"float64": 8, "float32": 4}


def read_array(raw: Any, place: str) -> Tensor:
    """Return the array that a file's value describes.

    Raises `FileError` if it is no number, rectangular list of numbers, or packed array whose base64
    fills its shape exactly, or if a number is not finite.
    """
    if isinstance(raw, dict):
        return _unpacked(convert(raw, PackedArray, place), place)
    if _depth(raw) > _DEEPEST_LIST:
        raise FileError(
            f"found lists nested more than {_DEEPEST_LIST} deep; expected an array", place=place
        )
    try:
        return Tensor.of(raw)
    except ValueError as error:
        message = f"found {shown(raw)}; expected numbers in lists of equal length ({error})"
        raise FileError(message, place=place) from None


def _depth(raw: Any) -> int:
    depth = 0
    while isinstance(raw, list) and depth <= _DEEPEST_LIST:
        raw, depth = (raw[0] if raw else None), depth + 1
    return depth


def _unpacked(packed: PackedArray, place: str) -> Tensor:
    count = math.prod(packed.shape)
    size = _BYTES[packed.dtype]
    if len(packed.base64) != 4 * math.ceil(count * size / 3):
        raise FileError(
            f"found {len(packed.base64)} characters; expected {count} numbers of {size} bytes "
            f"for the shape {packed.shape}",
            place=f"{place}.base64",
        )
    try:
        data = base64.b64decode(packed.base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FileError(
            f"found text that is not base64 ({error}); expected base64", place=f"{place}.base64"
        ) from None
    if len(data) != count * size:
        raise FileError(
            f"found {len(data)} bytes; expected {count * size} for the shape {packed.shape}",
            place=f"{place}.base64",
        )
    tensor = Tensor(tuple(packed.shape), data if size == 8 else _doubled(data))
    if not tensor.is_finite():
        raise FileError("found a number that is not finite; expected finite ones", place=place)
    return tensor


def _doubled(data: bytes) -> bytes:
    """Return little-endian float32 numbers as float64."""
    single = array.array("f", data)
    if sys.byteorder == "big":
        single.byteswap()
    double = array.array("d", single)
    if sys.byteorder == "big":
        double.byteswap()
    return double.tobytes()

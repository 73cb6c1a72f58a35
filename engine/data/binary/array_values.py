"""The values of an array as texts, and by its fields."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LAST_CODE = 0x10FFFF  # of Unicode


def fields(array: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Return the fields of an array, (rows,), by name, those of fields as ``outer.inner``."""
    found: dict[str, NDArray[Any]] = {}
    for name in array.dtype.names or ():
        part = array[name]
        inner = fields(part) if part.dtype.names else {}
        found |= {f"{name}.{key}": value for key, value in inner.items()} or {name: part}
    return found


def texts(array: NDArray[Any]) -> NDArray[np.str_]:
    """Return texts, bytes, dates and durations as texts; what is not a time is empty.

    Raises `ValueError` if there are characters that do not exist.
    """
    if array.dtype.kind == "S":
        try:
            return np.char.decode(array, "utf-8")
        except UnicodeDecodeError:
            return np.char.decode(array, "latin-1")
    if array.dtype.kind in "Mm":
        return np.where(np.isnat(array), "", array.astype(str))
    codes = np.ascontiguousarray(array).view(np.dtype("u4").newbyteorder(array.dtype.byteorder))
    if codes.max(initial=0) > _LAST_CODE or ((codes >= 0xD800) & (codes < 0xE000)).any():
        raise ValueError("there are texts with characters that do not exist")
    return array.astype(str)

"""What the rows of a dataset are called, on screen, on the command line and in messages.

Rows have one number each, whatever split they are in: the first row of data is row 1. Only this
module turns places, which count from 0, into numbers and back.
"""

from __future__ import annotations

import re

from engine.errors import DataError

_RANGE = re.compile(r"\s*(\d{1,12})(?:-(\d{1,12}))?\s*")


def row_number(row: int) -> int:
    """Return the number of the row at a place of the dataset."""
    return int(row) + 1


def row_place(number: int) -> int:
    """Return the place of a row in the dataset."""
    return number - 1


def row_name(row: int) -> str:
    """Return what the row at a place of the dataset is called: ``row 3``."""
    return f"row {row_number(row)}"


def read_row_numbers(text: str, count: int) -> list[int]:
    """Return the places of the rows that a user names.

    Parameters
    ----------
    text : str
        Numbers and ranges with both ends: ``1,4`` or ``1-4``.
    count : int
        How many rows there are.

    Raises
    ------
    DataError
        If the text is not understood, or there are no such rows.
    """
    places: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise DataError(f"the rows {part!r} are not understood; write them as 1,4 or 1-4")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= count:
            raise DataError(f"there are no rows {part!r}; those there are go from 1 to {count}")
        places.extend(range(row_place(first), row_place(last) + 1))
    return places

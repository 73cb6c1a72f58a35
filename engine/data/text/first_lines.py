"""How a table's text begins: comment lines before it, separators at the ends of its rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_CHUNK = 1 << 20  # bytes
_LINES = 200  # that are looked at
_LONGEST = 1_000_000  # characters of a line that are looked at


@dataclass(frozen=True, slots=True)
class FirstLines:
    """What the first lines of a text table tell of it.

    Parameters
    ----------
    skipped : int
        Comment lines before the table.
    first : str
        The first line of the table.
    width : int or None
        Cells of a row, where a separator ends each row but the first line; else None.
    notes : tuple of str
        What was guessed, a sentence each.
    """

    skipped: int
    first: str
    width: int | None
    notes: tuple[str, ...]


def read_first_lines(path: Path, codec: str, delimiter: str) -> FirstLines:
    """Look at the first lines of a text table; raises `OSError`."""
    with path.open(encoding=codec, errors="replace", newline="") as file:
        lines = [line.rstrip("\r\n") for line in islice(_lines(file), _LINES)]
    skipped = _comments(lines, delimiter)
    rows = [line for line in lines[skipped:] if line.strip()]
    notes = []
    if skipped:
        found = "line begins with # and was" if skipped == 1 else "lines begin with # and were"
        notes.append(
            f"the first {found} left out"
            if skipped == 1
            else f"the first {skipped} {found} left out"
        )
    width = None
    if len(rows) > 1 and rows[1].endswith(delimiter) and not rows[0].endswith(delimiter):
        cells = _count(rows[1], delimiter)
        if cells == _count(rows[0], delimiter) + 1:
            width = cells
    return FirstLines(skipped, rows[0] if rows else "", width, tuple(notes))


def has_quotes(path: Path) -> bool:
    """Tell whether cells may hold line breaks; raises `OSError`."""
    with path.open("rb") as file:
        return any(b'"' in chunk for chunk in iter(lambda: file.read(_CHUNK), b""))


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(_LONGEST):
        yield line


def _comments(lines: list[str], delimiter: str) -> int:
    """Return how many lines before the table are comments; one that names its columns is none."""
    count = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    if 0 < count < len(lines):
        cells = _count(lines[count], delimiter)
        if cells > 1 and _count(lines[count - 1], delimiter) == cells:
            return count - 1
    return count if count < len(lines) else 0


def cells_of(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line; a blank stands for any run of them."""
    if delimiter == " ":
        return line.split()
    return next(csv.reader([line], delimiter=delimiter), [])


def all_numbers(cells: Sequence[str]) -> bool:
    """Tell whether there are cells, and all of them are plain numbers."""
    return bool(cells) and all(_NUMBER.fullmatch(cell.strip()) for cell in cells)


def _count(line: str, delimiter: str) -> int:
    return len(cells_of(line, delimiter))

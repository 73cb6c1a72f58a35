"""What the command line writes: results to stdout, sentences to stderr."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def console(*, stderr: bool = False) -> Console:
    """Return a console on stdout or stderr that takes texts as they are."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)


def say(sentence: str, code: int = 0) -> int:
    """Say a sentence on stderr; return the exit code."""
    print(" ".join(sentence.split()), file=sys.stderr)  # noqa: T201  # the command line speaks here
    return code


def write(text: str, out: Path | None) -> int:
    """Write text to a file, or to stdout.

    Raises `FileError` if the file cannot be written.
    """
    from graph.files.whole_file import write_whole

    if out is None:
        sys.stdout.write(text)
        return 0
    write_whole(out, text.encode())
    return print_parts([f"Wrote {out}."])


def print_json(content: object) -> None:
    """Print plain data and arrays as JSON, piece by piece."""
    sys.stdout.writelines(json_pieces(content))
    sys.stdout.write("\n")


def json_pieces(content: object) -> Iterator[str]:
    """Yield plain data and arrays as JSON, a piece for each row of an array."""
    import msgspec
    import numpy as np

    if isinstance(content, Mapping):
        yield "{"
        for number, (name, value) in enumerate(content.items()):
            yield ("," if number else "") + msgspec.json.encode(str(name)).decode() + ":"
            yield from json_pieces(value)
        yield "}"
    elif isinstance(content, np.ndarray) and content.ndim > 1:
        yield "["
        for number, row in enumerate(content):
            yield "," if number else ""
            yield from json_pieces(row)
        yield "]"
    else:
        plain = content.tolist() if isinstance(content, np.ndarray) else content
        yield msgspec.json.encode(plain).decode()


def print_parts(parts: Iterable[str | Table]) -> int:
    """Print lines and tables; return the exit code of success."""
    stdout = console()
    for part in parts:
        stdout.print(part, soft_wrap=isinstance(part, str))
    return 0


def keep_traceback() -> str:
    """Keep the traceback of the exception being handled; return the file's path."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="gradwire-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exc(file=file)
    return file.name

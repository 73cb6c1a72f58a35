"""Documents as ``.gradwire`` files and texts.

Loading runs no code and bounds what it allocates; saving is atomic and keeps the version before.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from graph.errors import FileError
from graph.files.migrations import up_to_date
from graph.files.reader import read_state
from graph.files.strict_json import LARGEST_FILE, parse
from graph.files.whole_file import reason, write_whole
from graph.files.writer import dumps
from graph.model.document import Document
from graph.model.kinds import Library

__all__ = ["SUFFIX", "dumps", "load", "loads", "save", "unknown_kinds"]

SUFFIX = ".gradwire"


def loads(source: str | bytes, library: Library, file: str = "") -> Document:
    """Return the document that a text describes.

    Parameters
    ----------
    source : str or bytes
        The text of a ``.gradwire`` file; bytes are UTF-8.
    library : Library
        The kinds that are known. Nodes of others become placeholders.
    file : str
        What to call the text in errors.

    Raises
    ------
    FileError
        Naming file, place, what was found and what was expected.
    """
    try:
        state = read_state(up_to_date(parse(source)), library)
    except FileError as error:
        raise FileError(error.message, file, error.place) from error.__cause__
    return Document(library, state)


def load(path: str | os.PathLike[str], library: Library) -> Document:
    """Return the document in a file; raises `FileError` as `loads` does, and if there is none.

    A pipe or a device is no document: whoever reads one waits, perhaps for ever.
    """
    file = os.fspath(path)
    try:
        mode = Path(path).stat().st_mode
        if not stat.S_ISREG(mode):
            raise FileError("is a folder" if stat.S_ISDIR(mode) else "is no file", file)
        with Path(path).open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise FileError(f"cannot be read ({reason(error)})", file) from error
    return loads(content, library, file)


def save(document: Document, path: str | os.PathLike[str]) -> None:
    """Write a document to a file at once or not at all.

    The file's former content becomes ``NAME.gradwire.bak``.

    Raises `FileError` if it cannot be written; the former file is then untouched.
    """
    try:
        content = dumps(document).encode("utf-8")
    except FileError as error:
        raise FileError(error.message, os.fspath(path), error.place) from error
    write_whole(path, content, keep=True)


def unknown_kinds(document: Document) -> list[str]:
    """Return the kinds of a document that its library does not know, in document order."""
    kinds = dict.fromkeys(node.kind for node in document.nodes.values())
    return [kind for kind in kinds if kind not in document.library]

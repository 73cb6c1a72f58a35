"""Errors of the document, each one sentence that a user can act on.

Tree
----
GradwireError
├── EditError            an edit that does not fit the document
│   └── ConnectError     a connection some rule forbids (``graph.validation.connection_rules``)
│       └── WidthMismatch    widths that do not go together at a port
├── FileError            a file that cannot be read or written: file, place, found, expected
└── (``engine.errors`` adds PlanError, ShapeError, DataError, TrainingError)
"""

from __future__ import annotations


class GradwireError(Exception):
    """Base of every error Gradwire raises on purpose; its text is one sentence for the user."""


class EditError(GradwireError):
    """An edit names something that is not there, or would break the document."""


class ConnectError(EditError):
    """A connection that a rule forbids; the text says why and what to do."""


class WidthMismatch(ConnectError):  # noqa: N818 - named by its reason, as all of its kind
    """Widths that do not go together at ``port``; whoever knows the node adds it."""

    def __init__(self, port: str, message: str) -> None:
        self.port = port
        super().__init__(message)


class FileError(GradwireError):
    """A file that cannot be used.

    Parameters
    ----------
    message : str
        What was found and what was expected, one sentence.
    file : str
        Path as the user gave it; empty for text that came from no file.
    place : str
        Where inside the file: a JSON path (``$.nodes[3].kind``), or a row and column.
    """

    def __init__(self, message: str, file: str = "", place: str = "") -> None:
        self.message, self.file, self.place = message, file, place
        super().__init__(": ".join(part for part in (file, place, message) if part))

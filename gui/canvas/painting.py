"""A painter's state, put back whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPainter


@contextmanager
def saved(painter: QPainter) -> Iterator[None]:
    """Save the painter's state and restore it at the end, also after an error.

    A painter that ends with saved states makes Qt complain, which hides the error itself.
    """
    painter.save()
    try:
        yield
    finally:
        painter.restore()

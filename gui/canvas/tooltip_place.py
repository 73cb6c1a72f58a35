"""Where a tool tip goes: beside the node it explains, over as little of the others as it can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTextDocument

_GAP = 4.0  # pixels between node and tool tip
_FRAME = QSizeF(10.0, 8.0)  # of a tool tip around its text
_SHIFT = QPointF(2.0, 16.0)  # by which Qt shows it off a point, clear of the mouse's arrow
_OUTSIDE = 4.0  # how much worse a part outside the canvas is than one over a node


def place(text: str, node: QRectF, others: Iterable[QRectF], canvas: QRectF) -> QPointF:
    """Return the point to show a tool tip at, so that it covers little of other nodes.

    Parameters
    ----------
    text : str
        Its rich text.
    node, others, canvas : QRectF
        The node it explains, all others in view, and what is seen, widget coordinates.
    """
    document = QTextDocument()
    document.setHtml(text)
    size = document.size() + _FRAME
    near = list(others)
    best = min(_beside(node, size), key=lambda box: _cost(box, near, canvas))
    return best.topLeft() - _SHIFT


def _beside(node: QRectF, size: QSizeF) -> Iterator[QRectF]:
    """Yield the places below, above, right and left of a node; earlier ones are preferred."""
    for x, y in (
        (node.left(), node.bottom() + _GAP),
        (node.left(), node.top() - _GAP - size.height()),
        (node.right() + _GAP, node.top()),
        (node.left() - _GAP - size.width(), node.top()),
    ):
        yield QRectF(QPointF(x, y), size)


def _cost(box: QRectF, others: Iterable[QRectF], canvas: QRectF) -> float:
    outside = _area(box) - _area(box & canvas)
    return sum(_area(box & other) for other in others) + _OUTSIDE * outside


def _area(box: QRectF) -> float:
    return max(box.width(), 0.0) * max(box.height(), 0.0)

"""Titles of nodes, short pieces of text, and the fonts of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPainter, QStaticText

TITLE_SIZE, NUMBER_SIZE, SMALL_SIZE = 12.5, 12.0, 10.5  # pixels at 100 %
_MANY = 20_000


def font(pixels: float, *, strong: bool = False, stretch: int = 100) -> QFont:
    """Return the canvas's font in a size of so many pixels, ``stretch`` per cent as wide."""
    result = QFont(QGuiApplication.font())
    result.setPixelSize(max(round(pixels), 1))
    if stretch != 100:
        result.setStretch(stretch)
    result.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    result.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return result


class Captions:
    """Texts laid out once for a size and drawn again and again."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, int, int, int], QStaticText] = {}

    def draw(
        self, painter: QPainter, text: str, left: float, middle: float, width: float, size: QFont
    ) -> None:
        """Draw a text from ``left``, its middle at ``middle``, shortened to ``width``.

        The painter's font must be ``size``.
        """
        key = (text, size.pixelSize(), size.stretch(), round(width))
        laid = self._texts.get(key)
        if laid is None:
            if len(self._texts) > _MANY:
                self._texts.clear()
            shown = QFontMetricsF(size).elidedText(text, Qt.TextElideMode.ElideRight, width)
            laid = QStaticText(shown)
            laid.setTextFormat(Qt.TextFormat.PlainText)
            laid.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            laid.prepare(font=size)
            self._texts[key] = laid
        top = middle - laid.size().height() / 2
        painter.drawStaticText(QPointF(round(left), round(top)), laid)


def draw_plate(
    painter: QPainter, text: str, center: QPointF, size: QFont, ink: QColor, ground: QColor
) -> QRectF:
    """Draw a text on a small rounded plate and return the plate."""
    metrics = QFontMetricsF(size)
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + metrics.height() * 0.6, metrics.height())
    box.moveCenter(center)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, box.height() * 0.3, box.height() * 0.3)
    painter.setFont(size)
    painter.setPen(ink)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    return box

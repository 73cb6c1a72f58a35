"""A picture button of the start page: picture, title, one sentence."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from gui.documents.example_index import Example
from gui.look import theme

PICTURE = QSize(248, 140)
_MARGIN = 10
_TEXT_HEIGHT = 68


class Card(QAbstractButton):
    """Opens an example when clicked, or by Enter or Space when it has the focus."""

    def __init__(self, example: Example) -> None:
        super().__init__()
        self.example = example
        self.image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setText(example.title)
        self.setAccessibleName(example.title)
        self.setAccessibleDescription(example.sentence)
        self.setToolTip(example.sentence)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def path(self) -> Path:
        """The example's file."""
        return self.example.path

    def set_image(self, image: QImage) -> None:
        """Show a picture."""
        self.image = image
        self.update()

    def sizeHint(self) -> QSize:
        """Return the one size of all cards."""
        return QSize(PICTURE.width() + 2, PICTURE.height() + _TEXT_HEIGHT)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the frame of the card under the mouse."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame, the picture and the texts."""
        colors = theme.of(self.palette())
        active = self.hasFocus() or self.underMouse()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            width = 2 if active else 1
            painter.setPen(QPen(QColor(colors.accent if active else colors.border), width))
            painter.setBrush(QColor(colors.surface))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
            place = QRect(2, 2, self.width() - 4, PICTURE.height())
            if self.image is None:
                painter.setPen(QColor(colors.muted))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "…")
            else:
                painter.drawImage(place, self.image)
            self._draw_texts(painter, colors)

    def _draw_texts(self, painter: QPainter, colors: theme.Theme) -> None:
        width = self.width() - 2 * _MARGIN
        top = PICTURE.height() + 8
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(colors.text))
        line = painter.fontMetrics().height()
        title = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(_MARGIN, top, width, line), Qt.AlignmentFlag.AlignLeft, title)
        font.setBold(False)
        font.setPointSizeF(font.pointSizeF() * 0.9)
        painter.setFont(font)
        painter.setPen(QColor(colors.muted))
        small = painter.fontMetrics()
        place = QRect(_MARGIN, top + line + 2, width, 2 * small.lineSpacing())
        text = small.elidedText(
            self.example.sentence, Qt.TextElideMode.ElideRight, int(1.8 * width)
        )
        painter.drawText(place, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft, text)

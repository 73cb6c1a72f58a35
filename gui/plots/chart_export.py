"""Charts as files: a picture, a drawing, or the numbers."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QGraphicsView, QMenu, QToolButton

from engine.arrays.aliases import Array
from graph.errors import FileError
from graph.files.whole_file import write_whole

PlottedSeries: TypeAlias = Mapping[str, tuple[Array, Array]]
_SHARPNESS = 2  # picture pixels per screen pixel


def save_png(chart: QGraphicsView, path: Path) -> None:
    """Write what a chart shows as a picture, twice as fine as on the screen; raises `FileError`."""
    image = QImage(chart.size() * _SHARPNESS, QImage.Format.Format_ARGB32)
    image.fill(_background(chart))
    with QPainter(image) as painter:
        _render(chart, painter, image.size())
    drawn = QBuffer()
    drawn.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(drawn, QByteArray(b"png")).write(image)
    write_whole(path, bytes(drawn.data().data()))


def save_svg(chart: QGraphicsView, path: Path) -> None:
    """Write what a chart shows as a scalable drawing; raises `FileError`."""
    generator, drawn = QSvgGenerator(), QBuffer()
    drawn.open(QIODevice.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(drawn)
    generator.setSize(chart.size())
    generator.setViewBox(QRectF(0, 0, chart.width(), chart.height()))
    with QPainter(generator) as painter:
        painter.fillRect(QRectF(0, 0, chart.width(), chart.height()), _background(chart))
        _render(chart, painter, chart.size())
    write_whole(path, bytes(drawn.data().data()))


def save_csv(curves: PlottedSeries, path: Path) -> None:
    """Write curves as a table: one row for each (curve, x, y); raises `FileError`."""
    rows: list[Sequence[object]] = [("curve", "x", "y")]
    for name, (x, y) in curves.items():
        rows += [(name, a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    save_table(rows, path)


def save_table(rows: Iterable[Sequence[object]], path: Path) -> None:
    """Write rows, the header first, as a table; raises `FileError`."""
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    write_whole(path, text.getvalue().encode())


class TableExportButton(QToolButton):
    """A button that saves a table as CSV; ``failed`` takes the sentence if it cannot."""

    def __init__(
        self, rows: Callable[[], Iterable[Sequence[object]]], failed: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._rows, self._failed = rows, failed
        self.setText("Export")
        self.setToolTip("Save this table as numbers (CSV), all digits of them")
        self.clicked.connect(self._ask)

    def save(self, path: Path) -> None:
        """Write the table."""
        try:
            save_table(self._rows(), path)
        except FileError as error:
            self._failed(str(error))

    def _ask(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export", "table.csv", "*.csv")
        if name:
            self.save(Path(name))


class ExportButton(QToolButton):
    """A button whose menu saves a chart as PNG or SVG, or its curves as CSV.

    ``failed`` takes the sentence if a file cannot be written.
    """

    def __init__(
        self,
        chart: Callable[[], QGraphicsView],
        curves: Callable[[], PlottedSeries],
        failed: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._chart, self._curves, self._failed = chart, curves, failed
        self.setText("Export")
        self.setToolTip("Save this chart as a picture, a drawing or numbers")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for title, suffix in (("Picture", "png"), ("Drawing", "svg"), ("Numbers", "csv")):
            menu.addAction(f"{title} ({suffix.upper()})…", partial(self._ask, suffix))
        self.setMenu(menu)

    def save(self, path: Path) -> None:
        """Write the chart in the format that the file name's ending names."""
        try:
            match path.suffix.lower():
                case ".svg":
                    save_svg(self._chart(), path)
                case ".csv":
                    save_csv(self._curves(), path)
                case _:
                    save_png(self._chart(), path)
        except FileError as error:
            self._failed(str(error))

    def _ask(self, suffix: str) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Export chart", f"chart.{suffix}", f"*.{suffix}"
        )
        if name:
            self.save(Path(name).with_suffix(f".{suffix}"))


def _background(chart: QGraphicsView) -> QColor:
    return chart.backgroundBrush().color()


def _render(chart: QGraphicsView, painter: QPainter, size: QSize) -> None:
    scene = chart.scene()
    source = QRectF(chart.viewport().rect())
    scene.render(painter, QRectF(0, 0, size.width(), size.height()), source)

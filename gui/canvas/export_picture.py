"""Pictures of a document without a window: images, and SVG and PDF made of shapes.

Works on the ``offscreen`` platform; makes an application of its own if there is none.
"""

from __future__ import annotations

import math
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QApplication

from engine.arrays.aliases import Array
from graph.files.whole_file import write_whole
from graph.model.document import Document
from gui.canvas.geometry.camera import Camera, Rect, fitted
from gui.canvas.geometry.shapes import FRAME_MARGIN
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.model.node_parameters import NodeParameters, picture_rows
from gui.canvas.scene import Scene
from gui.canvas.vector_painter import draw_as_shapes
from gui.look.edge_quantity import EdgeQuantity
from gui.look.theme import LIGHT, Theme

if TYPE_CHECKING:
    from engine.interpreter.probe import Probe

_EDGES = 30_000  # a picture may take longer than a frame
_MARGIN = 0.06  # of the smaller side, at least so much is left free
_BORDER = 30.0  # scene units around an exported graph
_PIXELS = 2.0  # of a PNG per scene unit
_LARGEST = 16_000  # pixels of a side
_POINTS = 0.75  # PDF points per scene unit


def prepared(
    document: Document, readings: Probe | None = None, shown: EdgeQuantity = "weight"
) -> Scene:
    """Return a document's scene, to be drawn once; in any thread, as nothing is painted yet.

    Parameters
    ----------
    document, readings, shown
        What is drawn: numbers if there are any, and what colours the wires.
    """
    scene = Scene(document)
    scene.budget.edges = _EDGES
    scene.take_readings(readings, shown)
    parameters = NodeParameters()
    shown_in = document, scene.arrays, readings, partial(_stored, document)
    widths = {row: len(s) for row, s in scene.shading.strips.items()}
    matrices = parameters.matrices(*shown_in, widths)
    scene.take_parameters(parameters.read(*shown_in), matrices)
    scene.pictures = picture_rows(document, scene.arrays, widths)
    scene.highlights.marks.widths = widths
    return scene


def _stored(document: Document, name: str) -> Array | None:
    tensor = document.parameters.get(name)
    return None if tensor is None else np.array(tensor.numbers()).reshape(tensor.shape)


def picture(scene: Scene, size: QSize, theme: Theme = LIGHT, *, ratio: float = 1.0) -> QImage:
    """Return a picture of a whole scene in a given size.

    Parameters
    ----------
    size : QSize
        In logical pixels; the image has ``ratio`` times as many.
    theme : Theme
        Its colours.
    """
    margin = _MARGIN * min(size.width(), size.height())
    bounds = extent(scene)
    camera = fitted(bounds, size.width(), size.height(), margin) if bounds else Camera()
    return _image(scene, Viewport(camera, size.width(), size.height(), ratio, theme))


def write(
    document: Document,
    path: Path,
    form: str,
    readings: Probe | None = None,
    theme: Theme = LIGHT,
    *,
    shown: EdgeQuantity = "weight",
) -> None:
    """Write the whole document as a picture of its size.

    Parameters
    ----------
    form : str
        ``png`` (two pixels per scene unit), ``svg`` or ``pdf`` (one page).

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    if QGuiApplication.instance() is None:  # fonts and pixmaps need one
        _own_application()
    scene = prepared(document, readings, shown)
    drawn = QBuffer()
    drawn.open(QIODevice.OpenModeFlag.WriteOnly)
    _WRITERS[form](scene, _whole(scene, theme), drawn)
    write_whole(path, bytes(drawn.data().data()))


def _write_png(scene: Scene, view: Viewport, drawn: QBuffer) -> None:
    ratio = min(_PIXELS, _LARGEST / max(view.width, view.height))
    image = _image(scene, Viewport(view.camera, view.width, view.height, ratio, view.theme))
    QImageWriter(drawn, QByteArray(b"png")).write(image)


def _write_svg(scene: Scene, view: Viewport, drawn: QBuffer) -> None:
    from PySide6.QtSvg import QSvgGenerator

    writer = QSvgGenerator()
    writer.setOutputDevice(drawn)
    writer.setTitle(scene.document.title)
    writer.setSize(QSize(math.ceil(view.width), math.ceil(view.height)))
    writer.setViewBox(QRectF(0, 0, view.width, view.height))
    with QPainter(writer) as painter:
        draw_as_shapes(painter, view, scene)


def _write_pdf(scene: Scene, view: Viewport, drawn: QBuffer) -> None:
    writer = QPdfWriter(drawn)
    writer.setTitle(scene.document.title)
    writer.setCreator("Gradwire")
    points = QSizeF(view.width * _POINTS, view.height * _POINTS)
    writer.setPageSize(QPageSize(points, QPageSize.Unit.Point))
    writer.setPageMargins(QMarginsF())
    with QPainter(writer) as painter:
        factor = writer.width() / view.width
        painter.scale(factor, factor)
        draw_as_shapes(painter, view, scene)


_WRITERS = {"png": _write_png, "svg": _write_svg, "pdf": _write_pdf}


def extent(scene: Scene) -> Rect | None:
    """Return the rectangle around all nodes, frames and comments; None if there is nothing."""
    groups = scene.document.groups
    inner = scene.arrays.bounds(margin=FRAME_MARGIN if groups else 0.0)
    rects = [inner] if inner else []
    for comment in scene.document.comments:
        x, y, width, height = comment.rect
        rects.append((x, y, x + width, y + height))
    if not rects:
        return None
    lefts, tops, rights, bottoms = zip(*rects, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _whole(scene: Scene, theme: Theme) -> Viewport:
    """Return the view that shows everything at 100 %."""
    left, top, right, bottom = extent(scene) or (0.0, 0.0, 200.0, 100.0)
    camera = Camera(1.0, _BORDER - left, _BORDER - top)
    return Viewport(camera, right - left + 2 * _BORDER, bottom - top + 2 * _BORDER, 1.0, theme)


def _image(scene: Scene, view: Viewport) -> QImage:
    width, height = math.ceil(view.width * view.ratio), math.ceil(view.height * view.ratio)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(view.ratio)
    with QPainter(image) as painter:
        scene.draw(painter, view, grid=False, legend=False, exact=True)
    return image


@cache
def _own_application() -> QGuiApplication:
    return QApplication(["gradwire", "-platform", "offscreen"])

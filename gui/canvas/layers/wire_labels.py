"""Numbers written on the wires, and parameters under the nodes, when there is room."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from engine.arrays.aliases import Array
from gui.canvas.geometry.shapes import HEIGHT, WIDTH, RowIndices, along, ranks
from gui.canvas.layers.captions import SMALL_SIZE, draw_plate, font
from gui.canvas.layers.digit_glyphs import text
from gui.canvas.layers.level_of_detail import LEAST_TEXT, WRITTEN_WEIGHTS, Viewport
from gui.canvas.layers.matrix_pictures import Matrices, WirePicture
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.node_parameters import NodeParameter
from gui.canvas.model.number_colors import Shading
from gui.look.edge_quantity import EDGE_MODES, EdgeQuantity


class NumberPlace(NamedTuple):
    """Where a wire's number stands, and whether its name does too."""

    row: int
    at: QPointF
    is_named: bool = True


class Note(NamedTuple):
    """A line under a node: its text, the room it can need, and its middle on the widget."""

    text: str
    room: float
    x: float
    y: float


_MOST = 160  # more wires than this carry no numbers
_PLACES = (0.3, 0.42, 0.54, 0.66, 0.36, 0.48, 0.6)  # along the wire, by rank at its source
_OTHER_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.15, 0.85)  # where else it may go
_CLEAR = 2.0  # pixels between a number and a node
_WIDEST, _BETWEEN = "−0.0000", "   "
_PLATE = 8.0  # pixels of the plate beside a number
_WIDER = 1.25  # how much wider than a node a line under it may be
_LARGEST = 1.8  # times the usual size of a number
_ENLARGED = 1.3  # times that, for a projector
_NARROW = 90  # per cent of the usual width, from afar
_HIGH, _LEAST = 44.0, 5.0  # height of a matrix at most, scene units; pixels of a side at least


class Tags:
    """Chooses where the tags go, keeps that while nothing moves, and draws them.

    Attributes
    ----------
    pictures : list of WirePicture
        The matrices that were drawn last.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._places: list[NumberPlace] = []
        self._boxes: dict[int, QRectF] = {}
        self._names: list[tuple[str, QPointF]] = []
        self.pictures: list[WirePicture] = []

    def draw(
        self,
        painter: QPainter,
        view: Viewport,
        arrays: Arrays,
        shading: Shading,
        rows: RowIndices,
        parameters: Mapping[int, Sequence[NodeParameter]],
        widths: Mapping[int, int],
        matrices: Matrices,
    ) -> None:
        """Draw the numbers and matrices of these edges, and the parameters by node row."""
        self.pictures = []
        if view.camera.scale < WRITTEN_WEIGHTS or len(rows) > _MOST:
            return
        pixels = max(SMALL_SIZE * min(view.camera.scale, _LARGEST), LEAST_TEXT) * min(
            view.larger, _ENLARGED
        )
        size = font(pixels, stretch=_NARROW if view.narrow else 100)
        theme = view.theme
        ground = QColor(theme.background)
        ground.setAlphaF(0.86)
        notes = parameter_notes(view, arrays, parameters, QFontMetricsF(size))
        shown = matrices_shown(shading, matrices)
        shapes = {row: numbers.shape for row, (_, numbers) in shown.items()}
        self._place(view, arrays, shading, rows, QFontMetricsF(size), notes, widths, shapes)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, center, is_named in self._places:
            written = wire_text(arrays, shading, row, widths, named=is_named)
            draw_plate(painter, written, center, size, QColor(theme.text), ground)
        for name, center in self._names:
            draw_plate(painter, name, center, size, QColor(theme.muted), ground)
        for note in notes:
            at = QPointF(note.x, note.y)
            draw_plate(painter, note.text, at, size, QColor(theme.muted), ground)
        self.pictures = [WirePicture(row, *shown[row], box) for row, box in self._boxes.items()]
        for picture in self.pictures:
            picture.draw(painter, view, shading.scales)

    def _place(
        self,
        view: Viewport,
        arrays: Arrays,
        shading: Shading,
        rows: RowIndices,
        metrics: QFontMetricsF,
        notes: Sequence[Note],
        widths: Mapping[int, int],
        shapes: Mapping[int, tuple[int, ...]],
    ) -> None:
        written = rows[~np.isnan(shading.wire[rows]) & ~arrays.bundled(rows)]
        taken = tuple((note.x, note.y, note.room) for note in notes)
        chosen = shading.shown, tuple(widths), tuple(shapes.items())
        key = (view, arrays.version, written.tobytes(), taken, *chosen)
        if key != self._key:
            room = [label_room(arrays, shading, row, widths, metrics) for row in written.tolist()]
            self._places = free_places(view, arrays, written, metrics, room, taken)
            both = dict(zip(written.tolist(), room, strict=True))
            full = [(at.x(), at.y(), both[row][int(on)] + _PLATE) for row, at, on in self._places]
            unnamed = [
                (_mark(arrays, shading, row, widths, named=True).strip(), at)
                for row, at, named in self._places
                if not (named or _mark(arrays, shading, row, widths, named=False))
            ]
            self._names = stacked_names(view, arrays, metrics, unnamed, [*taken, *full])
            plates = {row: width for row, (_, width) in both.items()}
            self._boxes = picture_boxes(view, arrays, self._places, plates, shapes, metrics, taken)
            self._key = key


def free_places(
    view: Viewport,
    arrays: Arrays,
    rows: RowIndices,
    metrics: QFontMetricsF,
    room: Sequence[tuple[float, float]] = (),
    taken: Iterable[tuple[float, float, float]] = (),
) -> list[NumberPlace]:
    """Return where on these wires numbers can be read: beside nodes and each other.

    Wires without such a place are left out. ``room`` is how wide each number is alone and with
    its name, that of a single number by default; ``taken`` are middles and widths of what is
    written elsewhere. Every number that can be written is, then names are as far as they fit.
    """
    if not len(rows):
        return []
    first = np.array(_PLACES)[ranks(arrays.source[rows]) % len(_PLACES)]
    t = np.column_stack([first, np.tile(_OTHER_PLACES, (len(rows), 1))])
    camera = view.camera
    points = along(arrays.control[rows], t) * camera.scale + (camera.tx, camera.ty)
    number = metrics.horizontalAdvance(_WIDEST)
    widths = np.array(room or [(number, number)] * len(rows)) + _PLATE
    height = metrics.height()
    full = [(x, y, width + _PLATE) for x, y, width in taken]
    alone, named = (
        _beside_nodes(view, arrays, points, widths[:, column], height) for column in (0, 1)
    )
    found: dict[int, tuple[float, float, float]] = {}
    for place, row in enumerate(rows.tolist()):
        others = [*full, *found.values()]
        spots = itertools.compress(points[place].tolist(), alone[place])
        if at := _free(spots, widths[place, 0], height, others):
            found[row] = at
    for place, row in enumerate(rows.tolist()):
        if row in found and widths[place, 1] > widths[place, 0]:
            others = [*full, *(at for other, at in found.items() if other != row)]
            spots = itertools.compress(points[place].tolist(), named[place])
            found[row] = _free(spots, widths[place, 1], height, others) or found[row]
    with_name = dict(zip(rows.tolist(), widths[:, 1].tolist(), strict=True))
    return [
        NumberPlace(row, QPointF(x, y), width == with_name[row])
        for row, (x, y, width) in found.items()
    ]


def stacked_names(
    view: Viewport,
    arrays: Arrays,
    metrics: QFontMetricsF,
    unnamed: Iterable[tuple[str, QPointF]],
    taken: Sequence[tuple[float, float, float]],
) -> list[tuple[str, QPointF]]:
    """Return names that find no room beside their numbers, over or under them, and their middles.

    ``unnamed`` are names and the middles of the numbers, ``taken`` is all that is written.
    """
    height, full, found = metrics.height(), list(taken), []
    for name, at in unnamed:
        room = metrics.horizontalAdvance(name) + _PLATE
        spots = np.array([[(at.x(), at.y() + side * (height + 0.5)) for side in (-1, 1)]])
        free = _beside_nodes(view, arrays, spots, np.array([room]), height)[0]
        spot = _free(itertools.compress(spots[0].tolist(), free), room, height, full)
        if name and spot:
            full.append(spot)
            found.append((name, QPointF(*spot[:2])))
    return found


def _beside_nodes(
    view: Viewport, arrays: Arrays, points: Array, widths: Array, height: float
) -> NDArray[np.bool_]:
    """Tell of each point (rows, places, 2) whether a text of its row's width hides no node."""
    camera = view.camera
    half = np.array([WIDTH, HEIGHT]) / 2 * camera.scale + _CLEAR
    reach = half + np.column_stack([widths / 2, np.full(len(widths), height / 2)])
    nodes = arrays.position * camera.scale + (camera.tx, camera.ty)
    most = reach.max(axis=0)
    low, high = points.min(axis=(0, 1)) - most, points.max(axis=(0, 1)) + most
    nodes = nodes[((nodes > low) & (nodes < high)).all(axis=1)]
    gap = np.abs(points[:, :, None] - nodes)
    free: NDArray[np.bool_] = ~(gap < reach[:, None, None]).all(axis=3).any(axis=2)
    return free


def _free(
    spots: Iterable[Sequence[float]],
    width: float,
    height: float,
    others: Sequence[tuple[float, float, float]],
) -> tuple[float, float, float] | None:
    """Return the first spot at which a text hides no other: its middle and width."""
    for x, y in spots:
        if all(abs(x - a) >= (width + w) / 2 or abs(y - b) >= height for a, b, w in others):
            return x, y, width
    return None


def matrices_shown(shading: Shading, matrices: Matrices) -> dict[int, tuple[str, Array]]:
    """Return by edge row which matrix a wire shows, W or ∂E/∂W, and its numbers if known."""
    if shading.shown == "weight":
        return {row: ("W", one.value) for row, one in matrices.items()}
    if shading.shown != "gradient":
        return {}
    slopes = {row: one.gradient for row, one in matrices.items()}
    return {row: ("∂E/∂W", slope) for row, slope in slopes.items() if slope is not None}


def picture_boxes(
    view: Viewport,
    arrays: Arrays,
    places: Sequence[NumberPlace],
    room: Mapping[int, float],
    shapes: Mapping[int, tuple[int, ...]],
    metrics: QFontMetricsF,
    taken: Iterable[tuple[float, float, float]] = (),
) -> dict[int, QRectF]:
    """Return where matrices are drawn: over or under their wires' numbers, no wider than these.

    Those that would hide a node or a number are left out. ``places`` are middles of the numbers,
    ``room`` their widths, ``shapes`` those of the matrices, by edge row; ``taken`` is what is
    written elsewhere.
    """
    full = [(at.x(), at.y(), room[row]) for row, at, _ in places] + list(taken)
    found = {}
    for row, at, _ in places:
        if row in shapes:
            box = _picture_box(view, arrays, at, shapes[row], room[row], metrics, full)
            if box is not None:
                found[row] = box
    return found


def _picture_box(
    view: Viewport,
    arrays: Arrays,
    at: QPointF,
    shape: tuple[int, ...],
    room: float,
    metrics: QFontMetricsF,
    taken: Sequence[tuple[float, float, float]],
) -> QRectF | None:
    rows, columns = shape
    line, scale = metrics.height(), view.camera.scale
    unit = min((room + _PLATE) / columns, _HIGH * scale / rows)
    across, down = max(columns * unit, _LEAST), max(rows * unit, _LEAST)
    nodes = arrays.position[arrays.shown] * scale + (view.camera.tx, view.camera.ty)
    full = np.array([(x, y) for x, y, _ in taken]).reshape(-1, 2)
    widths = np.array([width for _, _, width in taken])
    for side in (-1, 1):
        middle = (at.x(), at.y() + side * (line + down + _CLEAR) / 2)
        gap = np.abs(nodes - middle) - np.array([WIDTH, HEIGHT]) / 2 * scale
        beside = np.abs(full - middle)
        hidden = (beside[:, 0] < (widths + across) / 2) & (beside[:, 1] < (line + down) / 2)
        if not (gap < (across / 2, down / 2)).all(axis=1).any() and not hidden.any():
            return QRectF(middle[0] - across / 2, middle[1] - down / 2, across, down)
    return None


def parameter_notes(
    view: Viewport,
    arrays: Arrays,
    parameters: Mapping[int, Sequence[NodeParameter]],
    metrics: QFontMetricsF,
) -> list[Note]:
    """Return what is written under nodes in view, and where its middle is.

    A parameter and its derivative stand in one line if that is no wider than the node, else in two.
    """
    notes = []
    for row, several in parameters.items():
        x, y = _below(view, arrays, row)
        if arrays.shown[row] and -WIDTH < x < view.width + WIDTH and 0 < y < view.height + HEIGHT:
            for line, room in _lines(several, WIDTH * _WIDER * view.camera.scale, metrics):
                notes.append(Note(line, room, x, y))
                y += metrics.height()
    return notes


def _lines(
    several: Sequence[NodeParameter], most: float, metrics: QFontMetricsF
) -> list[tuple[str, float]]:
    """Return the lines of some parameters and the room each can need, whatever its numbers are."""
    lines = []
    for parameter in several:
        parts = [
            (f"{a} {b}", metrics.horizontalAdvance(f"{a} {_WIDEST}"))
            for a, b in parameter.parts(text)
        ]
        gap = metrics.horizontalAdvance(_BETWEEN) * (len(parts) - 1)
        room = sum(width for _, width in parts) + gap
        one = (_BETWEEN.join(text_ for text_, _ in parts), room)
        lines += [one] if parts and room <= most else parts
    return lines


def _below(view: Viewport, arrays: Arrays, row: int) -> tuple[float, float]:
    """Return the middle of the first line under a node, widget coordinates."""
    x, y = view.camera.to_widget(*arrays.position[row])
    below = max(10.0 * view.camera.scale, LEAST_TEXT * 0.75)
    return x, y + HEIGHT / 2 * view.camera.scale + below


def wire_text(
    arrays: Arrays, shading: Shading, row: int, widths: Mapping[int, int], *, named: bool = True
) -> str:
    """Return what is written on a wire: its number, and of what if that is not clear."""
    mark = _mark(arrays, shading, row, widths, named=named)
    return f"{mark}{text(float(shading.wire[row]))}".strip()


def _mark(
    arrays: Arrays, shading: Shading, row: int, widths: Mapping[int, int], *, named: bool
) -> str:
    """Return what stands before a wire's number: of a vector or matrix what it is, or a name."""
    label = arrays.labels[row] if named and shading.shown == "weight" else ""
    if is_wide(arrays, shading.shown, row, widths):
        return f"‖{label}‖ " if label else f"{EDGE_MODES[shading.shown].mark} "
    return f"{label} " if label else ""


def is_wide(arrays: Arrays, shown: EdgeQuantity, row: int, widths: Mapping[int, int]) -> bool:
    """Tell whether what a wire shows is a vector or a matrix."""
    ends = (arrays.source, arrays.target) if shown in ("weight", "gradient") else (arrays.source,)
    return any(widths.get(int(end[row]), 1) > 1 for end in ends)


def any_wide(arrays: Arrays, shading: Shading, widths: Mapping[int, int]) -> bool:
    """Tell whether some wire shows a vector or a matrix: see `is_wide`."""
    wide = np.zeros(len(arrays.nodes) + 1, bool)
    wide[[row for row, width in widths.items() if width > 1]] = True
    found = wide[arrays.source]
    if shading.shown in ("weight", "gradient"):
        found = found | wide[arrays.target]
    return bool((found & ~np.isnan(shading.wire)).any())


def label_room(
    arrays: Arrays, shading: Shading, row: int, widths: Mapping[int, int], metrics: QFontMetricsF
) -> tuple[float, float]:
    """Return how wide the number of a wire can become, alone and with its name."""
    alone, named = (
        metrics.horizontalAdvance(f"{_mark(arrays, shading, row, widths, named=on)}{_WIDEST}")
        for on in (False, True)
    )
    return alone, named


def draw_port_name(painter: QPainter, view: Viewport, arrays: Arrays, node: str, port: str) -> None:
    """Write a port's name to the left of it."""
    x, y = view.camera.to_widget(*arrays.input_port(arrays.node_row[node], port))
    size = font(SMALL_SIZE + 1)
    across = QFontMetricsF(size).horizontalAdvance(port)
    center = QPointF(x - across / 2 - 16, y)
    draw_plate(painter, port, center, size, QColor(view.theme.text), QColor(view.theme.plate))

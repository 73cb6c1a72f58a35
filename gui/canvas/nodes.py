"""The nodes: boxes from afar, bars at a distance, symbols, numbers and strips from near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from gui import theme as colors
from gui.canvas import bodies
from gui.canvas.arrays import Arrays
from gui.canvas.batches import draw_rects
from gui.canvas.bodies import Sheet
from gui.canvas.captions import NUMBER_SIZE, SMALL_SIZE, TITLE_SIZE, Captions, font
from gui.canvas.detail import Detail, View
from gui.canvas.geometry import HEADER, HEIGHT, PORT_RADIUS, WIDTH, Floats, Rows
from gui.canvas.glyphs import GlyphSheet, codes
from gui.canvas.shading import Numbers, Shading
from gui.theme import UNKNOWN, Theme

_REACH = (WIDTH / 2 + 10, HEIGHT / 2 + 10)
LABEL_LEFT, NUMBER_LEFT = -13.0, -1.0  # left edges of "δ" and its number, from the centre
LINES = {3: (-3.5, 12.0, 27.5), 2: (3.0, 21.0)}  # heights of the lines of numbers
STRIP = QRectF(-1.0, -7.5, WIDTH / 2 - 8, 15.0)
_NUMBERS_FROM = 0.6  # scale from which numbers can be read
STATES = ("hovered", "selected", "warning", "error", "good", "bad")


@dataclass(slots=True)
class Marks:
    """What sets nodes apart: rows by state (see `STATES`), and the widths of their values."""

    states: dict[str, Rows] = field(default_factory=dict)
    widths: Mapping[int, int] = field(default_factory=dict)
    dimmed: NDArray[np.bool_] | None = None


class NodeLayer:
    """Draws the nodes; keeps parts painted for the present zoom."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._sheets: dict[str, Sheet] = {}
        self._cells: dict[str, dict[Any, int]] = {}
        self._glyphs: GlyphSheet | None = None
        self._captions = Captions()
        self._codes: dict[str, tuple[int, dict[Any, int], NDArray[np.intp]]] = {}

    def visible(self, view: View, arrays: Arrays) -> Rows:
        """Return the rows of nodes in view."""
        left, top, right, bottom = view.scene
        x, y = arrays.position[:, 0], arrays.position[:, 1]
        across, down = _REACH
        return np.flatnonzero(
            (x > left - across) & (x < right + across) & (y > top - down) & (y < bottom + down)
        )

    def draw(
        self, painter: QPainter, view: View, arrays: Arrays, shading: Shading, marks: Marks
    ) -> None:
        """Draw the nodes in view, selected ones over the others."""
        rows = self.visible(view, arrays)
        if not len(rows):
            return
        painter.save()
        painter.scale(1 / view.ratio, 1 / view.ratio)
        if view.detail is Detail.FAR:
            _draw_far(painter, view, arrays, shading, marks, rows)
        else:
            self._prepare(view, arrays)
            raised = np.isin(rows, marks.states.get("selected", []))
            for part in (rows[~raised], rows[raised]):
                if len(part):
                    self._draw_rows(painter, view, arrays, shading, marks, part)
        painter.restore()

    def _draw_rows(
        self,
        painter: QPainter,
        view: View,
        arrays: Arrays,
        shading: Shading,
        marks: Marks,
        rows: Rows,
    ) -> None:
        x, y = _pixels(view, arrays.position[rows])
        unit, sheets = view.pixels, self._sheets
        sheets["bodies"].draw(painter, self._which("bodies", arrays.groups, arrays)[rows], x, y)
        for state, marked in marks.states.items():
            inside = np.isin(rows, marked)
            if inside.any():
                sheets["outlines"].draw(painter, STATES.index(state), x[inside], y[inside])
        if view.detail is Detail.MID:
            sheets["values"].draw(painter, shading.value_keys[rows].astype(np.intp), x, y)
            sheets["deltas"].draw(painter, shading.delta_keys[rows].astype(np.intp), x, y)
            return
        center = x + bodies.DISC.x() * unit, y + bodies.DISC.y() * unit
        sheets["rings"].draw(painter, shading.delta_keys[rows].astype(np.intp), *center)
        sheets["discs"].draw(painter, shading.value_keys[rows].astype(np.intp), *center)
        signs = self._which("symbols", arrays.symbols, arrays)[rows] * 3
        signs += _ink_kinds(view.theme)[shading.value_keys[rows]]
        sheets["symbols"].draw(painter, signs, *center)
        self._draw_ports(painter, view, arrays, rows)
        self._draw_titles(painter, view, arrays, marks, rows)
        if view.camera.scale >= _NUMBERS_FROM:
            self._draw_numbers(painter, view, shading, rows, x, y)
        self._draw_strips(painter, view, arrays, shading, rows)

    # -- parts --------------------------------------------------------------------------------

    def _draw_ports(self, painter: QPainter, view: View, arrays: Arrays, rows: Rows) -> None:
        points = [arrays.output_port(row) for row in rows.tolist() if arrays.output[row]]
        for row in rows.tolist():
            points.extend(arrays.input_port(row, port) for port in arrays.ports[row])
        if points:
            self._sheets["ports"].draw(painter, 0, *_pixels(view, np.array(points)))

    def _draw_titles(
        self, painter: QPainter, view: View, arrays: Arrays, marks: Marks, rows: Rows
    ) -> None:
        unit = view.pixels
        size, small = font(TITLE_SIZE * unit, strong=True), font(SMALL_SIZE * unit)
        x, y = _pixels(view, arrays.position[rows])
        left, middle = x - (WIDTH / 2 - 10) * unit, y - (HEIGHT / 2 - HEADER / 2) * unit
        painter.setPen(QColor(view.theme.text))
        painter.setFont(size)
        wide = [marks.widths.get(row, 1) > 1 for row in rows.tolist()]
        for row, badge, tx, ty in zip(rows.tolist(), wide, left, middle, strict=True):
            room = (WIDTH - 20 - (34 if badge else 0)) * unit
            self._captions.draw(painter, arrays.titles[row], tx, ty, room, size)
        painter.setPen(QColor(view.theme.muted))
        painter.setFont(small)
        for place in np.flatnonzero(wide).tolist():
            text = f"×{marks.widths[int(rows[place])]}"
            at = left[place] + (WIDTH - 50) * unit
            self._captions.draw(painter, text, at, middle[place], 40 * unit, small)

    def _draw_numbers(
        self, painter: QPainter, view: View, shading: Shading, rows: Rows, x: Floats, y: Floats
    ) -> None:
        vector = np.isin(rows, list(shading.strips))
        three = ~np.isnan(shading.net[rows])
        lines: list[tuple[str, Numbers, Rows, float]] = []
        for chosen, names in ((three, ("s", "z", "δ")), (~three, ("z", "δ"))):
            place = np.flatnonzero(chosen & ~vector)
            for name, height in zip(names, LINES[len(names)], strict=True):
                numbers = {"s": shading.net, "z": shading.value, "δ": shading.delta}[name]
                lines.append((name, numbers[rows[place]], place, height))
        place = np.flatnonzero(vector)
        lines += [
            (name, np.full(len(place), np.nan), place, height)
            for name, height in zip(("z", "δ"), LINES[2], strict=True)
        ]
        if self._glyphs is None or not lines:
            return
        unit = view.pixels
        painter.setPen(QColor(view.theme.muted))
        size = font(NUMBER_SIZE * unit)
        painter.setFont(size)
        for name, _, place, height in lines:
            for at in place.tolist():
                self._captions.draw(
                    painter, name, x[at] + LABEL_LEFT * unit, y[at] + height * unit, 20 * unit, size
                )
        numbers = np.concatenate([line[1] for line in lines])
        places = np.concatenate([line[2] for line in lines])
        heights = np.concatenate([np.full(len(line[2]), line[3]) for line in lines])
        self._glyphs.draw(
            painter, codes(numbers), x[places] + NUMBER_LEFT * unit, y[places] + heights * unit
        )

    def _draw_strips(
        self, painter: QPainter, view: View, arrays: Arrays, shading: Shading, rows: Rows
    ) -> None:
        theme = view.theme
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        for row in rows.tolist():
            for strips, diverging, scale, height in (
                (shading.strips, theme.values, shading.value_scale, LINES[2][0]),
                (shading.delta_strips, theme.gradients, shading.delta_scale, LINES[2][1]),
            ):
                if row in strips:
                    box = _box(view, arrays.position[row], STRIP.translated(0, height))
                    painter.drawImage(box, strip_image(strips[row], diverging, scale))

    # -- sheets -------------------------------------------------------------------------------

    def _prepare(self, view: View, arrays: Arrays) -> None:
        groups = tuple(dict.fromkeys(arrays.groups))
        near = view.detail is Detail.NEAR
        signs = tuple(dict.fromkeys(arrays.symbols)) if near else ()
        key = (view.theme.name, view.pixels, near, groups, signs)
        if key == self._key:
            return
        self._key = key
        theme, unit = view.theme, view.pixels
        self._cells = {"bodies": _numbered(groups), "symbols": _numbered(signs)}
        self._codes.clear()
        boxes = [bodies.body(theme, theme.group(name), shadow=near) for name in groups]
        self._sheets = {
            "bodies": Sheet(boxes, _REACH, unit),
            "outlines": Sheet(_outlines(theme), _REACH, unit),
        }
        values, deltas = colors.colors(theme.values), colors.colors(theme.gradients)
        if not near:
            values[UNKNOWN] = deltas[UNKNOWN] = QColor(theme.grid)
            self._sheets["values"] = Sheet([bodies.value_bar(c) for c in values], _REACH, unit)
            self._sheets["deltas"] = Sheet([bodies.delta_bar(c) for c in deltas], _REACH, unit)
            return
        round_ = (bodies.DISC_RADIUS + 6,) * 2
        edge = colors.mixed(theme.surface, theme.text, 0.12)
        deltas[UNKNOWN] = QColor(theme.surface)
        port = bodies.port(QColor(theme.background), QColor(theme.frame))
        inks = (QColor("#0c0e12"), QColor("#ffffff"), QColor(theme.text))
        self._sheets |= {
            "discs": Sheet([bodies.disc(color, edge) for color in values], round_, unit),
            "rings": Sheet([bodies.ring(color) for color in deltas], round_, unit),
            "ports": Sheet([port], (PORT_RADIUS + 2,) * 2, unit),
            "symbols": Sheet(
                [bodies.symbol(sign, ink, font(17, strong=True)) for sign in signs for ink in inks],
                round_,
                unit,
            ),
        }
        self._glyphs = GlyphSheet(font(NUMBER_SIZE * unit), QColor(theme.text))

    def _which(self, sheet: str, names: list[str], arrays: Arrays) -> NDArray[np.intp]:
        """Return each node's cell in a sheet, remembered until something is renamed."""
        cells = self._cells[sheet]
        known = self._codes.get(sheet)
        if known is None or known[0] != arrays.version or known[1] is not cells:
            found = np.array([cells[name] for name in names], dtype=np.intp)
            known = self._codes[sheet] = (arrays.version, cells, found)
        return known[2]


def strip_image(numbers: Numbers, diverging: colors.Diverging, scale: float) -> QImage:
    """Return a vector as a picture one pixel high, a pixel for each component."""
    table = np.array([c.rgb() for c in colors.colors(diverging)], dtype=np.uint32)
    line = table[colors.keys(np.asarray(numbers, dtype=float), scale)]
    return QImage(line.tobytes(), len(line), 1, QImage.Format.Format_RGB32).copy()


def _outlines(theme: Theme) -> list[bodies.Part]:
    return [
        bodies.outline(QColor(theme.muted), 1.4, 0.0),
        bodies.outline(QColor(theme.selection), 2.0, 0.28),
        bodies.outline(QColor(theme.warning)),
        bodies.outline(QColor(theme.bad)),
        bodies.outline(QColor(theme.good), 2.6, 0.4),
        bodies.outline(QColor(theme.bad), 2.6, 0.4),
    ]


def _numbered(names: tuple[str, ...]) -> dict[Any, int]:
    return {name: i for i, name in enumerate(names)}


def _ink_kinds(theme: Theme) -> NDArray[np.intp]:
    """Return by value key which ink a symbol is written with: 0 black, 1 white, 2 text."""
    shades = colors.colors(theme.values)[:-1]
    return np.array([int(colors.ink_on(c).lightness() > 128) for c in shades] + [2], dtype=np.intp)


def _pixels(view: View, points: Floats) -> tuple[Floats, Floats]:
    camera, ratio = view.camera, view.ratio
    return (
        (points[:, 0] * camera.scale + camera.tx) * ratio,
        (points[:, 1] * camera.scale + camera.ty) * ratio,
    )


def _box(view: View, center: Floats, box: QRectF) -> QRectF:
    """Return a rectangle around a node's centre in physical pixels, on whole ones."""
    (x,), (y,) = _pixels(view, center[None])
    unit = view.pixels
    left, top = round(x + box.left() * unit), round(y + box.top() * unit)
    return QRectF(left, top, round(box.width() * unit), round(box.height() * unit))


def _draw_far(
    painter: QPainter, view: View, arrays: Arrays, shading: Shading, marks: Marks, rows: Rows
) -> None:
    """Draw nodes as plain boxes in the colour of their value, marked ones with a frame."""
    x, y = _pixels(view, arrays.position[rows])
    half = np.array([WIDTH, HEIGHT]) / 2 * view.pixels
    rects = np.column_stack([x - half[0], y - half[1], np.full((len(x), 2), 2 * half)])
    palette = colors.colors(view.theme.values)
    palette[UNKNOWN] = QColor(view.theme.frame)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    keys = shading.value_keys[rows]
    order = np.argsort(keys, kind="stable")
    sorted_, first = np.ascontiguousarray(rects[order]), 0
    for key, count in enumerate(np.bincount(keys, minlength=UNKNOWN + 1).tolist()):
        painter.setBrush(palette[key])
        draw_rects(painter, sorted_[first : first + count])
        first += count
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for state, marked in marks.states.items():
        inside = np.isin(rows, marked)
        if inside.any():
            painter.setPen(_state_color(view.theme, state))
            draw_rects(painter, np.ascontiguousarray(rects[inside]))


def _state_color(theme: Theme, state: str) -> QColor:
    names = {"hovered": "muted", "selected": "selection", "error": "bad"}
    return QColor(getattr(theme, names.get(state, state)))

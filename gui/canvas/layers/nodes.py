"""The nodes: boxes from afar, bars at a distance, symbols, numbers and strips from near."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from engine.arrays.aliases import Floats
from gui.canvas.geometry.shapes import HEIGHT, PORT_RADIUS, WIDTH, RowIndices
from gui.canvas.layers import node_sprites
from gui.canvas.layers.captions import SMALL_SIZE, TITLE_SIZE, Captions, font
from gui.canvas.layers.level_of_detail import LEAST_TEXT, Detail, Viewport
from gui.canvas.layers.node_numbers import Numerals
from gui.canvas.layers.node_sprites import Sheet
from gui.canvas.layers.painter_batches import draw_rects, saved
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.number_colors import Shading
from gui.look import theme as colors
from gui.look.theme import UNKNOWN, Theme

_MOST_NAMES = 400  # at a distance; more would take too long
_BESIDE = 4.0  # pixels at least between a name and the kind's sign in the title bar
_LARGER = 1.3  # how many times as high as usual a title fits its bar
_REACH = (WIDTH / 2 + 10, HEIGHT / 2 + 10)
STATES = ("hovered", "selected", "warning", "error", "good", "bad", "cursor")


class NodeLayer:
    """Draws the nodes; keeps parts painted for the present zoom."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._sheets: dict[str, Sheet] = {}
        self._cells: dict[str, dict[Any, int]] = {}
        self._numerals = Numerals()
        self._captions = Captions()
        self._codes: dict[str, tuple[int, dict[Any, int], NDArray[np.intp]]] = {}

    def visible(self, view: Viewport, arrays: Arrays) -> RowIndices:
        """Return the rows of nodes in view."""
        left, top, right, bottom = view.scene
        x, y = arrays.position[:, 0], arrays.position[:, 1]
        across, down = _REACH
        return np.flatnonzero(
            arrays.shown
            & (x > left - across)
            & (x < right + across)
            & (y > top - down)
            & (y < bottom + down)
        )

    def draw(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, marks: Marks
    ) -> None:
        """Draw the nodes in view, selected ones over the others."""
        rows = self.visible(view, arrays)
        if not len(rows):
            return
        with saved(painter):
            painter.scale(1 / view.ratio, 1 / view.ratio)
            if view.detail is Detail.FAR:
                draw_boxes(painter, view, arrays, shading, marks, rows)
            else:
                self._prepare(view, arrays)
                raised = np.isin(rows, marks.states.get("selected", []))
                for part in (rows[~raised], rows[raised]):
                    if len(part):
                        self._draw_rows(painter, view, arrays, shading, marks, part)

    def _draw_rows(
        self,
        painter: QPainter,
        view: Viewport,
        arrays: Arrays,
        shading: Shading,
        marks: Marks,
        rows: RowIndices,
    ) -> None:
        x, y = view.to_pixels(arrays.position[rows])
        sheets = self._sheets
        sheets["bodies"].draw(painter, self._which("bodies", arrays.groups, arrays)[rows], x, y)
        for state, marked in marks.states.items():
            inside = np.isin(rows, marked)
            if inside.any():
                sheets["outlines"].draw(painter, STATES.index(state), x[inside], y[inside])
        if view.detail is Detail.MID:
            sheets["values"].draw(painter, shading.value_keys[rows].astype(np.intp), x, y)
            sheets["deltas"].draw(painter, shading.delta_keys[rows].astype(np.intp), x, y)
            if view.named and len(rows) <= _MOST_NAMES:
                self._draw_titles(painter, view, arrays, marks, rows)
            return
        if view.compact:
            sheets["values"].draw(painter, shading.value_keys[rows].astype(np.intp), x, y)
            sheets["deltas"].draw(painter, shading.delta_keys[rows].astype(np.intp), x, y)
        else:
            self._draw_signs(painter, view, arrays, shading, rows)
        self._draw_ports(painter, view, arrays, rows)
        self._draw_titles(painter, view, arrays, marks, rows)
        self._numerals.draw(painter, view, arrays, shading, rows)

    # -- parts --------------------------------------------------------------------------------

    def _draw_signs(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, rows: RowIndices
    ) -> None:
        """Draw discs in the colour of the value, δ around them and the kind's sign inside."""
        unit, sheets = view.pixels, self._sheets
        x, y = view.to_pixels(arrays.position[rows])
        center = x + node_sprites.DISC.x() * unit, y + node_sprites.DISC.y() * unit
        sheets["rings"].draw(painter, shading.delta_keys[rows].astype(np.intp), *center)
        sheets["discs"].draw(painter, shading.value_keys[rows].astype(np.intp), *center)
        signs = self._which("symbols", arrays.symbols, arrays)[rows] * 3
        signs += _ink_kinds(view.theme)[shading.value_keys[rows]]
        sheets["symbols"].draw(painter, signs, *center)

    def _draw_ports(
        self, painter: QPainter, view: Viewport, arrays: Arrays, rows: RowIndices
    ) -> None:
        points = [arrays.output_port(row) for row in rows.tolist() if arrays.output[row]]
        for row in rows.tolist():
            points.extend(arrays.input_port(row, port) for port in arrays.ports[row])
        if points:
            self._sheets["ports"].draw(painter, 0, *view.to_pixels(np.array(points)))

    def _draw_titles(
        self, painter: QPainter, view: Viewport, arrays: Arrays, marks: Marks, rows: RowIndices
    ) -> None:
        unit = view.pixels
        least = LEAST_TEXT * view.ratio
        narrow = 90 if view.narrow else 100
        title = TITLE_SIZE * unit * min(view.larger, _LARGER)
        size = font(max(title, least), strong=True, stretch=narrow)
        small = font(max(SMALL_SIZE * unit, least), stretch=narrow)
        x, y = view.to_pixels(arrays.position[rows])
        left, middle = x - (WIDTH / 2 - 10) * unit, y - (HEIGHT / 2 - view.header / 2) * unit
        painter.setPen(QColor(view.theme.text))
        painter.setFont(size)
        wide = [marks.widths.get(row, 1) > 1 for row in rows.tolist()]
        rooms = []
        for row, badge, tx, ty in zip(rows.tolist(), wide, left, middle, strict=True):
            rooms.append((WIDTH - (12 if view.narrow else 20) - (34 if badge else 0)) * unit)
            self._captions.draw(painter, arrays.titles[row], tx, ty, rooms[-1], size)
        painter.setPen(QColor(view.theme.muted))
        painter.setFont(small)
        metrics = QFontMetricsF(small)
        if view.detail is Detail.MID or view.compact:  # else it is in the disc
            ends = left + np.array(rooms) - np.where(wide, _BESIDE, 0.0)
            self._draw_small_signs(painter, arrays, rows, (left, ends, middle), size, small)
        for place in np.flatnonzero(wide).tolist():
            text = f"×{marks.widths[int(rows[place])]}"
            room = metrics.horizontalAdvance(text) + 1
            at = left[place] + (WIDTH - 20) * unit - room
            self._captions.draw(painter, text, at, middle[place], room, small)

    def _draw_small_signs(
        self,
        painter: QPainter,
        arrays: Arrays,
        rows: RowIndices,
        bar: tuple[Floats, Floats, Floats],
        title: QFont,
        small: QFont,
    ) -> None:
        """Write the kinds' signs at the right ends of title bars, where names leave room.

        ``bar`` holds the left and right ends of the room, and its middle.
        """
        titles, signs = QFontMetricsF(title), QFontMetricsF(small)
        for row, left, right, middle in zip(rows.tolist(), *bar, strict=True):
            sign = arrays.symbols[row]
            across = signs.horizontalAdvance(sign) + 1
            if left + titles.horizontalAdvance(arrays.titles[row]) + _BESIDE <= right - across:
                self._captions.draw(painter, sign, right - across, middle, across, small)

    # -- sheets -------------------------------------------------------------------------------

    def _prepare(self, view: Viewport, arrays: Arrays) -> None:
        groups = tuple(dict.fromkeys(arrays.groups))
        near = view.detail is Detail.NEAR
        signs = tuple(dict.fromkeys(arrays.symbols)) if near else ()
        key = (view.theme.name, view.pixels, view.ratio, view.larger, near, groups, signs)
        if key == self._key:
            return
        self._key = ()  # after an error halfway the next frame begins anew
        theme, unit = view.theme, view.pixels
        self._cells = {"bodies": _numbered(groups), "symbols": _numbered(signs)}
        self._codes.clear()
        header = view.header
        boxes = [
            node_sprites.body(theme, theme.group(name), shadow=near, header=header)
            for name in groups
        ]
        self._sheets = {
            "bodies": Sheet(boxes, _REACH, unit),
            "outlines": Sheet(_outlines(theme), _REACH, unit),
        }
        values, deltas = list(colors.colors(theme.values)), list(colors.colors(theme.gradients))
        if not near or view.compact:
            values[UNKNOWN] = deltas[UNKNOWN] = QColor(theme.grid)
            value, delta = (
                (node_sprites.value_edge, node_sprites.delta_edge)
                if near
                else (node_sprites.value_bar, node_sprites.delta_bar)
            )
            self._sheets["values"] = Sheet([value(color, header) for color in values], _REACH, unit)
            self._sheets["deltas"] = Sheet([delta(color, header) for color in deltas], _REACH, unit)
        else:
            self._prepare_signs(view, signs)
        if near:
            port = node_sprites.port(QColor(theme.background), QColor(theme.frame))
            self._sheets["ports"] = Sheet([port], (PORT_RADIUS + 2,) * 2, unit)
            self._numerals.prepare(view)
        self._key = key

    def _prepare_signs(self, view: Viewport, signs: tuple[str, ...]) -> None:
        theme, unit = view.theme, view.pixels
        values, deltas = colors.colors(theme.values), list(colors.colors(theme.gradients))
        round_ = (node_sprites.DISC_RADIUS + 6,) * 2
        edge = colors.mixed(theme.surface, theme.text, 0.12)
        deltas[UNKNOWN] = QColor(theme.surface)
        inks = (QColor("#0c0e12"), QColor("#ffffff"), QColor(theme.text))
        self._sheets |= {
            "discs": Sheet([node_sprites.disc(color, edge) for color in values], round_, unit),
            "rings": Sheet([node_sprites.ring(color) for color in deltas], round_, unit),
            "symbols": Sheet(
                [
                    node_sprites.symbol(sign, ink, font(17, strong=True))
                    for sign in signs
                    for ink in inks
                ],
                round_,
                unit,
            ),
        }

    def _which(self, sheet: str, names: list[str], arrays: Arrays) -> NDArray[np.intp]:
        """Return each node's cell in a sheet, remembered until something is renamed."""
        cells = self._cells[sheet]
        known = self._codes.get(sheet)
        if known is None or known[0] != arrays.version or known[1] is not cells:
            found = np.array([cells[name] for name in names], dtype=np.intp)
            known = self._codes[sheet] = (arrays.version, cells, found)
        return known[2]


def _outlines(theme: Theme) -> list[node_sprites.SpritePainter]:
    return [
        node_sprites.outline(QColor(theme.muted), 1.4, 0.0),
        node_sprites.outline(QColor(theme.selection), 2.0, 0.28),
        node_sprites.outline(QColor(theme.warning)),
        node_sprites.outline(QColor(theme.bad)),
        node_sprites.outline(QColor(theme.good), 2.6, 0.4),
        node_sprites.outline(QColor(theme.bad), 2.6, 0.4),
        node_sprites.outline(QColor(theme.accent), 3.0, 0.5),
    ]


def _numbered(names: tuple[str, ...]) -> dict[Any, int]:
    return {name: i for i, name in enumerate(names)}


def _ink_kinds(theme: Theme) -> NDArray[np.intp]:
    """Return by value key which ink a symbol is written with: 0 black, 1 white, 2 text."""
    shades = colors.colors(theme.values)[:-1]
    return np.array([int(colors.ink_on(c).lightness() > 128) for c in shades] + [2], dtype=np.intp)


@dataclass(slots=True)
class Marks:
    """What sets nodes apart: rows by state (see `STATES`), and the widths of their values."""

    states: dict[str, RowIndices] = field(default_factory=dict)
    widths: Mapping[int, int] = field(default_factory=dict)
    dimmed: NDArray[np.bool_] | None = None


def draw_boxes(
    painter: QPainter,
    view: Viewport,
    arrays: Arrays,
    shading: Shading,
    marks: Marks,
    rows: RowIndices,
) -> None:
    """Draw nodes as plain boxes in the colour of their value, marked ones with a frame."""
    x, y = view.to_pixels(arrays.position[rows])
    half = np.array([WIDTH, HEIGHT]) / 2 * view.pixels
    rects = np.column_stack([x - half[0], y - half[1], np.full((len(x), 2), 2 * half)])
    palette = list(colors.colors(view.theme.values))
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
    names = {"hovered": "muted", "selected": "selection", "error": "bad", "cursor": "accent"}
    return QColor(getattr(theme, names.get(state, state)))

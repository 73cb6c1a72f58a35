"""What the tooltip says: the exact numbers of what is under the mouse."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import NamedTuple

from PySide6.QtCore import QPointF

from engine.arrays.aliases import Array
from graph.changes.groups import find, members
from gui.canvas.layers.matrix_pictures import entry_at, pixel_at, pixel_number, value_picture
from gui.canvas.layers.node_numbers import SLOPE, strips
from gui.canvas.layers.wire_labels import is_wide
from gui.canvas.model.hit_test import Hit, HitKind
from gui.canvas.model.node_parameters import NodeParameter
from gui.canvas.scene import Scene
from gui.look.edge_quantity import EdgeQuantity
from gui.session.session import Session
from gui.widgets.number_text import index_text

_READERS_SHOWN = 5  # of what is kept
_PARTS_SHOWN = 6  # components of a vector that are written out
_EDGE_NAMES: Mapping[EdgeQuantity, tuple[str, str]] = {  # of one number, of several
    "weight": ("weight w", "‖W‖ of the matrix"),
    "value": ("value z", "‖z‖ of the vector"),
    "message": ("message, ∂E/∂z share", "message, mean of its components"),
    "gradient": ("∂E/∂w", "‖∂E/∂W‖ of the matrix"),
}


def describe(
    session: Session,
    scene: Scene,
    hit: Hit,
    point: Point | None = None,
    *,
    over: QPointF | None = None,
) -> str:
    """Return the tooltip of what is hit, as rich text; empty for nothing.

    ``point`` is where the mouse is from the node's centre, and whether the node is drawn small:
    over a strip of components the tooltip begins with the one under the mouse. ``over`` is where
    it is on the canvas: over the matrix of a wire it begins with the entry.
    """
    if hit.part is HitKind.EDGE:
        label = session.document.edges[hit.id].label
        title = f"{label} · {hit.id}" if label else hit.id
        lines = _wire_entry(scene, hit.id, over) if over is not None else []
        return _table(title, lines + _edge_lines(session, scene, hit.id))
    if hit.part in (HitKind.NODE, HitKind.INPUT, HitKind.OUTPUT):
        node = session.document.nodes[hit.id]
        spec = session.document.spec(hit.id)
        title = f"{node.label or node.id} · {spec.title if spec else node.kind}"
        lines = _node_lines(session, scene, hit.id)
        if hit.part is HitKind.INPUT:
            lines.insert(0, ("port", hit.port))
        elif point is not None:
            lines = _component(scene, scene.arrays.node_row[hit.id], point) + lines
        return _table(title, lines, _problems(session, hit.id))
    if hit.part is HitKind.GROUP:
        group = find(session.document, hit.id)
        inside = len(members(session.document.groups, hit.id))
        does = "opens" if group.collapsed else "closes"
        return _table(group.title or group.id, [("nodes", str(inside)), ("double click", does)])
    return ""


class Point(NamedTuple):
    """A point of a node, from its centre in scene units; whether the node is drawn small."""

    x: float
    y: float
    compact: bool


def _component(scene: Scene, row: int, point: Point) -> list[tuple[str, str]]:
    """Return the component of a strip, or entry of a matrix, that is at a point of its node."""
    found = None
    if not point.compact:
        found = entry_at(scene.parameters.get(row, ()), point.x, point.y)
        if found is None and row in scene.pictures:
            pixels = value_picture(scene.shading, row, scene.pictures[row])
            found = None if pixels is None else pixel_at(pixels, point.x, point.y)
    if found is not None and not math.isnan(found[1]):
        return [(found[0], exact(found[1]))]
    for strip in strips(scene.arrays, scene.shading, row, compact=point.compact):
        place = strip.component(point.x, point.y)
        if place is not None and not math.isnan(strip.numbers[place]):
            name = f"{strip.name}, entry {index_text([place])} of {len(strip.numbers)}"
            return [(name, exact(float(strip.numbers[place])))]
    return []


def component_at(scene: Scene, row: int, point: Point) -> int | None:
    """Return which component of its node's value is at a point; None beside strip and picture."""
    if row in scene.pictures and not point.compact:
        found = pixel_number(scene.pictures[row], point.x, point.y)
        if found is not None:
            return found
    for strip in strips(scene.arrays, scene.shading, row, compact=point.compact):
        if not strip.slope and (place := strip.component(point.x, point.y)) is not None:
            return place
    return None


def _wire_entry(scene: Scene, edge: str, over: QPointF) -> list[tuple[str, str]]:
    """Return the entry of a wire's matrix at a point of the canvas."""
    row = scene.arrays.edge_row[edge]
    for picture in scene.wire_pictures:
        found = picture.entry(over.x(), over.y()) if picture.row == row else None
        if found is not None and not math.isnan(found[1]):
            return [(found[0], exact(found[1]))]
    return []


def _full_colors(scene: Scene, one: NodeParameter) -> list[tuple[str, str]]:
    """Return which entry of a matrix gets the full colour in its picture."""
    scales = scene.shading.scales
    names = ["W"] if one.gradient is None else ["W", "∂E/∂W"]
    return [(f"full colour of {name}", f"±{scales[name]:.4g}") for name in names if one.is_matrix]


def plain(session: Session, scene: Scene, hit: Hit) -> str:
    """Return the same as one line of plain text, for screen readers."""
    if hit.part is HitKind.EDGE:
        return ", ".join((hit.id, *(f"{n} {v}" for n, v in _edge_lines(session, scene, hit.id))))
    if hit.part is not HitKind.NODE:
        return ""
    node, spec = session.document.nodes[hit.id], session.document.spec(hit.id)
    parts = [node.label or node.id, spec.title if spec else node.kind]
    parts += [f"{name} {value}" for name, value in _node_lines(session, scene, hit.id)]
    return ", ".join([*parts, *_problems(session, hit.id)])


def _node_lines(session: Session, scene: Scene, node: str) -> list[tuple[str, str]]:
    row, shading = scene.arrays.node_row[node], scene.shading
    slope = "δ = ∂E/∂s" if scene.arrays.has_net[row] else SLOPE
    lines = []
    for name, numbers, vectors in (
        ("s", shading.net, {}),
        ("z", shading.value, shading.strips),
        (slope, shading.delta, shading.delta_strips),
    ):
        if row in vectors:
            lines.append((name, _components(vectors[row])))
        elif not math.isnan(numbers[row]):
            lines.append((name, exact(float(numbers[row]))))
        if name == "z":
            lines += _in_data_units(session, node, vectors.get(row, numbers[row : row + 1]))
    for parameter in scene.parameters.get(row, ()):
        lines += [*parameter.parts(exact), *_full_colors(scene, parameter)]
    width = session.widths.nodes.get(node) if session.widths else None
    if width is not None and width > 1:
        lines.append(("width", str(width)))
    return lines + _kept(session, scene, node) + _breakpoints(session, node)


def _in_data_units(session: Session, node: str, numbers: Array) -> list[tuple[str, str]]:
    """Return what scaled inputs and targets are in the data."""
    found = session.data_units(node, numbers)[:_PARTS_SHOWN]
    return [(f"{name} in the data", exact(raw)) for name, raw in found if not math.isnan(raw)]


def _kept(session: Session, scene: Scene, node: str) -> list[tuple[str, str]]:
    """Return which values of a node the backward pass reads again, and where."""
    if scene.costs is None:
        return []
    names, lines = session.document.nodes, []
    for letter, readers in sorted(scene.costs.kept.get(node, {}).items()):
        told = [
            "its own derivative" if name == node else names[name].label or name
            for name in readers
            if name in names
        ]
        more = [f"{len(told) - _READERS_SHOWN} more"] if len(told) > _READERS_SHOWN else []
        lines.append((f"{letter} is kept, used by", ", ".join(told[:_READERS_SHOWN] + more)))
    return lines or [("kept for the backward pass", "nothing")]


def _products(scene: Scene, edge: str) -> list[tuple[str, str]]:
    """Return what is multiplied at an edge for one row, from the back and from the front."""
    product = scene.costs.edges.get(edge) if scene.costs is not None else None
    if product is None:
        return []
    rows, columns, before = product.rows, product.columns, product.before
    shape = f"({rows:,} × {columns:,})"
    if product.entries != rows * columns:
        shape += f", {product.entries:,} of them not 0"
    back = f"(1 × {rows:,})·{shape}: {product.reverse:,}"
    if not before:
        back = "no message is needed: 0"
    own = f", and ∂E/∂W {product.weights:,}" if product.weights else ""
    front = f"{shape}·({columns:,} × {before:,}): {product.forward:,}"
    return [
        ("multiplications from E backwards", f"{back}{own}"),
        ("from the parameters forwards", front if before else "no parameter lies before: 0"),
    ]


def _breakpoints(session: Session, place: str) -> list[tuple[str, str]]:
    marks = session.break_marks.of(session.document).get(place, ())
    return [("breakpoint" if mark.is_on else "breakpoint, off", mark.text) for mark in marks]


def _components(numbers: Array) -> str:
    parts = [exact(float(x)) if not math.isnan(x) else "" for x in numbers[:_PARTS_SHOWN]]
    more = f"; … ({len(numbers)} in all)" if len(numbers) > _PARTS_SHOWN else ""
    return "; ".join(filter(None, parts)) + more if any(parts) else ""


def _edge_lines(session: Session, scene: Scene, edge: str) -> list[tuple[str, str]]:
    row, shading = scene.arrays.edge_row[edge], scene.shading
    record = session.document.edges[edge]
    widths = scene.highlights.marks.widths
    carried = shading.value[scene.arrays.source[row]]
    numbers: Mapping[EdgeQuantity, float] = {
        "weight": shading.weight[row],
        "value": carried,
        "message": shading.message[row],
        "gradient": shading.gradient[row],
    }
    lines = [("from", record.source), ("to", f"{record.target}, port {record.port}")]
    for quantity, number in numbers.items():
        if not math.isnan(number):
            wide = is_wide(scene.arrays, quantity, row, widths)
            lines.append((_EDGE_NAMES[quantity][wide], exact(float(number))))
    if row in scene.matrices:
        lines += _full_colors(scene, scene.matrices[row])
    slot = f"{edge}.weight"
    name = session.document.parameter_name(slot)
    if name != slot:
        lines.append(("shared as", name))
    if name in session.document.frozen:
        lines.append(("frozen", "not trained"))
    return lines + _products(scene, edge) + _breakpoints(session, edge)


def _problems(session: Session, node: str) -> list[str]:
    return [problem.message for problem in session.problems if node in problem.nodes]


def exact(number: float) -> str:
    """Return a number with nine significant digits and a proper minus sign."""
    return f"{number:.9g}".replace("-", "−")


def _table(title: str, lines: list[tuple[str, str]], notes: list[str] | None = None) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(name)}&nbsp;&nbsp;</td><td>{html.escape(value)}</td></tr>"
        for name, value in lines
    )
    below = "".join(f"<p>⚠ {html.escape(note)}</p>" for note in notes or ())
    return f"<b>{html.escape(title)}</b><table>{rows}</table>{below}"

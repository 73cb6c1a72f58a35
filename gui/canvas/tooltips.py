"""What the tooltip says: the exact numbers of what is under the mouse."""

from __future__ import annotations

import html
import math

from graph.changes.groups import find, members
from gui.canvas.model.hit_test import Hit, HitKind
from gui.canvas.scene import Scene
from gui.session.session import Session

_PARTS_SHOWN = 6  # components of a vector that are written out


def describe(session: Session, scene: Scene, hit: Hit) -> str:
    """Return the tooltip of what is hit, as rich text; empty for nothing."""
    if hit.part is HitKind.EDGE:
        return _table(f"{hit.id}", _edge_lines(session, scene, hit.id))
    if hit.part in (HitKind.NODE, HitKind.INPUT, HitKind.OUTPUT):
        node = session.document.nodes[hit.id]
        spec = session.document.spec(hit.id)
        title = f"{node.label or node.id} · {spec.title if spec else node.kind}"
        lines = _node_lines(session, scene, hit.id)
        if hit.part is HitKind.INPUT:
            lines.insert(0, ("port", hit.port))
        return _table(title, lines, _problems(session, hit.id))
    if hit.part is HitKind.GROUP:
        group = find(session.document, hit.id)
        inside = len(members(session.document.groups, hit.id))
        does = "opens" if group.collapsed else "closes"
        return _table(group.title or group.id, [("nodes", str(inside)), ("double click", does)])
    return ""


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
    lines = []
    for name, numbers, strips in (
        ("s", shading.net, {}),
        ("z", shading.value, shading.strips),
        ("δ", shading.delta, shading.delta_strips),
    ):
        if row in strips:
            parts = [exact(float(x)) for x in strips[row][:_PARTS_SHOWN]]
            more = "; …" if len(strips[row]) > _PARTS_SHOWN else ""
            lines.append((name, "; ".join(parts) + more))
        elif not math.isnan(numbers[row]):
            lines.append((name, exact(float(numbers[row]))))
    if row in scene.biases:
        lines.append(("bias", exact(scene.biases[row])))
    width = session.widths.nodes.get(node) if session.widths else None
    if width is not None and width > 1:
        lines.append(("width", str(width)))
    return lines


def _edge_lines(session: Session, scene: Scene, edge: str) -> list[tuple[str, str]]:
    row, shading = scene.arrays.edge_row[edge], scene.shading
    record = session.document.edges[edge]
    carried = shading.value[scene.arrays.source[row]]
    lines = [("from", record.source), ("to", f"{record.target}, port {record.port}")]
    lines += [
        (name, exact(float(number)))
        for name, number in (
            ("weight", shading.weight[row]),
            ("value", carried),
            ("message", shading.message[row]),
            ("∂E/∂w", shading.gradient[row]),
        )
        if not math.isnan(number)
    ]
    slot = f"{edge}.weight"
    name = session.document.parameter_name(slot)
    if name != slot:
        lines.append(("shared as", name))
    if name in session.document.frozen:
        lines.append(("frozen", "not trained"))
    return lines


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

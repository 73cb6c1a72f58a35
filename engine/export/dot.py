"""A document as Graphviz text: nodes with their values, edges with their weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from engine.interpreter.probe import Probe
from graph.model.document import Document
from graph.model.edits import Group
from graph.model.kinds import Role

_SHAPES: Mapping[Role, str] = {
    Role.INPUT: "circle",
    Role.TARGET: "doublecircle",
    Role.SOURCE: "circle",
    Role.UNIT: "circle",
    Role.LOSS: "box",
    Role.PENALTY: "box",
}


def to_dot(document: Document, probe: Probe | None = None) -> str:
    """Return Graphviz text of a document; ``dot -Tsvg`` draws it.

    Parameters
    ----------
    document : Document
        What to draw: labels, kinds, groups.
    probe : Probe, optional
        Also write values and δ into the nodes, weights and their gradients on the edges.
    """
    values = _node_values(probe) if probe else {}
    weights = _edge_values(document, probe) if probe else {}
    lines = [
        f"digraph {_quoted(document.title or 'network')} {{",
        "  rankdir=LR;",
        '  node [shape=ellipse, fontname="sans-serif", fontsize=11];',
        '  edge [fontname="sans-serif", fontsize=9];',
        *_clusters(document.groups, None, 1),
    ]
    for node in document.nodes.values():
        spec = document.spec(node.id)
        label = [node.label or node.id, spec.symbol if spec else f"{node.kind}?"]
        shape = _SHAPES.get(spec.role, "ellipse") if spec else "diamond"
        text = _quoted("\n".join([*label, *values.get(node.id, ())]))
        lines.append(f"  {_quoted(node.id)} [label={text}, shape={shape}];")
    for edge in document.edges.values():
        text = _quoted("\n".join(weights.get(edge.id, ())))
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [label={text}];")
    return "\n".join([*lines, "}"]) + "\n"


def _node_values(probe: Probe) -> dict[str, list[str]]:
    """Return the lines of each node; of a vector the Euclidean norms."""
    numbers = zip(probe.nodes, probe.net, probe.value, probe.delta, strict=True)
    lines = {}
    for node, net, value, delta in numbers:
        slope = "∂E/∂z" if math.isnan(net) else "δ"
        if node in probe.strips:
            z, slopes = probe.strips[node], probe.delta_strips[node]
            sizes = (float(np.linalg.norm(z)), float(np.linalg.norm(slopes)))
            lines[node] = _known((("‖z‖", sizes[0]), (f"‖{slope}‖", sizes[1])))
        else:
            lines[node] = _known((("s", net), ("z", value), (slope, delta)))
    return lines


def _edge_values(document: Document, probe: Probe) -> dict[str, list[str]]:
    """Return the lines of each edge; of a matrix the Euclidean norms."""
    lines = {}
    for edge, weight, gradient in zip(probe.edges, probe.weight, probe.gradient, strict=True):
        record = document.edges[edge]
        wide = record.source in probe.strips or record.target in probe.strips
        names = ("‖W‖", "‖∂E/∂W‖") if wide else ("w", "∂E/∂w")
        lines[edge] = _known(zip(names, (weight, gradient), strict=True))
    return lines


def _known(numbers: Iterable[tuple[str, float]]) -> list[str]:
    return [f"{name} = {number:.4g}" for name, number in numbers if not math.isnan(number)]


def _clusters(groups: tuple[Group, ...], parent: str | None, depth: int) -> list[str]:
    indent = "  " * depth
    lines: list[str] = []
    for group in (group for group in groups if group.parent == parent):
        lines.append(f"{indent}subgraph {_quoted('cluster ' + group.id)} {{")
        lines.append(f"{indent}  label={_quoted(group.title)};")
        lines.extend(f"{indent}  {_quoted(node)};" for node in group.nodes)
        lines.extend(_clusters(groups, group.id, depth + 1))
        lines.append(f"{indent}}}")
    return lines


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\r", "").replace("\n", "\\n") + '"'

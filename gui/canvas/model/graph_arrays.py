"""The document as arrays, one row for each node and edge: what the canvas draws and hits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Floats
from graph.model.document import Document
from graph.model.edits import Edge, Node
from graph.model.impact import Applied
from graph.model.kinds import NodeSpec, Role
from gui.canvas.geometry.camera import Rect
from gui.canvas.geometry.collapsed_groups import boxes
from gui.canvas.geometry.shapes import (
    FRAME_MARGIN,
    HEADER,
    HEIGHT,
    WIDTH,
    RowIndices,
    has_output,
    parallel_ranks,
    port_offsets,
    wires,
)
from gui.canvas.geometry.wire_routing import lead_around

_UNPLACED_GAP = (WIDTH + 60.0, HEIGHT + 40.0)


class Arrays:
    """Rows of nodes and edges in document order, kept equal to the document by `follow`.

    Attributes
    ----------
    nodes, edges : list of str
        Ids by row; ``node_row`` and ``edge_row`` are the way back.
    position : (n, 2)
        Centres as drawn: those of the document, or where a drag shows them (`preview`); of
        hidden nodes that of their box.
    boxes : list of Box
        The collapsed groups.
    shown : (n,) bool
        Whether the node is drawn, not hidden in a box.
    titles, symbols, groups : list of str
        What is written on each node, and its palette group.
    output : (n,) bool
        Whether wires can leave the node.
    learned : (n,) bool
        Whether the node's δ teaches something: not that of targets and losses.
    ports : list of mapping
        Of each node, port name → height relative to the centre.
    source, target : (m,) int
        Rows of each edge's ends.
    control : (m, 4, 2)
        Control points of each edge's cubic; ``low``, ``high`` (m, 2) bound it. Those of edges
        inside a box bound nothing.
    version : int
        Grows whenever anything here changes; caches compare it.
    structure : int
        Grows when rows are added, removed or renumbered.
    """

    def __init__(self, document: Document) -> None:
        self.version = self.structure = 0
        self.rebuild(document)

    # -- following the document ---------------------------------------------------------------

    def follow(self, document: Document, applied: Applied) -> None:
        """Take over what an edit changed."""
        ids, moved = applied.ids, applied.ids.moved
        if (
            ids.edges
            or document.groups is not self._groups
            or document.nodes.keys() != self.node_row.keys()
        ):
            self.rebuild(document)
            return
        for node in ids.nodes:
            self._describe(document, self.node_row[node])
        if moved:
            rows = np.array([self.node_row[node] for node in moved], dtype=np.intp)
            self._home[rows] = [document.positions.get(n, self._slot(n)) for n in moved]
            self._place(rows, self._home[rows])
            self._bound(np.arange(len(self.edges)))  # wires may be led around the moved nodes

    def rebuild(self, document: Document) -> None:
        """Read the whole document anew."""
        self.version += 1
        self.structure += 1
        nodes, edges = document.nodes, document.edges
        self.nodes, self.edges = list(nodes), list(edges)
        self.node_row = {name: row for row, name in enumerate(self.nodes)}
        self.edge_row = {name: row for row, name in enumerate(self.edges)}
        self._read_nodes(document, nodes)
        self._groups = document.groups
        self._fold(document)
        self._read_edges(edges.values())
        self._bound(np.arange(len(self.edges)))

    def _read_nodes(self, document: Document, nodes: Mapping[str, Node]) -> None:
        positions, count = document.positions, len(nodes)
        self._unplaced = {
            name: i for i, name in enumerate(n for n in self.nodes if n not in positions)
        }
        self._corner = (
            min((x for x, _ in positions.values()), default=0.0),
            max((y for _, y in positions.values()), default=-_UNPLACED_GAP[1]),
        )
        places = (positions.get(name) or self._slot(name) for name in self.nodes)
        self._home = np.fromiter(chain.from_iterable(places), float, 2 * count).reshape(count, 2)
        self._spread, self.position = self._home.copy(), self._home.copy()
        library = document.library
        kinds = {node.kind for node in nodes.values()}
        ports = {kind: port_offsets(library.get(kind)) for kind in kinds}
        output = {kind: has_output(library.get(kind)) for kind in kinds}
        groups = {kind: _group(library.get(kind)) for kind in kinds}
        learned = {kind: _is_learned(library.get(kind)) for kind in kinds}
        self.titles = [node.label or node.id for node in nodes.values()]
        signs: dict[object, str] = {}  # nodes of a kind and activation share one
        self.symbols = []
        for node in nodes.values():
            key = (node.kind, node.params.get("activation"))
            sign = signs.get(key)
            if sign is None:
                sign = signs[key] = _symbol(document, node)
            self.symbols.append(sign)
        self.groups = [groups[node.kind] for node in nodes.values()]
        self.ports = [ports[node.kind] for node in nodes.values()]
        self.output = np.array([output[node.kind] for node in nodes.values()], dtype=bool)
        self.learned = np.array([learned[node.kind] for node in nodes.values()], dtype=bool)

    def _fold(self, document: Document) -> None:
        """Hide the nodes of collapsed groups in boxes."""
        self.boxes = boxes(document, self.node_row)
        self.shown = np.ones(len(self.nodes), dtype=bool)
        self._standing = np.arange(len(self.nodes))  # the row each node is drawn at
        for box in self.boxes:
            self.shown[box.rows] = False
            self._standing[box.rows] = box.rows[0]
            self.position[box.rows] = box.center(self._spread)

    def _read_edges(self, edges: Collection[Edge]) -> None:
        # One list of numbers for each column: a list of tuples takes several times longer.
        rows, count = self.node_row, len(edges)
        ports = [edge.port for edge in edges]
        codes = {name: code for code, name in enumerate(set(ports))}
        target = [rows[edge.target] for edge in edges]
        self.source = np.array([rows[edge.source] for edge in edges], dtype=np.intp)
        self.target = np.array(target, dtype=np.intp)
        at = self.ports
        drops = [at[row].get(port, 0.0) for row, port in zip(target, ports, strict=True)]
        self._drop = np.array(drops, dtype=float)
        self._drop[~self.shown[self.target]] = 0.0
        start, end = self._standing[self.source], self._standing[self.target]
        pairs = start * len(self.nodes) + end
        _, place, many = np.unique(pairs, return_inverse=True, return_counts=True)
        self._bundle = many[place]
        pairs = pairs * len(codes)
        self._bend = parallel_ranks(
            pairs + np.array([codes[port] for port in ports], dtype=np.intp)
        )
        self.control = np.empty((count, 4, 2))
        self.low, self.high = np.empty((count, 2)), np.empty((count, 2))

    def _describe(self, document: Document, row: int) -> None:
        """Read one node's texts and ports; its edges follow if the ports moved."""
        node = document.nodes[self.nodes[row]]
        spec = document.spec(node.id)
        self.titles[row] = node.label or node.id
        self.symbols[row] = _symbol(document, node)
        self.groups[row] = _group(spec)
        self.output[row] = has_output(spec)
        self.learned[row] = _is_learned(spec)
        self.version += 1
        if self.ports[row] != (ports := port_offsets(spec)):
            self.ports[row] = ports
            for edge in document.in_edges(node.id):
                drop = ports.get(edge.port, 0.0) if self.shown[row] else 0.0
                self._drop[self.edge_row[edge.id]] = drop
            self._bound(self.edges_of(np.array([row])))

    def _slot(self, name: str) -> tuple[float, float]:
        """Return where a node without a position is shown: in rows below the others."""
        number = self._unplaced.setdefault(name, len(self._unplaced))
        across = max(1, round(len(self._unplaced) ** 0.5))
        gap_x, gap_y = _UNPLACED_GAP
        return (
            self._corner[0] + number % across * gap_x,
            self._corner[1] + (number // across + 1) * gap_y,
        )

    # -- places -------------------------------------------------------------------------------

    def preview(self, rows: RowIndices, dx: float, dy: float) -> None:
        """Show nodes away from their places, while a drag goes on; (0, 0) ends it."""
        self._place(rows, self._home[rows] + (dx, dy))
        if dx == dy == 0.0:
            self._bound(np.arange(len(self.edges)))

    def _place(self, rows: RowIndices, positions: Floats) -> None:
        self.version += 1
        self._spread[rows] = self.position[rows] = positions
        for box in self.boxes:
            if np.isin(box.rows, rows).any():
                self.position[box.rows] = box.center(self._spread)
                rows = np.union1d(rows, box.rows)
        self._bound(self.edges_of(rows))

    def places(self, rows: RowIndices) -> Floats:
        """Return the centres of nodes as if no group were collapsed."""
        return np.asarray(self._spread[rows])

    def edges_of(self, rows: RowIndices) -> RowIndices:
        """Return the rows of all edges that touch these nodes."""
        touched = np.zeros(len(self.nodes), dtype=bool)
        touched[rows] = True
        return np.flatnonzero(touched[self.source] | touched[self.target])

    def _bound(self, rows: RowIndices) -> None:
        """Shape these edges anew."""
        start = self.position[self.source[rows]]
        start[:, 0] += WIDTH / 2
        end = self.position[self.target[rows]]
        end[:, 0] -= WIDTH / 2
        end[:, 1] += self._drop[rows]
        control = wires(start, end, self._bend[rows])
        source, target = self._standing[self.source[rows]], self._standing[self.target[rows]]
        lead_around(control, source, target, self._drawn())
        self.control[rows] = control
        a, b, c, d = control.transpose(1, 0, 2)  # reducing such a short axis would take longer
        self.low[rows] = np.minimum(np.minimum(a, b), np.minimum(c, d))
        self.high[rows] = np.maximum(np.maximum(a, b), np.maximum(c, d))
        inside = rows[(source == target) & ~self.shown[self.source[rows]]]
        self.low[inside], self.high[inside] = np.inf, -np.inf

    def _drawn(self) -> Floats:
        """Return the centres of what is drawn, once each; others are nowhere."""
        if not self.boxes:
            return self.position
        once = self._standing == np.arange(len(self.nodes))
        return np.where(once[:, None], self.position, np.inf)

    def bundled(self, rows: RowIndices) -> NDArray[np.bool_]:
        """Tell which edges are one of several between the same two places, one a box."""
        boxed = ~(self.shown[self.source[rows]] & self.shown[self.target[rows]])
        return np.asarray(boxed & (self._bundle[rows] > 1))

    def input_port(self, row: int, port: str) -> tuple[float, float]:
        """Return where a port is, scene units."""
        x, y = self.position[row]
        drop = self.ports[row].get(port, 0.0) if self.shown[row] else 0.0
        return float(x) - WIDTH / 2, float(y) + drop

    def output_port(self, row: int) -> tuple[float, float]:
        """Return where a node's output is, scene units."""
        x, y = self.position[row]
        return float(x) + WIDTH / 2, float(y)

    def bounds(self, nodes: Iterable[str] | None = None, margin: float = 0.0) -> Rect | None:
        """Return the rectangle around nodes (all by default); None if there are none."""
        rows = slice(None) if nodes is None else self.rows(nodes)
        position = self.position[rows]
        if not len(position):
            return None
        half = np.array([WIDTH / 2 + margin, HEIGHT / 2 + margin])
        left, top = position.min(axis=0) - half
        right, bottom = position.max(axis=0) + half
        return float(left), float(top), float(right), float(bottom)

    def frame(self, nodes: Iterable[str]) -> Rect | None:
        """Return the rectangle of a group around these nodes, its title bar included."""
        inner = self.bounds((node for node in nodes if node in self.node_row), FRAME_MARGIN)
        return inner and (inner[0], inner[1] - HEADER, inner[2], inner[3])

    def rows(self, nodes: Iterable[str]) -> RowIndices:
        """Return the rows of these nodes; ids that are not there are left out."""
        found = [self.node_row[node] for node in nodes if node in self.node_row]
        return np.array(found, dtype=np.intp)


def _group(spec: NodeSpec | None) -> str:
    return spec.group if spec else ""


def _is_learned(spec: NodeSpec | None) -> bool:
    return spec is None or spec.role not in (Role.TARGET, Role.LOSS, Role.PENALTY)


def _symbol(document: Document, node: Node) -> str:
    """Return a node's sign: the kind's, of a unit that of its activation."""
    spec = document.library.get(node.kind)
    if spec is None:
        return "?"
    if spec.role is Role.UNIT:
        activation = document.library.get(str(document.param(node.id, "activation")))
        return activation.symbol if activation else spec.symbol
    return spec.symbol

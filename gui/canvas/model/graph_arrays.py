"""The document as arrays, one row for each node and edge: what the canvas draws and hits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Floats
from graph.model.document import Document
from graph.model.impact import Applied
from gui.canvas.geometry.camera import Rect
from gui.canvas.geometry.collapsed_groups import Box, boxes
from gui.canvas.geometry.shapes import (
    FRAME_MARGIN,
    HEADER,
    HEIGHT,
    WIDTH,
    RowIndices,
    parallel_ranks,
    wires,
)
from gui.canvas.geometry.wire_routing import lead_around, leads
from gui.canvas.model.node_looks import looks
from gui.canvas.model.row_change import RowChange

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
    has_gradient : (n,) bool
        Whether the node's δ teaches something: not that of targets and losses.
    has_net : (n,) bool
        Whether the node has a net input s.
    ports : list of mapping
        Of each node, port name → height relative to the centre.
    source, target : (m,) int
        Rows of each edge's ends.
    labels : list of str
        What each edge's weight is called; empty without a name of its own.
    control : (m, 4, 2)
        Control points of each edge's cubic; ``low``, ``high`` (m, 2) bound it. Those of edges
        inside a box bound nothing.
    version : int
        Grows whenever anything here changes; caches compare it.
    structure : int
        Grows when rows are added, removed or renumbered.
    new_node_row, new_edge_row : (n before,), (m before,) int
        When it grew last, where each row went; −1 for nowhere.
    """

    def __init__(self, document: Document) -> None:
        self.version = self.structure = 0
        self.rebuild(document)

    # -- following the document ---------------------------------------------------------------

    def rebuild(self, document: Document) -> None:
        """Read the whole document anew."""
        self.nodes, self.edges = list[str](), list[str]()
        self.node_row, self.edge_row = dict[str, int](), dict[str, int]()
        self.titles, self.symbols, self.groups = list[str](), list[str](), list[str]()
        self.ports, self.boxes = list[Mapping[str, float]](), list[Box]()
        self.labels = list[str]()
        self.output = self.has_gradient = self.has_net = np.zeros(0, dtype=bool)
        self.source = self.target = self._port = self._bundle = np.zeros(0, dtype=np.intp)
        self._drop = self._bend = np.zeros(0)
        self._home = self.low = self.high = np.zeros((0, 2))
        self.control = np.zeros((0, 4, 2))
        self._port_codes: dict[str, int] = {}
        self.version += 1
        self._renumber(document, document.nodes.keys(), document.edges.keys())

    def follow(self, document: Document, applied: Applied) -> None:
        """Take over what an edit changed."""
        ids, folds = applied.ids, document.groups is not self._folded
        if not (ids.nodes or ids.edges or ids.moved or folds):
            return
        self.version += 1
        if folds or ids.edges or (ids.nodes and list(document.nodes) != self.nodes):
            self._renumber(document, ids.nodes | ids.moved, ids.edges)
            return
        if ids.nodes:
            self._describe(document, ids.nodes)
        if ids.moved:
            self._place(self._locate(document, ids.moved))
            self._lead_all()

    def _renumber(self, document: Document, nodes: Collection[str], edges: Collection[str]) -> None:
        """Take over nodes and edges that came, went or changed, each with its row."""
        self.structure += 1
        rows = RowChange.of(self.node_row, document.nodes, nodes)
        self._take_nodes(document, rows)
        placed = self._locate(document, [rows.names[row] for row in rows.fresh])
        folded = bool(self.boxes)
        self._spread, self.position = self._home.copy(), self._home.copy()
        self._fold(document)
        changed = self._take_edges(document, rows.new_row, edges)
        if folded or self.boxes:
            changed = np.arange(len(self.edges))
        else:
            changed = np.union1d(changed, self.edges_of(placed))
        self._sink(changed)
        self._part(changed)
        self._bound(changed)
        self._lead_all()

    def _take_nodes(self, document: Document, rows: RowChange) -> None:
        self.nodes, self.node_row, self.new_node_row = rows.names, rows.row, rows.new_row
        found = looks(document, [rows.names[row] for row in rows.fresh])
        rows.update(self.titles, [each.title for each in found])
        rows.update(self.symbols, [each.symbol for each in found])
        rows.update(self.groups, [each.kind.group for each in found])
        rows.update(self.ports, [each.kind.ports for each in found])
        self.output, self.has_gradient = rows.array(self.output), rows.array(self.has_gradient)
        self.has_net = rows.array(self.has_net)
        self.has_net[rows.fresh] = [each.kind.has_net for each in found]
        self.output[rows.fresh] = [each.kind.output for each in found]
        self.has_gradient[rows.fresh] = [each.kind.has_gradient for each in found]
        self._home = rows.array(self._home)

    def _take_edges(
        self, document: Document, node_rows: RowIndices, touched: Collection[str]
    ) -> RowIndices:
        """Return the rows of edges that are new, or beside others than before."""
        rows = RowChange.of(self.edge_row, document.edges, touched)
        source, target = node_rows[self.source], node_rows[self.target]
        left = source[rows.gone] * len(self.nodes) + target[rows.gone]
        self.edges, self.edge_row, self.new_edge_row = rows.names, rows.row, rows.new_row
        self.source, self.target = rows.array(source), rows.array(target)
        self._port, self._drop = rows.array(self._port), rows.array(self._drop)
        self._bend, self._bundle = rows.array(self._bend), rows.array(self._bundle)
        self.control = rows.array(self.control)
        self.low, self.high = rows.array(self.low), rows.array(self.high)
        records, row, codes = document.edges, self.node_row, self._port_codes
        fresh = [records[rows.names[each]] for each in rows.fresh]
        rows.update(self.labels, [edge.label for edge in fresh])
        self.source[rows.fresh] = [row[edge.source] for edge in fresh]
        self.target[rows.fresh] = [row[edge.target] for edge in fresh]
        self._port[rows.fresh] = [codes.setdefault(edge.port, len(codes)) for edge in fresh]
        pairs = self.source * len(self.nodes) + self.target
        return np.flatnonzero(np.isin(pairs, np.concatenate([left, pairs[rows.fresh]])))

    def _fold(self, document: Document) -> None:
        """Hide the nodes of collapsed groups in boxes."""
        self._folded = document.groups
        self.boxes = boxes(document, self.node_row)
        self.shown = np.ones(len(self.nodes), dtype=bool)
        self._standing = np.arange(len(self.nodes))  # the row each node is drawn at
        for box in self.boxes:
            self.shown[box.rows] = False
            self._standing[box.rows] = box.rows[0]
            self.position[box.rows] = box.center(self._spread)

    def _describe(self, document: Document, nodes: Collection[str]) -> None:
        """Read texts and ports of nodes; their edges follow if the ports moved."""
        moved = []
        for name, found in zip(nodes, looks(document, nodes), strict=True):
            row = self.node_row[name]
            self.titles[row], self.symbols[row], kind = found
            self.groups[row], self.output[row] = kind.group, kind.output
            self.has_gradient[row], self.has_net[row] = kind.has_gradient, kind.has_net
            if self.ports[row] != kind.ports:
                self.ports[row] = kind.ports
                moved.append(row)
        if moved:
            edges = self.edges_of(np.array(moved))
            self._sink(edges)
            self._bound(edges)
            self._lead_all()

    def _sink(self, rows: RowIndices) -> None:
        """Find how far below its node's centre each of these edges ends."""
        names, ends = list(self._port_codes), self.target[rows]
        ports = zip(ends.tolist(), self._port[rows].tolist(), strict=True)
        self._drop[rows] = [self.ports[row].get(names[code], 0.0) for row, code in ports]
        self._drop[rows[~self.shown[ends]]] = 0.0

    def _part(self, rows: RowIndices) -> None:
        """Bend parallel edges apart; these rows hold all edges between any two nodes, or none."""
        start, end = self._standing[self.source[rows]], self._standing[self.target[rows]]
        pairs = start * len(self.nodes) + end
        _, place, many = np.unique(pairs, return_inverse=True, return_counts=True)
        self._bundle[rows] = many[place]
        self._bend[rows] = parallel_ranks(pairs * len(self._port_codes) + self._port[rows])

    def _locate(self, document: Document, nodes: Collection[str]) -> RowIndices:
        """Take the places of nodes from the document and return their rows."""
        positions = document.positions
        if document.nodes.keys() <= positions.keys():
            rows = self.rows(nodes)
            self._home[rows] = np.array(
                [positions[self.nodes[row]] for row in rows.tolist()], dtype=float
            ).reshape(-1, 2)
            return rows
        self._home = places(document)
        return np.arange(len(self.nodes))

    # -- places -------------------------------------------------------------------------------

    def preview(self, rows: RowIndices, dx: float, dy: float) -> None:
        """Show nodes away from their places, while a drag goes on; (0, 0) ends it."""
        self.version += 1
        self._place(rows, dx, dy)
        if dx == dy == 0.0:
            self._lead_all()

    def _place(self, rows: RowIndices, dx: float = 0.0, dy: float = 0.0) -> None:
        self._spread[rows] = self.position[rows] = self._home[rows] + (dx, dy)
        for box in self.boxes:
            if np.isin(box.rows, rows).any():
                self.position[box.rows] = box.center(self._spread)
                rows = np.union1d(rows, box.rows)
        self._bound(self.edges_of(rows))

    def _lead_all(self) -> None:
        """Lead wires around nodes, if there are few: any may be in the way of any."""
        if leads(len(self.nodes), len(self.edges)):
            self._bound(np.arange(len(self.edges)))

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
        if leads(len(self.nodes), len(self.edges)):
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


def places(document: Document) -> Floats:
    """Return the centres of all nodes (n, 2); those without a position are below the others."""
    positions = document.positions
    corner_x = min((x for x, _ in positions.values()), default=0.0)
    corner_y = max((y for _, y in positions.values()), default=-_UNPLACED_GAP[1])
    unplaced = [name for name in document.nodes if name not in positions]
    across = max(1, round(len(unplaced) ** 0.5))
    gap_x, gap_y = _UNPLACED_GAP
    slots = {
        name: (corner_x + number % across * gap_x, corner_y + (number // across + 1) * gap_y)
        for number, name in enumerate(unplaced)
    }
    found = [positions.get(name) or slots[name] for name in document.nodes]
    return np.array(found, dtype=float).reshape(-1, 2)

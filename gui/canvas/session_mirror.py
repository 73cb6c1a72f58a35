"""Keeps a scene equal to the session: document, numbers, selection, problems."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.analysis.score import Phase
from graph.model.dataset import split_component
from graph.model.impact import Applied, Impact
from gui.canvas.geometry.shapes import RowIndices
from gui.canvas.layers.digit_glyphs import text
from gui.canvas.layers.node_plates import NodePlate
from gui.canvas.model.backward_costs import CostCounter
from gui.canvas.model.hit_test import NOTHING, Hit, HitKind
from gui.canvas.model.node_parameters import NodeParameters, picture_rows
from gui.canvas.scene import Highlights, Scene
from gui.session.session import Session

_NOISE = 1e-13  # relative to a value: what rounding alone changes
_MOST_CHANGES = 300  # nodes that say how they change while a value is dragged
_NO_ROWS: RowIndices = np.zeros(0, dtype=np.intp)


class Mirror(QObject):
    """Connects a `Session` to a `Scene`; the only one that changes the scene's arrays.

    Attributes
    ----------
    changed : Signal()
        The scene is to be drawn again.
    replaced : Signal()
        It shows another document.
    fresh_readings : Signal()
        New numbers arrived.
    scales_changed : Signal()
        The scales of the colours are locked, logarithmic or fitted otherwise than before.
    costs : CostCounter
        What the backward pass keeps and multiplies.
    hovered : Hit
        What is under the mouse.
    dims : bool
        Whether wires that do not touch the selection are faint.
    """

    changed = Signal()
    replaced = Signal()
    fresh_readings = Signal()
    scales_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.scene = Scene(session.document)
        self.hovered = NOTHING
        self.dims = False
        self._targets: dict[str, RowIndices] = {}
        self._parameters = NodeParameters()
        self.costs = CostCounter(session.background)
        self._wide: tuple[object, int, dict[int, int]] = (None, -1, {})
        session.edited.connect(self._on_edited)
        session.replaced.connect(self._on_replaced)
        session.selection_changed.connect(self.refresh_highlights)
        session.problems_changed.connect(self.refresh_highlights)
        session.widths_changed.connect(self.refresh_highlights)
        session.readings_changed.connect(self._on_readings)
        session.shown_changed.connect(self._on_shown)
        session.training_changed.connect(self._on_shown)
        session.stepper.changed.connect(self.refresh_highlights)
        session.pointed_at.connect(self.refresh_highlights)
        session.break_marks.changed.connect(self.refresh_highlights)
        self._take_numbers()
        self.refresh_highlights()

    def hover(self, hit: Hit) -> None:
        """Highlight what is under the mouse."""
        if hit != self.hovered:
            self.hovered = hit
            self.costs.ask(self.session.plan)  # for the tool tip that comes if the mouse stays
            self.refresh_highlights()
            self._point_at(hit)

    def _point_at(self, hit: Hit) -> None:
        if hit.part is HitKind.EDGE:
            self.session.point_at(("edge", hit.id))
        elif hit.part in (HitKind.NODE, HitKind.INPUT, HitKind.OUTPUT):
            self.session.point_at(("node", hit.id))
        else:
            self.session.point_at()

    def mark_target(self, node: str, *, good: bool | None) -> None:
        """Mark the node that a wire would reach as good or bad; None marks none."""
        rows = self.scene.arrays.rows([node])
        self._targets = {} if good is None else {"good" if good else "bad": rows}
        self.refresh_highlights()

    # -- the scales of the colours --------------------------------------------------------------

    def refit_scales(self) -> None:
        """Choose the scales anew, from the numbers shown now."""
        self.scene.shading.scales.refit()
        self._on_scales()

    def lock_scales(self, locked: bool) -> None:
        """Keep the scales as they are, or not."""
        self.scene.shading.scales.locked = locked
        self._on_scales()

    def use_logarithm(self, logarithmic: bool) -> None:
        """Let colours go by orders of magnitude, or not."""
        self.scene.shading.scales.logarithmic = logarithmic
        self._on_scales()

    def _on_scales(self) -> None:
        self._on_shown()
        self.scales_changed.emit()

    # -- following the session ----------------------------------------------------------------

    def _on_edited(self, applied: Applied) -> None:
        structure, self.scene.costs = self.scene.arrays.structure, None
        self.scene.arrays.follow(self.session.document, applied)
        if self.scene.arrays.structure != structure:
            self.scene.pulses.end_wave()
        if self.scene.arrays.structure != structure or Impact.VALUES in applied.impact:
            self._take_numbers()
        self.refresh_highlights()

    def _on_replaced(self) -> None:
        self.scene.take_document(self.session.document)
        self._targets, self.hovered = {}, NOTHING
        self._take_numbers()
        self.refresh_highlights()
        self.scales_changed.emit()
        self.replaced.emit()

    def _on_readings(self) -> None:
        self._take_numbers()
        self.fresh_readings.emit()
        self.changed.emit()

    def _on_shown(self) -> None:
        self._take_numbers()
        self.changed.emit()

    def _take_numbers(self) -> None:
        session, scene = self.session, self.scene
        held = session.run.history is not None or session.stepper.at is not None
        scene.take_readings(session.readings, session.shown, held=held, vectors=self._widths())
        scene.unit = self._unit()
        scene.growing = self._growing_sum()
        scene.edited = self._edited_inputs()
        scene.changes = self._changes()
        numbers = session.readings, session.value
        shown_in = scene.document, scene.arrays  # which is perhaps about to be replaced
        parameters = self._parameters.read(*shown_in, *numbers)
        matrices = self._parameters.matrices(*shown_in, *numbers, self._widths())
        scene.take_parameters(parameters, matrices, held=held)
        scene.pictures = picture_rows(*shown_in, self._widths())

    def _changes(self) -> list[NodePlate]:
        """Return by how much nodes changed since the value that is dragged began to move."""
        before, now, rows = self.session.before_scrub, self.session.readings, []
        if before is None or now is None or before.nodes != now.nodes:
            return []
        gone = now.value - before.value
        moved = np.abs(gone) > _NOISE * np.maximum(np.abs(now.value), np.abs(before.value))
        for place in np.flatnonzero(moved)[:_MOST_CHANGES].tolist():
            row = self.scene.arrays.node_row.get(now.nodes[place])
            if row is not None:
                name = "mean Δz" if now.nodes[place] in now.strips else "Δz"
                sign = "−" if gone[place] < 0 else "+"
                rows.append(NodePlate(row, f"{name} {sign}{text(abs(gone[place]))}", False))
        return rows

    def _edited_inputs(self) -> list[NodePlate]:
        """Return what marks the inputs that are edited by hand."""
        document, rows, edited = self.session.document, self.scene.arrays.node_row, []
        changes = self.session.edited_row.changes if self.session.edited_row else {}
        columns = {entry.column for entry in changes}
        for node in document.nodes.values() if columns else ():
            read = node.params.get("columns", ())
            if isinstance(read, tuple) and node.id in rows:
                names = {split_component(str(name))[0] for name in read} | set(map(str, read))
                if names & columns:
                    edited.append(NodePlate(rows[node.id], "edited"))
        return edited

    def _growing_sum(self) -> NodePlate | None:
        """Return the sum in which the cursor of an update stands, as far as it is known."""
        stepper, rows = self.session.stepper, self.scene.arrays.node_row
        number, node = stepper.number, stepper.lit_node
        if number is None or node not in rows:
            return None
        if stepper.phase in (Phase.LOSS, Phase.BACKWARD) and number.sum_so_far is not None:
            so_far = f"{number.sum_symbol} {text(number.sum_so_far)} ({number.progress})"
            return NodePlate(rows[node], so_far)
        if number.symbol in ("E", "∂E/∂z", "mean ∂E/∂z"):  # the sum is complete
            return NodePlate(rows[node], f"{number.symbol} {text(number.number)}")
        return None

    def _unit(self) -> str:
        session = self.session
        if session.readings is None:
            return "no numbers yet"
        return session.rows_text

    # -- what is highlighted -------------------------------------------------------------------

    def refresh_highlights(self) -> None:
        """Find again what is selected, hovered, faint or has a problem."""
        session, arrays = self.session, self.scene.arrays
        highlights = Highlights()
        selected = arrays.rows(session.selection.nodes)
        states = highlights.marks.states
        for severity in ("warning", "error"):
            nodes = {
                node
                for problem in session.problems
                if problem.severity == severity
                for node in problem.nodes
            }
            states[severity] = arrays.rows(nodes)
        pointed = {name for kind, name in session.pointed if kind == "node"}
        if self.hovered.part in (HitKind.NODE, HitKind.INPUT, HitKind.OUTPUT):
            pointed.add(self.hovered.id)
        states["hovered"] = arrays.rows(sorted(pointed))
        states["selected"] = selected
        lit = session.stepper.lit_node
        states["cursor"] = arrays.rows([lit] if lit else [])
        states.update(self._targets)
        highlights.marks.widths = self._widths()
        highlights.strong = self._strong_edges(selected)
        if self.dims and len(selected):
            touched = np.zeros(len(arrays.edges), dtype=bool)
            touched[arrays.edges_of(selected)] = True
            highlights.dimmed = ~touched
        for name, there in session.break_marks.of(session.document).items():
            is_on = any(mark.is_on for mark in there)
            if name in arrays.node_row:
                highlights.node_breaks[arrays.node_row[name]] = is_on
            elif name in arrays.edge_row:
                highlights.edge_breaks[arrays.edge_row[name]] = is_on
        self.scene.highlights = highlights
        self.changed.emit()

    def _widths(self) -> dict[int, int]:
        widths, arrays = self.session.widths, self.scene.arrays
        if self._wide[0] is not widths or self._wide[1] != arrays.structure:
            row = arrays.node_row
            wide = {
                row[node]: width
                for node, width in (widths.nodes if widths else {}).items()
                if width is not None and width > 1 and node in row
            }
            self._wide = (widths, arrays.structure, wide)
        return self._wide[2]

    def _strong_edges(self, selected: RowIndices) -> RowIndices:
        arrays = self.scene.arrays
        session = self.session
        lit = {*session.selection.edges, *session.stepper.lit_edges, *session.pointed_edges}
        rows = {arrays.edge_row[e] for e in lit if e in arrays.edge_row}
        if self.hovered.part is HitKind.EDGE and self.hovered.id in arrays.edge_row:
            rows.add(arrays.edge_row[self.hovered.id])
        return np.array(sorted(rows), dtype=np.intp) if rows else _NO_ROWS

"""The session: one open document, its undo stack, selection, numbers and training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from engine.arrays.aliases import Array
from graph.errors import EditError, GradwireError
from graph.model.document import Document
from graph.model.edits import Edit
from graph.model.impact import Applied, Impact, impact_of
from graph.model.kinds import Library
from gui.formulas.pieces import PlaceName
from gui.jobs.frame_scheduler import FrameScheduler
from gui.jobs.garbage_timer import GarbageTimer
from gui.jobs.job_queue import Background
from gui.jobs.kernel_loader import Kernels
from gui.jobs.publication import Publication
from gui.look.edge_quantity import EdgeQuantity
from gui.session.break_marks import BreakMarks
from gui.session.derived_state import Calculation
from gui.session.edit_command import Apply, EditCommand
from gui.session.edited_row import DataEntry, EditedRow, data_units
from gui.session.stepper import Stepper
from gui.session.training_run import TrainingRun

if TYPE_CHECKING:
    from engine.data import Prepared
    from engine.interpreter.probe import Probe
    from engine.plan.plan import Plan
    from graph.validation.problems import Problem
    from graph.validation.width_inference import Widths


@dataclass(frozen=True, slots=True)
class Selection:
    """Ids of the selected nodes and edges."""

    nodes: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.nodes or self.edges)


class Session(QObject):
    """What the whole window works on; every part of it reads and changes the document here.

    Attributes
    ----------
    document, path, undo_stack, selection, shown
        The document; its file or None; its history; what is selected; what colours the edges.
    before_scrub : Probe or None
        The readings before the value that is being dragged began to move.
    is_open : bool
        Whether there is a document to show, rather than the start page.
    is_example : bool
        Whether it came with Gradwire, so that saving asks for a place of its own.
    background, kernels, frames, publication, run, stepper, break_marks
        Slow work, the fast engine's machine code, whose turn it is to draw, whether all have drawn
        what the run published, training, the cursor inside an update, and where these two stop.
    """

    edited = Signal(object)  # `Applied`: done, undone or redone; ``readings`` and others follow
    replaced = Signal()  # by another document altogether
    selection_changed = Signal()
    widths_changed = Signal()
    problems_changed = Signal()
    data_changed = Signal()
    readings_changed = Signal()  # after an edit, for another row, or live while training
    training_changed = Signal()  # the run's state or the training settings
    shown_changed = Signal()
    pointed_at = Signal()  # ``pointed`` changed
    path_changed = Signal()
    notice = Signal(str)  # one sentence: what went wrong or was refused, and what to do
    news = Signal(str)  # one sentence that is good to know; it goes away by itself

    def __init__(self, library: Library, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = library
        self._garbage = GarbageTimer(self)
        self.background = Background(self)
        self.kernels = Kernels(self)
        self.frames = FrameScheduler()
        self.publication = Publication()
        self.document = Document(library)
        self.calculation = Calculation(self.document, self.background, self.kernels, self)
        self.undo_stack = QUndoStack(self)
        self.run = TrainingRun(self, self)
        self.stepper = Stepper(self, self)
        self.break_marks = BreakMarks(self)
        self.path: Path | None = None
        self.is_open = False
        self.is_example = False
        self.selection = Selection()
        self.shown: EdgeQuantity = "weight"
        self.pointed: frozenset[PlaceName] = frozenset()
        self.before_scrub: Probe | None = None
        self._unsubscribe = self.document.subscribe(self._on_edit)
        self.calculation.structure_changed.connect(self.widths_changed)
        self.calculation.problems_changed.connect(self.problems_changed)
        self.calculation.data_changed.connect(self.data_changed)
        self.calculation.readings_changed.connect(self.readings_changed)
        self.calculation.failed.connect(self.notice)
        self.run.state_changed.connect(self.training_changed)
        self.kernels.prepared.connect(self._on_prepared)

    # -- documents ----------------------------------------------------------------------------

    def new(self, document: Document | None = None, path: Path | None = None) -> None:
        """Take another document (an empty one by default), read from ``path`` if given."""
        self.stepper.rest()
        self.run.forget()
        self._unsubscribe()
        self.document = document or Document(self.library)
        self._unsubscribe = self.document.subscribe(self._on_edit)
        self.path, self.is_open, self.is_example = path, True, False
        self.selection = Selection()
        self.pointed, self.before_scrub = frozenset(), None
        self.undo_stack.clear()
        self.kernels.want(self.document.training.dtype)
        self.calculation.watch(self.document, path.parent if path else Path())
        self.replaced.emit()
        self._garbage.settle()
        self.path_changed.emit()
        self.selection_changed.emit()

    def open(self, path: Path) -> bool:
        """Read a document; a refusal goes to ``notice`` and leaves everything as it was."""
        return self._open(path, path)

    def restore(self, lost: Path, original: Path | None) -> bool:
        """Take back unsaved work from a recovery file; it counts as not saved."""
        opened = self._open(lost, original)
        if opened:
            self.undo_stack.resetClean()
        return opened

    def _open(self, file: Path, path: Path | None) -> bool:
        from graph.files.storage import load

        try:
            document = load(file, self.library)
        except (GradwireError, OSError) as error:
            self.notice.emit(str(error))
            return False
        self.new(document, path)
        return True

    def save(self, path: Path) -> bool:
        """Write the document; a failure goes to ``notice``."""
        from graph.files.storage import save

        self.run.pause()
        try:
            save(self.document, path)
        except (GradwireError, OSError) as error:
            self.notice.emit(f"The file was not saved: {error}")
            return False
        self.path = path
        self.calculation.folder = path.parent
        self.undo_stack.setClean()
        self.path_changed.emit()
        return True

    def close(self) -> None:
        """End training and all background work, and wait for them."""
        self.stepper.close()
        self.run.forget()
        self.kernels.close()
        self.background.close()
        self.calculation.close()
        self.undo_stack.blockSignals(True)  # it signals while it is destroyed, to whoever is left
        self.frames.clear()
        self._garbage.close()

    # -- editing ------------------------------------------------------------------------------

    def push(
        self,
        edit: Edit,
        text: str,
        merge: str | None = None,
        *,
        redraws: bool = False,
        always: bool = False,
    ) -> bool:
        """Apply an edit as one undo entry; whether that worked: a refusal goes to ``notice``.

        Parameters
        ----------
        text : str
            What the entry is called in the menu (``Move 3 nodes``).
        merge : str, optional
            Successive edits with the same key become one entry (a slider that is dragged).
        redraws : bool
            Whether parameters without a value in the document are drawn anew with it.
        always : bool
            Whether it is an entry even if it changes no number (a step that stood still).
        """
        self.run.before_edit(impact_of(edit))
        apply: Apply = self.document.apply
        if redraws:
            apply = self.calculation.redrawing(apply)
        try:
            inverse = apply(edit)
        except EditError as error:
            self.notice.emit(str(error))
            return False
        if inverse == edit and not (redraws or always):
            return True  # nothing changed: nothing to undo
        self.undo_stack.push(EditCommand(apply, edit, inverse, text, merge))
        return True

    def undo(self) -> None:
        """Undo one entry; a run that trains is paused first."""
        self.run.pause()
        self.undo_stack.undo()

    def redo(self) -> None:
        """Redo one entry; a run that trains is paused first."""
        self.run.pause()
        self.undo_stack.redo()

    def _on_edit(self, applied: Applied) -> None:
        self.select(self.selection.nodes, self.selection.edges)  # as far as they are still there
        self.edited.emit(applied)
        self.calculation.react(applied)
        self.run.after_edit(applied)
        self.stepper.after_edit(applied.impact)
        if Impact.SETTINGS in applied.impact:
            self.kernels.want(self.document.training.dtype)
            self.training_changed.emit()

    # -- selection and what is shown ----------------------------------------------------------

    def select(self, nodes: Iterable[str] = (), edges: Iterable[str] = ()) -> None:
        """Select exactly these; ids that do not exist are left out."""
        selection = Selection(
            frozenset(nodes) & self.document.nodes.keys(),
            frozenset(edges) & self.document.edges.keys(),
        )
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    def show_on_edges(self, shown: EdgeQuantity) -> None:
        """Choose what colours the edges."""
        if shown != self.shown:
            self.shown = shown
            self.shown_changed.emit()

    def point_at(self, *places: PlaceName) -> None:
        """Light nodes, edges and parameters, everywhere that shows them; none ends it."""
        if frozenset(places) != self.pointed:
            self.pointed = frozenset(places)
            self.pointed_at.emit()

    @property
    def pointed_edges(self) -> set[str]:
        """The edges that are lit: those pointed at, and those that carry such a parameter."""
        document = self.document
        found = {name for kind, name in self.pointed if kind == "edge"}
        parameters = {name for kind, name in self.pointed if kind == "parameter"}
        for name in parameters:
            slots = [slot for slot, shared in document.shared.items() if shared == name]
            found |= {slot.rpartition(".")[0] for slot in (name, *slots)}
        return found & document.edges.keys()

    def set_row(self, row: int | None) -> None:
        """Choose the row of the dataset whose numbers are shown; None is the mean."""
        self.calculation.set_row(row)

    def edit_input(self, entry: DataEntry, name: str, number: float) -> None:
        """Show the shown row with another input, by hand; the data stay as they are."""
        self.calculation.edit_input(entry, name, number)

    def data_units(self, node: str, numbers: Array) -> list[tuple[str, float]]:
        """Return numbers of an input or target, (width,), in the units of the data, if scaled."""
        columns = self.document.params(node).get("columns")
        references = [str(name) for name in columns] if isinstance(columns, tuple) else []
        return data_units(self.prepared, references, numbers)

    def end_edits(self) -> None:
        """Show the row as it is stored."""
        self.calculation.end_edits()

    def begin_scrub(self) -> None:
        """Remember the numbers: a value is dragged from here on, and changes are shown."""
        self.before_scrub = self.readings

    def end_scrub(self) -> None:
        """Show no changes any more."""
        self.before_scrub = None
        self.shown_changed.emit()

    def _on_prepared(self) -> None:
        going_on = self.run.history is not None and self.run.engine == "numpy"
        stays = "; this run stays with NumPy until it is reset" if going_on else ""
        self.news.emit(f"The fast engine is ready{stays}.")

    # -- numbers ------------------------------------------------------------------------------

    @property
    def widths(self) -> Widths | None:
        """Width of every node's value."""
        return self.calculation.widths

    @property
    def problems(self) -> list[Problem]:
        """What keeps the document from running."""
        return self.calculation.problems

    @property
    def hints(self) -> list[str]:
        """What is good to know about how it trains, a sentence each."""
        return [text for text in (self.kernels.problem, self.run.engine_note) if text]

    @property
    def prepared(self) -> Prepared | None:
        """The data, once read."""
        return self.calculation.prepared

    @property
    def schema(self) -> dict[str, int]:
        """Column → width; empty without data."""
        return self.calculation.schema

    @property
    def plan(self) -> Plan | None:
        """The compiled graph; None while there are problems or it is being compiled.

        The readings may be of the part of the graph that can run all the same.
        """
        return self.calculation.plan

    @property
    def theta(self) -> Array | None:
        """All present parameters, flat."""
        return self.calculation.theta

    @property
    def readings(self) -> Probe | None:
        """Values, deltas, messages and gradients of the shown row, or of the mean.

        Inside an update, what is not yet known at the cursor is NaN.
        """
        return self.stepper.masked(self.calculation.probing.readings)

    @property
    def error(self) -> float | None:
        """E of the shown row, or of the mean; None while the graph has no loss that can run."""
        plan, readings = self.plan, self.readings
        if not plan or not plan.losses or readings is None or not self.stepper.knows("E"):
            return None
        return readings.error

    @property
    def row(self) -> int | None:
        """The row of the dataset that is shown; None is the mean over training rows."""
        return self.calculation.probing.row

    @property
    def edited_row(self) -> EditedRow | None:
        """What is changed by hand in the row that is shown; None while it is as it is stored."""
        return self.calculation.probing.edited

    @property
    def rows(self) -> int:
        """How many rows there are to choose from: all of the dataset."""
        return self.calculation.probing.count

    @property
    def rows_text(self) -> str:
        """Whose numbers are shown: ``row 7 (test)``, ``mean over 150 training rows``."""
        return self.calculation.probing.text

    def value(self, name: str) -> Array | None:
        """Return a parameter's value at the cursor (shape as in the plan); None if it has none."""
        return self.stepper.value(name)

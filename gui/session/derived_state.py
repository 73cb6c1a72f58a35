"""What follows from the document: data, widths, problems, plan, parameters θ and readings.

Each edit is answered by the least work: a moved node by none, a new weight by a probe, a new edge
by widths, problems, plan and probe. Small graphs are answered at once in the GUI thread, so that
E moves with the hand; slow work goes to the background, and a result for an older graph is
dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine.arrays.aliases import Array, Integers
from graph.errors import GradwireError
from graph.model.document import Document
from graph.model.impact import Applied, Impact
from graph.model.tensor import Tensor
from gui.jobs.gil_yield import GilYield
from gui.jobs.job_queue import Background
from gui.jobs.kernel_loader import Kernels
from gui.session.data_loading import DataLoading
from gui.session.edit_command import Apply
from gui.session.edited_row import DataEntry
from gui.session.probing import Probing, Subject

if TYPE_CHECKING:
    from engine.arrays.counter_stream import Stream
    from engine.data import Prepared
    from engine.interpreter.probe import Probe
    from engine.plan.plan import Parameter, Plan
    from graph.validation.problems import Problem
    from graph.validation.width_inference import Widths
    from gui.session.partial_plan import Compiled, DrawnValues

Result = TypeVar("Result")

NO_DATA = "There is no data to train on; choose some."
_AT_ONCE = 400  # nodes and edges of a graph that is compiled in the GUI thread


class Calculation(QObject):
    """Keeps everything that follows from one document up to date.

    Attributes
    ----------
    folder : Path
        Where relative paths of data files start.
    version : int
        Grows with every edit that changes the computation; results carry it.
    data : DataLoading
        The data, or why they cannot be used.
    probing : Probing
        The readings, and the rows they are of.
    plan : Plan or None
        The compiled graph; None while the document has problems.
    shown, theta : Plan, (size,) array or None
        What gives the numbers on the canvas, and its parameters: the plan, or that of the part
        of an unfinished graph that can run already.
    """

    data_changed = Signal()
    structure_changed = Signal()  # ``widths`` is new
    problems_changed = Signal()
    readings_changed = Signal()
    failed = Signal(str)  # one sentence: no data can be read, or no numbers computed

    def __init__(
        self, document: Document, background: Background, kernels: Kernels, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._document, self._background = document, background
        self.folder = Path()
        self.probing = Probing(background, kernels, self)
        self.probing.changed.connect(self.readings_changed)
        self.probing.failed.connect(self.failed)
        self.data = DataLoading(background, self)
        self.data.done.connect(self._on_data)
        self._soon = QTimer(self, singleShot=True, interval=30)
        self._soon.timeout.connect(self.find_problems)
        self.version = 0
        self._values: DrawnValues
        self._forget()

    def _forget(self) -> None:
        self.widths: Widths | None = None
        self.problems: list[Problem] = []
        self.plan_error = ""
        self.plan: Plan | None = None
        self.shown: Plan | None = None
        self.theta: Array | None = None
        self._drawing: object = None
        self._waits = False  # whether a large graph is to be compiled soon
        self._found_at = -1  # the version that ``problems`` are of

    # -- following the document ---------------------------------------------------------------

    def watch(self, document: Document, folder: Path) -> None:
        """Start over with another document, whose data files are relative to ``folder``."""
        from gui.session.partial_plan import DrawnValues

        self._forget()
        self.probing.reset()
        self._document, self.folder = document, folder
        self._values = DrawnValues()
        self.version += 1
        self._load_data()
        self._rebuild()

    def _load_data(self) -> None:
        self.probing.set_row(None)
        if self.data.load(self._document.dataset, self.folder):
            if self.data.error:
                self.failed.emit(self.data.error)
            self.data_changed.emit()

    def react(self, applied: Applied) -> None:
        """Bring up to date what the edit changed."""
        if not applied.impact.numeric:
            return
        self.version += 1
        if Impact.DATA in applied.impact:
            self._load_data()
        if self.shown is not None and applied.impact.is_only(Impact.VALUES | Impact.SETTINGS):
            self._revalue(applied.ids.parameters)
            self.probe()
        else:
            self._rebuild()

    @property
    def schema(self) -> dict[str, int]:
        """Width of every column of the data; empty without data."""
        return dict(self.prepared.schema) if self.prepared else {}

    def set_row(self, row: int | None) -> None:
        """Show a row of the dataset, or the mean over training rows (None)."""
        self.probing.set_row(row)
        self.probe()

    def edit_input(self, entry: DataEntry, name: str, number: float) -> None:
        """Show the shown row with another number; neither the data nor training change."""
        self.probing.edit(entry, name, number)
        self._probe_other_numbers()

    def end_edits(self) -> None:
        """Show the row as it is stored."""
        self.probing.end_edits()
        self._probe_other_numbers()

    def _probe_other_numbers(self) -> None:
        """Probe the same row with other numbers: what is on its way is void."""
        found, self.version = self._found_at == self.version, self.version + 1
        self._found_at = self.version if found else self._found_at
        self.probe()

    def show_batch(
        self, rows: Integers | None, text: str = "", noise: Stream | None = None
    ) -> None:
        """Let the mean be that of some rows of the dataset, or of training rows again (None)."""
        self.probing.set_batch(rows, text, noise)
        self.probe()

    # -- data ---------------------------------------------------------------------------------

    @property
    def prepared(self) -> Prepared | None:
        """The data, once it is read."""
        return self.data.prepared

    def _on_data(self) -> None:
        if self.data.error:
            self.failed.emit(self.data.error)
        self._rebuild()
        self.data_changed.emit()

    # -- widths, problems, plan ---------------------------------------------------------------

    def _rebuild(self) -> None:
        self._soon.start()
        self._background.drop("plan")
        self._waits = False
        if self._is_small:
            try:
                self._take_plan(self._compile())
            except GradwireError as error:
                self._refuse_plan(str(error))
        else:  # what is shown stays until there is something new
            self._background.drop("probe")
            self._set_plan(None, None, "")
            self._waits = True

    @property
    def _is_small(self) -> bool:
        return len(self._document.nodes) + len(self._document.edges) <= _AT_ONCE

    def _compile(self) -> Compiled | None:
        from gui.session.partial_plan import compiled

        return self._unless_edited(partial(compiled, self._document, self.schema, self._values))

    def _unless_edited(self, work: Callable[[], Result]) -> Result | None:
        """Do something that reads the document; None if it was edited in the other thread."""
        version = self.version
        try:
            return work()
        except (RuntimeError, KeyError):
            if version == self.version:
                raise
            return None  # the job is void anyway

    def _take_plan(self, compiled: Compiled | None) -> None:
        if compiled is None:
            return
        self.widths = compiled.widths
        self.structure_changed.emit()
        if compiled.plan is None:
            self._refuse_plan(compiled.problem)
            return
        self._set_plan(compiled.plan, compiled.theta, compiled.problem)
        self._values.keep(self._document, compiled.drawn)
        try:
            self.probing.choose_rows(compiled.plan, self.prepared)
        except GradwireError as error:
            self._refuse_plan(str(error))
        else:
            self.probe()

    def _set_plan(self, plan: Plan | None, theta: Array | None, problem: str) -> None:
        self.shown, self.theta, self.plan_error = plan, theta, problem
        self.plan = None if problem else plan
        self._drawing = self._values.key(self._document)

    def _refuse_plan(self, sentence: str) -> None:
        self._set_plan(None, None, sentence)
        self.probing.forget()

    def close(self) -> None:
        """Look for nothing any more."""
        self._soon.stop()

    def find_problems(self) -> None:
        """Look for problems: of a small graph now, of a large one in the background."""
        self._soon.stop()
        if self._waits:  # until the frame that shows the edit was painted
            self._waits = False
            self._background.run("plan", self._compile, self._take_plan, self._refuse_plan)
        if self._is_small:
            self._take_problems(self._problems())
        else:
            self._background.run("problems", self._problems, self._take_problems, self.failed.emit)

    def _problems(self) -> tuple[int, list[Problem]] | None:
        from graph.validation.problems import problems

        document, version = self._document, self.version
        loaded = self.prepared is not None or document.dataset is None
        schema = self.schema if loaded else None
        widths = self.widths if self._is_small else None  # those of before, perhaps
        is_reading = self.is_reading
        found = self._unless_edited(
            lambda: problems(document, schema, widths, is_reading=is_reading)
        )
        return None if found is None else (version, found)

    def _take_problems(self, found: tuple[int, list[Problem]] | None) -> None:
        if found is not None:
            self._found_at, self.problems = found
            self.problems_changed.emit()

    @property
    def is_reading(self) -> bool:
        """Whether the data is still being read."""
        wanted = self._document.dataset is not None
        return wanted and self.prepared is None and not self.data.error

    def why_not_runnable(self) -> str:
        """Return one sentence on what keeps the network from being trained."""
        if self.is_reading:
            return "The data is still being read; try again in a moment."
        if not self._is_small and self._found_at != self.version:
            return "The network is still being prepared; try again in a moment."
        self.find_problems()
        document = self._document
        if document.nodes and document.dataset is None:
            return NO_DATA
        errors = [problem.message for problem in self.problems if problem.severity == "error"]
        if errors or self.plan_error:
            text = errors[0] if errors else self.plan_error
            return text[:1].upper() + text[1:]
        return self.data.error or "The data is still being read; try again in a moment."

    # -- parameters ---------------------------------------------------------------------------

    def value(self, name: str) -> Array | None:
        """Return a parameter's present value (a view of ``theta``); None if there is none."""
        found = self.parameter(name)
        if found is not None and self.theta is not None:
            flat = self.theta[found.offset : found.offset + found.size]
            return flat.reshape(found.shape)
        tensor = self._document.parameters.get(name)
        return None if tensor is None else _array(tensor)

    def parameter(self, name: str) -> Parameter | None:
        """Return what the plan says of a parameter."""
        return self.shown.parameters.find(name) if self.shown else None

    def _revalue(self, names: Iterable[str]) -> None:
        """Bring θ up to date after new values or settings, without looking at all of it."""
        assert self.shown is not None
        assert self.theta is not None
        values = self._document.parameters
        found = [(self.parameter(name), values.get(name)) for name in names]
        known = [(place, value) for place, value in found if place is not None]
        fitting = [
            (place, value)
            for place, value in known
            if value is not None and value.shape == place.shape
        ]
        if len(fitting) < len(known) or self._drawing != self._values.key(self._document):
            theta, drawn = self._values.theta(self.shown, self._document)
            self._set_plan(self.shown, theta, self.plan_error)
            self._values.keep(self._document, drawn)
            return
        self.theta = self.theta.copy()
        numbers = np.frombuffer(b"".join([value.data for _, value in fitting]), "<f8")
        firsts = np.array([place.offset for place, _ in fitting], np.int64)
        sizes = np.array([place.size for place, _ in fitting], np.int64)
        starts = np.cumsum(sizes) - sizes
        self.theta[np.repeat(firsts - starts, sizes) + np.arange(len(numbers))] = numbers

    def redrawing(self, apply: Apply) -> Apply:
        """Return an ``apply`` that also draws all parameters without a value anew."""
        return self._values.redrawing(apply)

    @property
    def shows_older_draws(self) -> bool:
        """Whether a parameter would be drawn as another number than the one that is shown."""
        from engine.interpreter.parameter_vector import initial

        if self.shown is None or self.theta is None:
            return False
        seed = self._document.training.seed
        fresh = initial(self.shown, self._document, seed, strict=False)
        return not np.array_equal(fresh, self.theta)

    # -- readings -----------------------------------------------------------------------------

    def probe(self) -> None:
        """Read all values, deltas, messages and gradients anew."""
        if self.theta is not None:
            self.probing.probe(self._subject(self.theta))

    def read(self, theta: Array, rest: GilYield) -> tuple[Probe, float]:
        """Probe at other parameters, in any thread; returns also the seconds it took."""
        return self.probing.read(self._subject(theta), rest)

    def _subject(self, theta: Array) -> Subject:
        assert self.shown is not None
        return Subject(self.shown, theta, self._document.training, self.version)

    def is_of_now(self, readings: Probe | None) -> bool:
        """Tell whether there is nothing in readings of other rows, or of before an edit."""
        if readings is None:
            return True
        return readings.version == self.version and readings.row == self.probing.row

    def show(self, theta: Array, readings: Probe | None) -> None:
        """Take what training published: parameters and, if there are any, the readings at them."""
        self._background.drop("probe")  # of other parameters
        self.theta = theta
        if readings is not None:
            self.probing.show(readings)


def _array(tensor: Tensor) -> Array:
    return np.frombuffer(tensor.data, dtype="<f8").reshape(tensor.shape).astype(np.float64)

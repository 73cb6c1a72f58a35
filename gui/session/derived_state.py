"""What follows from the document: data, widths, problems, plan, parameters θ and readings.

Each edit is answered by the least work: a moved node by none, a new weight by a probe, a new edge
by widths, problems, plan and probe. Small graphs are answered at once in the GUI thread, so that
E moves with the hand; slow work goes to the background, and a result for an older graph is
dropped.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine.arrays.aliases import Array
from graph.errors import GradwireError
from graph.model.document import Document
from graph.model.impact import Applied, Impact
from graph.model.tensor import Tensor
from gui.jobs.gil_yield import GilYield
from gui.jobs.job_queue import Background
from gui.jobs.kernel_loader import Kernels
from gui.session.data_loading import DataLoading
from gui.session.probing import Probing, Subject

if TYPE_CHECKING:
    from engine.data import DataStore, Prepared
    from engine.interpreter.probe import Probe
    from engine.plan.plan import Parameter, Plan
    from graph.validation.problems import Problem
    from graph.validation.width_inference import Widths
    from gui.session.partial_plan import Compiled


NO_DATA = "There is no data to train on; choose some."
_AT_ONCE = 400  # nodes and edges of a graph that is compiled in the GUI thread


class Calculation(QObject):
    """Keeps everything that follows from one document up to date.

    Attributes
    ----------
    data_changed, structure_changed, problems_changed, readings_changed : Signal()
        What the names say; ``structure_changed`` is for ``widths``.
    failed : Signal(str)
        One sentence: the data cannot be read, or the numbers cannot be computed.
    folder : Path
        Where relative paths of data files start.
    version : int
        Grows with every edit that changes the computation; results carry it.
    prepared : Prepared or None
        The data, once it is read.
    probing : Probing
        The readings, and the rows they are of.
    plan : Plan or None
        The compiled graph; None while the document has problems.
    shown, theta : Plan, (size,) array or None
        What gives the numbers on the canvas, and its parameters: the plan, or that of the part
        of an unfinished graph that can run already.
    """

    data_changed = Signal()
    structure_changed = Signal()
    problems_changed = Signal()
    readings_changed = Signal()
    failed = Signal(str)

    def __init__(
        self, background: Background, kernels: Kernels, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._background = background
        self._document: Document | None = None
        self.folder = Path()
        self.probing = Probing(background, kernels, self)
        self.probing.changed.connect(self.readings_changed)
        self.probing.failed.connect(self.failed)
        self._data = DataLoading(background, self)
        self._data.done.connect(self._on_data)
        self._soon = QTimer(self, singleShot=True, interval=30)
        self._soon.timeout.connect(self.find_problems)
        self.version = 0
        self._seed = 0
        self._forget()

    def _forget(self) -> None:
        self.widths: Widths | None = None
        self.problems: list[Problem] = []
        self.plan_error = ""
        self.plan: Plan | None = None
        self.shown: Plan | None = None
        self.theta: Array | None = None
        self._parameters: dict[str, Parameter] = {}

    # -- following the document ---------------------------------------------------------------

    def watch(self, document: Document, folder: Path) -> None:
        """Start over with another document, whose data files are relative to ``folder``."""
        self._forget()
        self.probing.reset()
        self._document, self.folder = document, folder
        self.version += 1
        self._load_data()
        self._rebuild()

    def _load_data(self) -> None:
        assert self._document is not None
        self.probing.set_row(None)
        if self._data.load(self._document.dataset, self.folder):
            if self._data.error:
                self.failed.emit(self._data.error)
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
        """Show one of the probed rows by its place there, or their mean (None)."""
        self.probing.set_row(row)
        self.probe()

    # -- data ---------------------------------------------------------------------------------

    @property
    def prepared(self) -> Prepared | None:
        """The data, once it is read."""
        return self._data.prepared

    @property
    def data_store(self) -> DataStore:
        """What was read of data files."""
        return self._data.store

    @property
    def data_error(self) -> str:
        """Why the data cannot be used; empty if it can, or is not read yet."""
        return self._data.error

    def _on_data(self) -> None:
        if self._data.error:
            self.failed.emit(self._data.error)
        self._rebuild()
        self.data_changed.emit()

    # -- widths, problems, plan ---------------------------------------------------------------

    def _rebuild(self) -> None:
        from graph.validation.width_inference import infer_widths

        assert self._document is not None
        self.widths = infer_widths(self._document, self.schema)
        self.structure_changed.emit()
        self._soon.start()
        self._background.drop("plan")
        if len(self._document.nodes) + len(self._document.edges) <= _AT_ONCE:
            try:
                self._take_plan(self._compile())
            except GradwireError as error:
                self._refuse_plan(str(error))
        else:
            self._refuse_plan("")
            self._background.run("plan", self._compile, self._take_plan, self._refuse_plan)

    def _compile(self) -> Compiled | None:
        from gui.session.partial_plan import compiled

        document, version = self._document, self.version
        assert document is not None
        assert self.widths is not None
        try:
            return compiled(document, self.schema, self.widths)
        except (RuntimeError, KeyError):
            if version == self.version:
                raise
            return None  # edited meanwhile, in the other thread: this job is void anyway

    def _take_plan(self, compiled: Compiled | None) -> None:
        if compiled is None:
            return
        self.shown, self.theta, self.plan_error = compiled.plan, compiled.theta, compiled.problem
        self.plan = None if compiled.problem else compiled.plan
        self._seed = self._document.training.seed if self._document else 0
        self._parameters = {parameter.name: parameter for parameter in compiled.plan.parameters}
        try:
            self.probing.choose_rows(compiled.plan, self.prepared)
        except GradwireError as error:
            self._refuse_plan(str(error))
        else:
            self.probe()

    def _refuse_plan(self, sentence: str) -> None:
        self.plan, self.shown, self.theta, self.plan_error = None, None, None, sentence
        self._parameters = {}
        self.probing.forget()

    def find_problems(self) -> None:
        """Look for problems now (an edit has that done a moment later)."""
        from graph.validation.problems import problems

        assert self._document is not None
        self._soon.stop()
        loaded = self.prepared is not None or self._document.dataset is None
        self.problems = problems(self._document, self.schema if loaded else None, self.widths)
        self.problems_changed.emit()

    def obstacle(self) -> str:
        """Return one sentence on what keeps the network from being trained."""
        self.find_problems()
        document = self._document
        if document is not None and document.nodes and document.dataset is None:
            return NO_DATA
        errors = [problem.message for problem in self.problems if problem.severity == "error"]
        if errors or self.plan_error:
            return _sentence(errors[0] if errors else self.plan_error)
        return self.data_error or "The data is still being read; try again in a moment."

    # -- parameters ---------------------------------------------------------------------------

    def value(self, name: str) -> Array | None:
        """Return a parameter's present value (a view of ``theta``); None if there is none."""
        found = self._parameters.get(name)
        if found is not None and self.theta is not None:
            flat = self.theta[found.offset : found.offset + found.size]
            return flat.reshape(found.shape)
        tensor = self._document.parameters.get(name) if self._document else None
        return None if tensor is None else _array(tensor)

    def parameter(self, name: str) -> Parameter | None:
        """Return what the plan says of a parameter."""
        return self._parameters.get(name)

    def _revalue(self, names: Iterable[str]) -> None:
        """Bring θ up to date after new values or settings, without drawing all of it anew."""
        from engine.interpreter.parameter_vector import initial

        assert self._document is not None
        assert self.shown is not None
        assert self.theta is not None
        values = self._document.parameters
        known = {name: values.get(name) for name in names if name in self._parameters}
        fitting = all(
            value is not None and value.shape == self._parameters[name].shape
            for name, value in known.items()
        )
        seed = self._document.training.seed
        if not fitting or seed != self._seed:
            self._seed = seed
            self.theta = initial(self.shown, self._document, seed, strict=False)
            return
        self.theta = self.theta.copy()
        places = [self._parameters[name] for name in known]
        numbers = np.frombuffer(b"".join(value.data for value in known.values() if value), "<f8")
        firsts = np.array([place.offset for place in places], np.int64)
        sizes = np.array([place.size for place in places], np.int64)
        starts = np.cumsum(sizes) - sizes
        self.theta[np.repeat(firsts - starts, sizes) + np.arange(len(numbers))] = numbers

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
        assert self._document is not None
        return Subject(self.shown, theta, self._document.training, self.version)

    def show(self, theta: Array, readings: Probe | None) -> None:
        """Take what training published: parameters and, if it is new, a probe of them."""
        self.theta = theta
        if readings is not None and readings.version == self.version:
            self.probing.show(readings)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _array(tensor: Tensor) -> Array:
    return np.frombuffer(tensor.data, dtype="<f8").reshape(tensor.shape).astype(np.float64)

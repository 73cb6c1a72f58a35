"""Reading the numbers of the shown row, or of the mean: small graphs at once, others behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.arrays.aliases import Array
from engine.data.row_numbers import row_name
from graph.errors import GradwireError
from graph.model.training import Training
from gui.jobs.gil_yield import GilYield
from gui.jobs.job_queue import Background
from gui.jobs.kernel_loader import Kernels
from gui.session.edited_row import DataEntry, EditedRow

if TYPE_CHECKING:
    from engine.arrays.counter_stream import Stream
    from engine.data import Prepared
    from engine.interpreter.probe import Probe
    from engine.native import NativeProbe
    from engine.plan.plan import Plan


_QUICK = 0.005  # seconds of work a probe may take in the GUI thread
_SMALL = 1_500  # steps of a plan that is tried there first
_WORK = 8_000_000  # multiply-adds of one probe; a mean over more rows is sampled


@dataclass(frozen=True, slots=True)
class Subject:
    """What is probed: a plan at its parameters, with the settings that E depends on."""

    plan: Plan
    theta: Array
    training: Training
    version: int


class Probing(QObject):
    """Holds the latest readings.

    Attributes
    ----------
    row : int or None
        The row of the dataset that is shown, of any split; None is the mean over ``rows``.
    rows : array of int
        The training rows of that mean: all, or of very many the first.
    columns : mapping
        What the plan reads of what is shown: reference → (B, width).
    edited : EditedRow or None
        What is changed by hand in the row that is shown.
    """

    changed = Signal()  # ``readings`` is new
    failed = Signal(str)  # one sentence: why there is none

    def __init__(self, background: Background, kernels: Kernels, parent: QObject) -> None:
        super().__init__(parent)
        self._background, self._kernels = background, kernels
        self.clock: Callable[[], float] = time.thread_time  # the work, however busy the machine
        self._lock = threading.Lock()
        self._tape: tuple[object, object, NativeProbe | None]
        self.reset()

    def reset(self) -> None:
        """Forget everything: there is another document."""
        self._seconds = 0.0
        self._tape = None, None, None
        self._training_rows = 0
        self._data: Prepared | None = None
        self._references: tuple[str, ...] = ()
        self.readings: Probe | None = None
        self.rows: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._averaged: Mapping[str, Array] = {}
        self._noise: Stream | None = None  # of the update whose rows are the batch
        self._batch: tuple[Mapping[str, Array], str, NDArray[np.intp]] | None = None
        self._shown: tuple[int | None, Mapping[str, Array]] = None, {}
        self.edited: EditedRow | None = None

    @property
    def row(self) -> int | None:
        """See the class."""
        return self._shown[0]

    @property
    def columns(self) -> Mapping[str, Array]:
        """See the class."""
        return self._shown[1]

    @property
    def shown_rows(self) -> tuple[int, ...]:
        """The rows of the dataset that ``columns`` holds; none without data."""
        if self._data is None:
            return ()
        return self.averaged_rows if self.row is None else (self.row,)

    @property
    def averaged_rows(self) -> tuple[int, ...]:
        """The rows of the dataset that ``averaged`` holds; none without data."""
        if self._data is None:
            return ()
        return tuple((self._batch[2] if self._batch else self.rows).tolist())

    @property
    def averaged(self) -> Mapping[str, Array]:
        """What the plan reads of the rows of the mean, also while one row is shown."""
        return self._batch[0] if self._batch else self._averaged

    @property
    def count(self) -> int:
        """Rows there are to choose from: all of the dataset."""
        return self._data.rows if self._data else 0

    @property
    def text(self) -> str:
        """Whose numbers are shown: ``row 7 (test)``, ``mean over 150 training rows``."""
        if self._noise is None:
            return self.evaluated_text
        kept = "with the dropout of this update" if self.noise is not None else "without dropout"
        return f"{self._rows_text}, {kept}"

    @property
    def evaluated_text(self) -> str:
        """The same, of numbers that are computed without the noise of an update."""
        return f"{self._rows_text}, without dropout" if self._noise else self._rows_text

    @property
    def _rows_text(self) -> str:
        data, row = self._data, self.row
        if data is None or row is None:
            return self.averaged_text
        changes = f" with {self.edited.text}" if self.edited else ""
        return f"{row_name(row)} ({data.split_of(row)}){changes}"

    @property
    def averaged_text(self) -> str:
        """The rows of the mean in words."""
        rows = len(self.rows)
        if self._data is None:
            return "no data"
        if self._batch is not None:
            return self._batch[1]
        if rows == 1:
            return f"{row_name(self.rows[0])} (train)"
        if self.sampled:
            return f"mean over the first {rows:,} of {self._training_rows:,} training rows"
        return f"mean over {rows:,} training rows"

    @property
    def m(self) -> int:
        """The number of training rows, at least 1."""
        return max(1, self._training_rows)

    @property
    def sampled(self) -> bool:
        """Whether the mean is over only some of the training rows, because there are many."""
        return len(self.rows) < self._training_rows

    def choose_rows(self, plan: Plan, data: Prepared | None) -> None:
        """Choose the rows to probe, and take their columns; raises `DataError`."""
        rows, self._averaged, self._training_rows = np.arange(1), {}, 0
        if data is not None:
            train = data.splits["train"]
            cost = plan.size + len(plan.steps) + sum(plan.widths)
            rows = train[: max(1, min(len(train), _WORK // max(cost, 1)))]
            self._averaged, self._training_rows = data.batch(plan.columns, rows), len(train)
        self._data, self._references, self.rows = data, plan.columns, rows
        self._batch = self._noise = None
        self.set_row(self.row)
        self._seconds = 0.0 if len(plan.steps) <= _SMALL else 1.0

    def set_row(self, row: int | None) -> None:
        """Show a row of the dataset, or the mean if there is no such one."""
        if self._data is None or row is None or not 0 <= row < self._data.rows:
            self._shown, self.edited = (None, self.averaged), None
            return
        stored = self._data.batch(self._references, np.array([row]))
        self.edited = self.edited if self.edited and self.edited.row == row else None
        self._shown = row, self.edited.applied(stored) if self.edited else stored

    def edit(self, entry: DataEntry, name: str, number: float) -> None:
        """Show the row that is shown with another number, which is called ``name`` on screen."""
        if self.row is not None:
            edited = self.edited or EditedRow(self.row, {})
            self.edited = edited.changed(entry, name, number)
            self.set_row(self.row)

    def end_edits(self) -> None:
        """Show the row as it is stored."""
        self.edited = None
        self.set_row(self.row)

    def set_batch(
        self, rows: NDArray[np.intp] | None, text: str = "", noise: Stream | None = None
    ) -> None:
        """Let the mean be that of some rows of the dataset, or of training rows again (None).

        ``noise`` is that of the update whose rows these are, if its network has any.
        """
        self._batch, self._noise = None, noise
        if rows is not None and self._data is not None:
            self._batch = self._data.batch(self._references, rows), text, rows
        self.set_row(self.row)

    @property
    def noise(self) -> Stream | None:
        """The noise of the rows that are shown; None if they are evaluated without."""
        if self._noise is None or self.row is None or self._batch is None:
            return self._noise
        places = np.flatnonzero(self._batch[2] == self.row)
        return self._noise.from_row(int(places[0])) if len(places) else None

    @property
    def averaged_noise(self) -> Stream | None:
        """The noise of the rows of the mean."""
        return self._noise

    def probe(self, subject: Subject) -> None:
        """Read all values, deltas, messages and gradients anew."""
        if not subject.plan.steps:
            self.forget()
        elif self._seconds <= _QUICK:
            try:
                self._take(self.read(subject))
            except GradwireError as error:
                self._refuse(str(error))
        else:
            work = partial(self.read, subject, GilYield())
            self._background.run("probe", work, self._take, self._refuse)

    def read(self, subject: Subject, rest: GilYield | None = None) -> tuple[Probe, float]:
        """Probe a subject in any thread; returns also the seconds it took."""
        noise = self.noise
        tape = self._readings(subject.plan) if noise is None else None
        started = self.clock()
        row, columns = self._shown
        settings = subject.training, self.m, None if row is None else 0, subject.version
        if tape is not None:
            readings = tape.read(subject.theta, *settings, columns)
        else:
            from engine.interpreter.probe import probe

            with np.errstate(all="ignore"):
                readings = probe(subject.plan, subject.theta, columns, *settings, rest, noise)
        return replace(readings, row=row), self.clock() - started

    def _readings(self, plan: Plan) -> NativeProbe | None:
        """Return what reads this plan on the fast engine; None if that cannot, or cannot yet."""
        if not self._kernels.ready("float64"):
            return None
        from engine.native import NativeProbe, Unsupported

        with self._lock:
            known, columns, tape = self._tape
            if known is not plan or columns is not self._averaged:
                try:
                    tape = NativeProbe(plan, self._averaged)
                except Unsupported:
                    tape = None
                self._tape = plan, self._averaged, tape
        return tape

    def forget(self) -> None:
        """There are no numbers any more."""
        self._background.drop("probe")
        if self.readings is not None:
            self.readings = None
            self.changed.emit()

    def show(self, readings: Probe) -> None:
        """Take readings from elsewhere, if they are of the row that is shown."""
        if readings.row == self.row:
            self.readings = readings
            self.changed.emit()

    def _take(self, result: tuple[Probe, float]) -> None:
        readings, seconds = result
        self._seconds = min(seconds, 0.5 * (self._seconds + seconds))
        self.show(readings)

    def _refuse(self, sentence: str) -> None:
        self.forget()
        self.failed.emit(sentence)

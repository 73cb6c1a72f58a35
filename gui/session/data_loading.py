"""Reading the document's data: small sets at once, others in the background."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from graph.errors import GradwireError
from graph.model.dataset import Dataset, Generator, Inline
from gui.jobs.gil_yield import GilYield
from gui.jobs.job_queue import Background

if TYPE_CHECKING:
    from engine.data import DataStore, Prepared

_FEW_POINTS = 2_000  # rows of a generator that is drawn in the GUI thread
_FEW_CELLS = 10_000  # of a typed table that is prepared there: some milliseconds


class DataLoading(QObject):
    """Holds the data of one dataset description, once read, or why it cannot be used."""

    done = Signal()  # ``prepared`` or ``error`` is there, after work in the background

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background
        self.prepared: Prepared | None = None
        self.error = ""

    @cached_property
    def store(self) -> DataStore:
        """What was read of files, for this and for whoever else reads data."""
        from engine.data import DataStore

        return DataStore(yield_gil=GilYield())

    def load(self, dataset: Dataset | None, folder: Path) -> bool:
        """Read a dataset; whether that is finished already, else ``done`` follows."""
        from engine.data import prepare

        self._background.drop("data")
        self.prepared, self.error = None, ""
        if dataset is None:
            return True
        if _is_quick(dataset):
            try:
                self.prepared = prepare(dataset, folder)
            except GradwireError as error:
                self.error = str(error)
            return True
        work = partial(prepare, dataset, folder, self.store)
        self._background.run("data", work, self._take, self._refuse, long=True)
        return False

    def _take(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.done.emit()

    def _refuse(self, sentence: str) -> None:
        self.error = sentence
        self.done.emit()


def _is_quick(dataset: Dataset) -> bool:
    if isinstance(dataset, Inline):
        return sum(map(len, dataset.columns.values())) <= _FEW_CELLS
    return isinstance(dataset, Generator) and dataset.n <= _FEW_POINTS

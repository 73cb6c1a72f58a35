"""What is wrong with a document, with its data: all that the editor lists."""

from __future__ import annotations

from pathlib import Path

from engine.data import DataStore, schema
from engine.headless.experiment import Experiment, errors_about, make_ready
from graph.model.document import Document
from graph.validation.problems import Problem, by_severity, problems


def validated(document: Document, file: Path) -> tuple[list[Problem], Experiment | None]:
    """Return a document's problems, and it made ready; errors first, None if it cannot be run.

    Parameters
    ----------
    document : Document
        Read from ``file``, which its data is relative to and messages name.

    Raises
    ------
    FileError
        If the data cannot be read.
    """
    store = DataStore()
    with errors_about(file):
        columns = schema(document.dataset, file.parent, store) if document.dataset else {}
        found = problems(document, columns)
        if found and found[0].severity == "error":
            return found, None
        experiment = make_ready(document, file.parent, store)
        found = by_severity([*found, *experiment.suitability()])
    return found, experiment

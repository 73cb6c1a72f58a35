"""Training without a screen: to the end, or until Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from engine.declaration.op import Array
from engine.headless.experiment import Experiment
from engine.headless.run_identity import caution, difference, run_identity
from engine.training import Engine, Epoch, Trainer
from engine.training.callbacks import Callback
from engine.training.checkpoint_file import CheckpointWriter, RunIdentity, SavedRun, read_checkpoint
from engine.training.summary import curves, final
from graph.errors import FileError
from graph.model.document import Document
from graph.model.edits import SetTraining


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A finished run.

    Parameters
    ----------
    records : list of Epoch
        All its epochs; the first is the state before.
    seconds : float
        How long they took.
    final : mapping
        Split → loss and metrics over all its rows.
    theta : array
        The parameters at the end.
    interrupted : bool
        Whether Ctrl-C ended it.
    notes : tuple of str
        What to know: why another engine ran it than was asked for, why the numbers are not those
        of one run; a sentence each, without full stop.
    """

    records: list[Epoch]
    seconds: float
    final: Mapping[str, Mapping[str, float]]
    theta: Array
    interrupted: bool = False
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return what ``gradwire train --json`` prints."""
        return {
            "epochs": self.records[-1].epoch,
            "seconds": self.seconds,
            "history": curves(self.records),
            "final": self.final,
        }


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """Where checkpoints are written, and where a run goes on from.

    Parameters
    ----------
    write, resume : Path, optional
        Files.
    every : int, optional
        Epochs between two that are written; by default only the last is.
    """

    write: Path | None = None
    resume: Path | None = None
    every: int | None = None

    def start(self, identity: RunIdentity) -> SavedRun | None:
        """Read the checkpoint to go on from, if there is one.

        Raises `FileError` if it cannot be read, or is of another run.
        """
        if self.resume is None:
            return None
        saved, epochs = read_checkpoint(self.resume), identity.settings.epochs
        text = difference(saved.identity, identity)
        if text:
            raise FileError(f"does not belong to this document: {text}", str(self.resume))
        if saved.checkpoint.epoch > epochs:
            sentence = f"is of epoch {saved.checkpoint.epoch}, the document ends after {epochs}"
            raise FileError(f"{sentence}; ask for more with --epochs", str(self.resume))
        if saved.identity.settings.target_loss != identity.settings.target_loss:
            saved = replace(saved, checkpoint=replace(saved.checkpoint, stopped=""))
        return saved


def override(document: Document, **settings: int | None) -> None:
    """Set training settings of a document that are not None."""
    given = {name: value for name, value in settings.items() if value is not None}
    document.apply(SetTraining(msgspec.structs.replace(document.training, **given)))


def train(
    experiment: Experiment,
    tell: Callable[[Epoch], object] = lambda _: None,
    engine: Engine = "native",
    checkpoints: Checkpoints | None = None,
    callbacks: Sequence[Callback] = (),
) -> TrainingResult:
    """Train as the document says; Ctrl-C ends it with what was reached.

    Parameters
    ----------
    experiment : Experiment
        What to train.
    tell : callable
        Called after every epoch.
    engine : str
        What runs it: see `Trainer`.
    checkpoints : Checkpoints, optional
        Where to go on from, and what to write; by default nothing.

    callbacks : sequence of Callback
        What looks at the run besides, such as `Breakpoints`: their ``hit`` says why it stopped.

    Raises
    ------
    TrainingError
        If there is nothing to train, nothing to train on or for, or it diverged.
    FileError
        If a checkpoint cannot be read or written, or is of another run.
    """
    data, settings = experiment.check_trainable(), experiment.document.training
    unsuitable = experiment.check_suitable()
    made = experiment.plan, data, settings, experiment.theta
    checkpoints = checkpoints or Checkpoints()
    used = checkpoints.write or checkpoints.resume
    identity = run_identity(experiment, engine) if used else None
    saved = checkpoints.start(identity) if identity else None
    blocks = [saved.history] if saved and saved.history else []
    records = [record for block in blocks for record in block.records()]
    writers = []
    if checkpoints.write and identity:
        writers.append(CheckpointWriter(checkpoints.write, identity, blocks, checkpoints.every))
    start = saved.checkpoint if saved else None
    trainer = Trainer(*made, start=start, engine=engine, callbacks=(*callbacks, *writers))
    trainer.block_mode = True
    began = time.perf_counter()
    with _ended_by_ctrl_c(trainer.interrupt):
        for record in trainer.run():
            records.append(record)
            tell(record)
    seconds = time.perf_counter() - began
    for writer in writers:
        writer.write(trainer)
    notes = [problem.message for problem in unsuitable if problem.severity == "warning"]
    notes += trainer.engine_note, caution(saved.identity, identity) if saved and identity else ""
    found, interrupted = final(trainer), not trainer.stopped
    result = records, seconds, found, trainer.theta, interrupted, tuple(filter(None, notes))
    return TrainingResult(*result)


@contextmanager
def _ended_by_ctrl_c(stop: Callable[[], object]) -> Iterator[None]:
    """Let the first Ctrl-C call ``stop``, so that no update is left half made; a second one kills.

    In another thread than the main one, which alone gets signals, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        stop()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)

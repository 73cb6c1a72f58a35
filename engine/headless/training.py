"""Training without a screen: to the end, or until Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from engine.declaration.op import Array
from engine.headless.experiment import Experiment
from engine.training import Engine, Epoch, Trainer
from engine.training.summary import final


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
    note : str
        Why another engine ran it than was asked for; else empty.
    """

    records: list[Epoch]
    seconds: float
    final: Mapping[str, Mapping[str, float]]
    theta: Array
    interrupted: bool = False
    note: str = ""


def train(
    experiment: Experiment,
    tell: Callable[[Epoch], object] = lambda _: None,
    engine: Engine = "native",
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

    Raises
    ------
    TrainingError
        If there is nothing to train, nothing to train on or for, or it diverged.
    """
    data, settings = experiment.check_trainable(), experiment.document.training
    trainer = Trainer(experiment.plan, data, settings, experiment.theta, engine=engine)
    trainer.block_mode = True
    start = time.perf_counter()
    records: list[Epoch] = []
    with _ended_by_ctrl_c(trainer.interrupt):
        for record in trainer.run():
            records.append(record)
            tell(record)
    seconds = time.perf_counter() - start
    found, interrupted = final(trainer), not trainer.stopped
    return TrainingResult(records, seconds, found, trainer.theta, interrupted, trainer.engine_note)


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

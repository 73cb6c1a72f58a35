"""Training: the loop over a runner's updates, and the callbacks that look at it in between."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain

from engine.data.preparation import Prepared
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.errors import DivergedError
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan
from engine.training.callbacks import Callback, RestoreBest, decisions
from engine.training.runners.batches import Batches
from engine.training.runners.objective import Measured
from engine.training.runners.records import Block, Epoch, Progress
from engine.training.runners.runner import Engine, make_runner
from engine.training.runners.state import Checkpoint, TrainingState
from graph.model.training import Training


class Trainer(TrainingState):
    """A run: its state, and the loop that moves it on.

    The same plan, data, settings, engine and θ give the same bits, cut by checkpoints or not.

    Parameters
    ----------
    plan, data, settings
        What to train, on what, and how.
    theta : (P,) array
        Where to start; copied.
    yield_gil : callable, optional
        Called every few operations of NumPy, or every 10 ms, so that a worker thread can let
        others run.
    start : Checkpoint, optional
        Where an earlier trainer of the same plan and data was; replaces ``theta``.
    engine : str
        ``native`` runs the tape, and NumPy where it lacks an operation; ``numpy`` runs NumPy.
    callbacks : sequence of Callback
        What looks at the run, after what the settings ask for.

    Attributes
    ----------
    block_mode : bool
        Set it to let the native engine make many epochs before their records are yielded: all
        else is then ahead of the record that `run` just yielded.
    engine, engine_note : str
        What runs the training, and a sentence on why it is not what was asked for; else empty.

    Raises
    ------
    TrainingError
        If there is nothing to train or to train on, or L-BFGS meets minibatches.
    """

    def __init__(
        self,
        plan: Plan,
        data: Prepared,
        settings: Training,
        theta: Array,
        *,
        yield_gil: YieldGil | None = None,
        start: Checkpoint | None = None,
        engine: Engine = "native",
        callbacks: Sequence[Callback] = (),
    ) -> None:
        batches = Batches(plan, data, settings)
        super().__init__(plan, settings, batches, theta)
        self._runner, self.engine_note = make_runner(engine, self, batches, yield_gil)
        self.engine = self._runner.engine
        self._callbacks = (*decisions(settings), *callbacks, RestoreBest())
        self.block_mode = False
        self._limit = 1
        self._pending: deque[Epoch] = deque()
        self._begun = start is not None
        if start is not None:
            self.restore(start)
        self._looked = self.updates

    def run(self) -> Iterator[Epoch]:
        """Train until something says stop; yield epoch 0 (unless resumed), then every epoch.

        The iterator may be closed at any epoch, and training continued by another ``run()`` or
        from a checkpoint; epochs completed but not yet yielded come first then.

        Raises
        ------
        DivergedError
            At the first number that is no longer finite; ``theta`` then holds the last
            parameters whose error was finite.
        """
        for block in chain((None,), self.blocks()):
            self._pending.extend(block.records() if block else ())
            while self._pending:
                yield self._pending.popleft()

    def blocks(self) -> Iterator[Block]:
        """Do as `run`, but yield the epochs of each call of the engine together."""
        first = Progress() if self._begun else self._runner.begin(self)
        self._begun = True
        yield from self._observe(first)
        while not self.stopped:
            yield from self._observe(self._runner.advance(self, self._updates()))
            if self.interrupted:
                self.interrupted = False
                return

    def _updates(self) -> int:
        """Return how many updates may be made before anything must be decided."""
        if self.interrupted:
            return 1
        return self._limit if self.block_mode else min(self._limit, self.batches - self.batch)

    def _observe(self, progress: Progress) -> Iterator[Block]:
        """Let the callbacks look, and yield what was completed."""
        self.fresh, self._looked = self.updates - self._looked, self.updates
        self._limit = max(1, min(one.observe(self, progress) for one in self._callbacks))
        if progress.block:
            yield progress.block
        if progress.place and not self.stopped:
            raise DivergedError(self.updates, progress.place)

    def interrupt(self) -> None:
        """Make ``run()`` return after the present update; may be called from any thread."""
        self.interrupted = True
        self._runner.stop()

    def step(self) -> bool:
        """Make one update; return whether it completed an epoch. Raises as `run`."""
        before = self.epoch
        for _ in self._observe(self._runner.advance(self, 1)):
            pass
        return self.epoch > before

    def values(self, slots: Sequence[int]) -> Iterator[list[Array]]:
        """Yield values of the training rows, chunk by chunk: see `TrainingState`."""
        return self._runner.values(self.theta, slots)

    def measure(self, split: SplitName) -> Measured | None:
        """Measure all rows of a split at the current parameters; None if it has none."""
        return self._runner.measure(self.theta, split)

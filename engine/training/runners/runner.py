"""What moves a run on: NumPy, or the native tape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, TypeAlias

from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.interpreter.interpreter import YieldGil
from engine.training.rules.lbfgs import Lbfgs
from engine.training.runners.batches import Batches
from engine.training.runners.numpy_runner import NumpyRunner
from engine.training.runners.objective import Measured, Objective
from engine.training.runners.records import Progress
from engine.training.runners.state import TrainingState

Engine: TypeAlias = Literal["native", "numpy"]


class TrainingRunner(Protocol):
    """Makes updates of a state."""

    @property
    def engine(self) -> Engine:
        """Its name."""

    def begin(self, state: TrainingState) -> Progress:
        """Measure a state before its first update, as epoch 0."""

    def advance(self, state: TrainingState, updates: int) -> Progress:
        """Make updates of a state, one at least and so many at most.

        A runner may make fewer: to stop at the end of an epoch, when ``state.interrupted`` is
        set, or to return to its caller often enough. Where a number is not finite, the state is
        left with the last parameters whose error was.
        """

    def measure(self, theta: Array, split: SplitName) -> Measured | None:
        """Measure all rows of a split; None if it has none."""

    def values(self, theta: Array, slots: Sequence[int]) -> Iterator[list[Array]]:
        """Yield values of the training rows, chunk by chunk: see `TrainingState.values`."""

    def stop(self) -> None:
        """Let a call that is running return soon; from any thread."""


def make_runner(
    engine: Engine, state: TrainingState, batches: Batches, yield_gil: YieldGil | None
) -> tuple[TrainingRunner, str]:
    """Return what runs a state, and one sentence on why it is not the engine asked for, or "".

    Parameters
    ----------
    engine : str
        ``native`` runs the tape, and NumPy where it lacks an operation; ``numpy`` runs NumPy.
    state, batches
        What is trained, and on what.
    yield_gil : callable, optional
        Called every few operations of NumPy, or after each call of the tape.
    """
    objective = Objective(state.plan, state.settings, batches.rows, yield_gil)
    numpy = NumpyRunner(state.plan, batches, objective)
    if engine == "numpy":
        return numpy, ""
    if isinstance(state.rule, Lbfgs) and numpy.noisy:
        return numpy, "NumPy trains this network: L-BFGS with dropout has no native loop"
    # numba takes a while to import, so only those wait who need it
    from engine.native import Unsupported
    from engine.training.runners.native_runner import NativeRunner

    try:
        return NativeRunner(state, batches, objective, numpy), ""
    except Unsupported as error:
        return numpy, f"NumPy trains this network: {error}"

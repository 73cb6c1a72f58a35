"""The numbers of one moment of a run, published at once: all that is shown is of one of them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.arrays.aliases import Array
from engine.interpreter.probe import Probe
from engine.training import Trainer


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the window may draw of a run that goes on.

    Parameters
    ----------
    epoch, batch, batches, updates : int
        Epochs completed, updates made in the present one, updates of an epoch, updates in all.
    batch_error : float
        E of the last batch, before its update.
    theta : (P,) array
        The parameters.
    probe : Probe or None
        The readings at these parameters; None if there are none.
    patches : int
        How many changes by hand are in them.
    """

    epoch: int
    batch: int
    batches: int
    updates: int
    batch_error: float
    theta: Array
    probe: Probe | None
    patches: int = 0

    @classmethod
    def of(cls, trainer: Trainer, theta: Array, patches: int) -> Snapshot:
        """Return where a trainer is, without readings."""
        place = trainer.epoch, trainer.batch, trainer.batches, trainer.updates
        return cls(*place, trainer.batch_error, theta, None, patches)

    @property
    def share(self) -> float:
        """The share of the present epoch that is done."""
        return self.batch / self.batches

    @property
    def error(self) -> float | None:
        """E of the rows that the readings are of."""
        return self.probe.error if self.probe is not None else None

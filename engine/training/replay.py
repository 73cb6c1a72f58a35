"""Making any state of a run again: from the nearest checkpoint before it, with the same bits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.training.runners.state import Checkpoint
from engine.training.trainer import Trainer
from graph.model.training import Training

MakeTrainer: TypeAlias = Callable[[Training, Checkpoint], Trainer]
"""Returns a trainer of a run's plan and data, with these settings, at a checkpoint; one without
updates is only where θ starts."""
_BYTES = 160 << 20  # of the checkpoints with which the stretches of a run begin


@dataclass(eq=False, slots=True)
class Stretch:
    """Updates of a run that follow from each other: one setting, no values set by hand.

    A run is a chain of them. A state on one of two chains is never that of the other, unless it
    lies before the place where they part: hence every checkpoint is held with its stretch.

    Parameters
    ----------
    settings : Training
        What its updates are made with.
    start : Checkpoint or None
        The state it begins with, values set by hand included; None once that was given up.
    updates, epoch : int
        Where that is.
    before : Stretch or None
        What it goes on from.
    """

    settings: Training
    start: Checkpoint | None
    updates: int
    epoch: int
    before: Stretch | None = None

    @classmethod
    def first(cls, start: Checkpoint, settings: Training) -> Stretch:
        """Return the stretch with which a run begins."""
        return cls(settings, start, start.updates, start.epoch)

    def then(self, start: Checkpoint, settings: Training) -> Stretch:
        """Return the stretch that goes on from a state of this one, whatever was changed there.

        Where the chain then holds more than is good, the oldest states are given up.
        """
        before = self if self.updates < start.updates else self.before
        new = Stretch(settings, start, start.updates, start.epoch, before)
        room = _BYTES
        for stretch in new.chain():
            room -= stretch.start.nbytes if stretch.start is not None else 0
            if room < 0 and stretch is not new and stretch.before is not None:
                stretch.start = None
        return new

    def chain(self) -> Iterator[Stretch]:
        """Yield this stretch and those before it, the latest first."""
        stretch: Stretch | None = self
        while stretch is not None:
            yield stretch
            stretch = stretch.before

    def holding(self, updates: int) -> Stretch:
        """Return the stretch from which a run goes on after so many updates."""
        return next(s for s in self.chain() if s.before is None or s.updates <= updates)

    def reaching(self, updates: int) -> Stretch:
        """Return the stretch that made the last of so many updates."""
        return next(s for s in self.chain() if s.before is None or s.updates < updates)

    def shared_epoch(self, other: Stretch) -> int | None:
        """Return the epoch up to which two runs are one; -1 for none, None if they do not part."""
        own = set(self.chain())
        parted = [s for s in other.chain() if s not in own]
        common = {s for s in other.chain() if s in own}
        parted += [s for s in self.chain() if s not in common]
        if not common:
            return -1
        return min((s.epoch for s in parted if s.before in common), default=None)


def state_at(
    stretch: Stretch,
    updates: int,
    held: Iterable[tuple[Checkpoint, Stretch]],
    make_trainer: MakeTrainer,
) -> tuple[Checkpoint, Stretch] | None:
    """Return a state of a run, bit for bit, with the stretch it is on; None if none is held.

    Parameters
    ----------
    stretch : Stretch
        The run's last one.
    updates : int
        Updates made up to the state.
    held : iterable of (Checkpoint, Stretch)
        States that were kept, of this run and of others: each with the stretch that made it.
    """
    there = stretch.holding(updates)  # what else is held at its start is older than the change
    near = [state for state, of in held if of is there and there.updates < state.updates <= updates]
    near += [] if there.start is None else [there.start]
    if not near:
        return None
    start = max(near, key=lambda state: state.updates)
    if start.updates == updates:
        return replace(start, stopped=""), there
    trainer = make_trainer(there.settings, replace(start, stopped=""))
    if not start.updates:
        next(trainer.blocks())  # epoch 0 is measured: early stopping takes note of it
    while trainer.updates < updates:
        trainer.step()
    return trainer.checkpoint(), there

"""Training: settings in, records out; deterministic, resumable, without Qt and threads.

Rooms: ``checks`` (whether losses, data and network suit each other), ``rules`` (how parameters
change), ``runners`` (states, and the engines that move them on).
Reading order: ``trainer`` (the loop), ``callbacks`` (what looks at it), ``film``,
``replay`` (any state of a run again), ``breakpoints``, ``checkpoint_file``, ``history``,
``summary``.

Must not import ``gui`` or start threads: whoever wants training in the background iterates
``Trainer.blocks()`` there.
"""

from engine.training.film import Film
from engine.training.history import Curves, History, parameter_norms
from engine.training.runners.records import Block, Epoch
from engine.training.runners.runner import Engine
from engine.training.runners.state import Checkpoint
from engine.training.trainer import Trainer

__all__ = [
    "Block",
    "Checkpoint",
    "Curves",
    "Engine",
    "Epoch",
    "Film",
    "History",
    "Trainer",
    "parameter_norms",
]

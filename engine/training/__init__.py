"""Training: settings in, records out; deterministic, resumable, without Qt and threads.

Reading order: ``trainer`` (the loop), ``callbacks``, ``runner``, ``records``, ``state``; then
``optimizers``, ``lbfgs``, ``schedules``, ``stopping``, ``batches``, ``objective``, ``updating``,
``divergence``, ``numpy_runner``, ``judging``, ``native_runner``, ``film``, ``breakpoints``,
``checkpoint_file``, ``history``, ``summary``.

Must not import ``gui`` or start threads: whoever wants training in the background iterates
``Trainer.blocks()`` there.
"""

from engine.training.film import Film
from engine.training.history import Curves, History, parameter_means
from engine.training.records import Block, Epoch
from engine.training.runner import Engine
from engine.training.state import Checkpoint
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
    "parameter_means",
]

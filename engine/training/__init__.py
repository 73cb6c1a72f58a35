"""Training: settings in, records out; deterministic, resumable, without Qt and threads.

Reading order: ``optimizers``, ``lbfgs``, ``schedules``, ``stopping``, ``records``, ``batches``,
``objective``, ``divergence``, ``updating``, ``numpy_run``, ``judging``, ``native_run``,
``film``, ``trainer``, ``history``, ``summary``.

Must not import ``gui`` or start threads: whoever wants training in the background iterates
``Trainer.blocks()`` there.
"""

from engine.training.film import Film
from engine.training.history import Curves, History, parameter_means
from engine.training.records import Block, Checkpoint, Epoch
from engine.training.trainer import Engine, Trainer

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

"""Training: settings in, records out; deterministic, resumable, without Qt and threads.

Reading order: ``optimizers``, ``lbfgs``, ``schedules``, ``stopping``, ``records``, ``batches``,
``objective``, ``divergence``, ``native_run``, ``trainer``, ``history``, ``summary``.

Must not import ``gui`` or start threads: whoever wants training in the background iterates
``Trainer.run()`` there.
"""

from engine.training.history import Curves, History, parameter_means
from engine.training.records import Checkpoint, Epoch
from engine.training.trainer import Engine, Trainer

__all__ = ["Checkpoint", "Curves", "Engine", "Epoch", "History", "Trainer", "parameter_means"]

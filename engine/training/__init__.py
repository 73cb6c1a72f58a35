"""Training: settings in, records out; deterministic, resumable, without Qt and threads.

Reading order: ``records``, ``optimizers``, ``lbfgs``, ``schedules``, ``stopping``, ``batches``,
``measurement``, ``divergence``, ``trainer``, ``history``, ``summary``.

Must not import ``gui`` or start threads: whoever wants training in the background iterates
``Trainer.run()`` there.
"""

"""The native tape: a plan lowered to arrays that one compiled loop runs, whole epochs at a time.

Reading order: ``jit`` (how kernels are compiled), ``scalars`` (exp that vectorises),
``elementwise`` and ``losses`` (one row for each function), ``joints``, ``edges``, ``products``
(what combines values), ``opcodes`` and ``program`` (the arrays), ``units`` and ``lowering``
(plan → tape), ``machine`` (forward and backward), ``updates`` and ``loop`` (optimisers, minibatches
and the loop over updates), ``tape`` (what callers use).

Whoever trains uses::

    tape = lower(plan, dtype, batch)           # raises Unsupported: run the plan in NumPy
    table = Table(plan, columns, dtype)        # the columns side by side
    tape.forward(theta, table, rows)           # rows: indices of at most ``batch`` rows
    gradient = tape.backward(theta)
    tape.value(slot), tape.delta(slot)         # of the last batch, (B, width)
    loop = Loop(tape, table, settings, rule, m)    # rule: an engine.training Optimizer
    loop.updates(theta, gradient, order, first, rates)   # one update for each rate; GIL released

Must not import ``engine.training.trainer``, ``gui`` or start threads.
"""

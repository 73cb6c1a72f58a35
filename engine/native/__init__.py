"""The native tape: a plan lowered to arrays that one compiled loop runs, whole epochs at a time.

Rooms, from the ground up: ``simd`` (vectors for numba), ``runtime`` (memory and compiling),
``kernels`` (what is computed), ``machine`` (programs and the loop that runs them), ``lowering``
(plan → program), ``api`` (what callers use).

Whoever trains uses::

    tape = lower(plan, dtype, batch)           # raises Unsupported: run the plan in NumPy
    table = tape.table(columns)                # the data side by side
    error = tape.forward(theta, table, rows)   # rows: indices of at most `batch` rows
    gradient = tape.backward(theta, table, rows)
    tape.value(slot), tape.delta(slot)         # of the last batch, (B, width)
    updater = Updater(tape, table, settings, m, rule.state)   # rule: an engine.training Optimizer
    updater.make(theta, gradient, last, Epochs(0, orders, rates), first, count, limit)

Must not import ``engine.training`` or ``gui``, or start threads.
"""

from engine.native.api.kernel_cache import kept, prepare, ready, uncompiled
from engine.native.api.native_probe import NativeProbe
from engine.native.api.tape import Tape, lower
from engine.native.api.training_calls import Epochs, Updater, UpdateResult
from engine.native.lowering.fusion import Unsupported

__all__ = [
    "Epochs",
    "NativeProbe",
    "Tape",
    "Unsupported",
    "UpdateResult",
    "Updater",
    "kept",
    "lower",
    "prepare",
    "ready",
    "uncompiled",
]

"""What callers of the native loop use: a tape, its training calls, its probe, its cache.

Reading order: ``tape``, ``epoch_measures``, ``training_calls``, ``edge_messages``,
``native_probe``, ``kernel_cache``, ``blas_threads``.

Imports the lowering and the machine; nothing in them imports it.
"""

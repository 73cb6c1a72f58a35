"""The compiled functions, by what they compute; each handles whole rows of a batch.

Reading order: ``elementwise`` and ``losses`` (one row of a table for each function),
``multi_input``, ``matmul``, ``row_loading`` (edges and data), ``dropout``, ``optimizers``,
``epoch_metrics``.

Imports ``engine.native.simd`` alone.
"""

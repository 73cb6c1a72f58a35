"""What is computed: each kernel forward and backward, and how operations become its instructions.

Reading order: ``elementwise`` and ``losses`` (one row of a table for each function),
``arithmetic``, ``normalisations``, ``dropout``, ``penalties``, ``sources``, ``row_loading``,
``matrix_product``, ``weighted_sums``, ``table`` (all of them); ``optimizers``, ``epoch_metrics``.

Imports ``engine.native.runtime`` and ``engine.native.simd``.
"""

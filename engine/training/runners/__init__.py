"""What moves a run on: its state, its batches, and the engines that make updates.

Reading order: ``runner`` (what an engine is), ``state``, ``records`` (what it reports),
``batches``, ``objective``, ``divergence``, ``numpy_runner``, ``metric_counters``,
``native_runner``.
"""

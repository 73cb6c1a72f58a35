"""The mathematics: operations, compiling, training, data, analysis and export.

Reading order: ``errors``, ``signature``, ``op``, ``special``, ``loss``, ``formula``, ``ops``,
``library``, ``plan``, ``compiling`` (with ``inner``, ``misfits``, ``drafts``, ``fans``),
``parameters``, ``running`` (with ``binding``, ``columns``), ``probe``, ``evaluation``,
``expanding`` (with ``unit_pattern``, ``splitting``, ``merging``, ``redrawing``), ``data``,
``training``, ``analysis``, ``export``, ``experiment``, ``reports``, ``examples``,
``benchmark``.

Imports ``graph``; nothing of ``gui``, no Qt.
"""

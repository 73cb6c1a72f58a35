"""The mathematics: operations, compiling, training, data, analysis and export.

Reading order: ``errors``, ``noise``, ``signature``, ``op``, ``special``, ``loss``, ``formula``,
``ops``, ``library``, ``plan`` (with ``steps``, ``tables``), ``compiling`` (with ``forms``,
``unfolding``, ``patterns``, ``stamping``, ``inner``, ``misfits``, ``drafts``, ``fans``, ``wiring``,
``fingerprints``), ``theta`` (with ``initializers``, ``streams``), ``parameters``, ``running``
(with ``binding``, ``columns``), ``probe``, ``evaluation``, ``expanding`` (with ``unit_pattern``,
``splitting``, ``merging``, ``redrawing``), ``data``, ``training``, ``native``, ``analysis``,
``export``, ``experiment``, ``reports``, ``examples``, ``benchmark``.

Imports ``graph``; nothing of ``gui``, no Qt.
"""

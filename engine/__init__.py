"""The mathematics: operations, compiling, training, data, analysis and export.

Reading order: ``errors``, ``op``, ``ops``, ``library``, ``plan``, ``compiling``, ``running``,
``probe``, ``data``, ``training``, ``analysis``, ``export``.

Imports ``graph``; nothing of ``gui``, no Qt.
"""

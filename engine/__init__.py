"""The mathematics: operations, compiling, training, data, analysis and export.

Rooms, from the ground up: ``errors``, ``arrays``, ``declaration`` (how an operation is declared),
``library`` (all operations), ``ops`` (one file for each), ``plan``, ``compiler`` (document → plan),
``interpreter`` (the plan in NumPy), ``rewrites`` (of the graph), ``data``, ``native`` (the plan as
one compiled loop), ``training``, ``analysis``, ``export``, ``headless`` (what the command line
does), ``benchmark``.

Imports ``graph``; nothing of ``gui``, no Qt.
"""

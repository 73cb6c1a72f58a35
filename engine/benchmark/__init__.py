"""How fast the engine is on this machine: the cases and measures behind ``gradwire benchmark``.

Reading order: ``networks`` (as data, and drawn), ``cases``, ``runners``, ``edit_runner`` and
``probe_runner`` (what is done again and again), ``stopwatch``, ``measurements``, ``machine``,
``report``.
The folder ``benchmarks/`` of the repository measures other libraries on the same cases.

Must not import ``gui``.
"""

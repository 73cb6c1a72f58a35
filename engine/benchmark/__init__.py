"""How fast the engine is on this machine: the cases and measures behind ``gradwire benchmark``.

Reading order: ``networks`` (as data, and drawn), ``cases``, ``running``, ``epochs``, ``editing``
and ``probing`` (what is done again and again), ``timing``, ``measuring``, ``machine``, ``report``.
The folder ``benchmarks/`` of the repository measures other libraries on the same cases.

Must not import ``gui``.
"""

"""A plan becomes a program: instructions over rows of an arena.

Reading order: ``fusion``, ``sparse_neurons``, ``layer_detection``, ``row_allocation``,
``theta_order``, ``instruction_runs``, ``emit``, ``liveness``, ``zero_ranges``, ``lower``.

Imports ``engine.plan``, ``engine.arrays`` and the machine's programs; it runs nothing but
``liveness``.
"""

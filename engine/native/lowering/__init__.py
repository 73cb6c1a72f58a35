"""A plan becomes a program, pass by pass; each pass is a function from data to data.

Reading order: ``lower`` (the passes in order), ``fusion``, ``liveness``, ``sparse_neurons``,
``layer_detection``, ``row_allocation``, ``instruction_runs``, ``theta_order``, ``emit``,
``levels``, ``assembly``, ``zero_ranges``, ``checks`` (what holds after each).

Imports ``engine.plan``, ``engine.arrays`` and the machine's programs; it runs nothing but
``liveness``.
"""

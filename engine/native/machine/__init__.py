"""The loop that runs a program: one compiled entry for whole epochs.

Reading order: ``instructions`` (the program as arrays), ``forward``, ``backward``, ``loop``.

Imports the kernels and ``engine.native.simd``.
"""

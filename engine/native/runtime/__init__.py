"""What compiled code stands on: one memory for all kernels, what a kernel is, how it is compiled.

Reading order: ``memory``, ``kernel``, ``compilation``.

Imports ``engine.native.simd``, ``engine.arrays`` and ``engine.plan``; nothing in them imports it.
"""

"""Vectors of numbers for numba: what makes the kernels' inner loops fast.

Reading order: ``jit`` (how a kernel is compiled), ``array_views`` (rows of the arena),
``vectors`` (blocks of numbers of a row), ``vector_arithmetic`` and ``transcendental`` (exp, log
and what is made of them).

Imports nothing of Gradwire.
"""

"""What runs: a program, and the loop that takes it through whole epochs.

Reading order: ``program``, ``loop``.

Imports the kernels and what they stand on.
"""

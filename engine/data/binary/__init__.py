"""Arrays in NumPy's files, and what all arrays from files have in common.

Reading order: ``array_file`` (one array, its header checked first), ``archive`` (several),
``members`` (which of them are columns), ``array_values`` (fields and texts), ``pictures`` (their
pixels).

Imports ``engine.errors`` only. Nothing is ever unpickled, and no size that a file states is
believed before it was compared with the file's.
"""

"""The plan run in NumPy, step by step: the meaning that the native loop must equal.

Reading order: ``initializers``, ``parameter_vector`` (a document's parameters as one vector θ),
``batch_columns`` (rows of data for a plan), ``interpreter`` (forward, backward with one message
per edge), ``objective_terms`` (E), ``probe`` (all numbers of chosen rows), ``evaluation``.

Imports ``engine.plan`` and below.
"""

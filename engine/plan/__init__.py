"""The compiled graph as plain data: steps in topological order.

Reading order: ``steps`` (the columns of a plan), ``parameter_table`` (its trainable parameters),
``plan``.

Imports ``engine.declaration`` and ``engine.arrays``; it knows neither the document nor any runner.
"""

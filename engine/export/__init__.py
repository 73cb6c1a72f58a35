"""Taking a document elsewhere as text: plain NumPy source, Graphviz.

Reading order: ``numpy_functions``, ``numpy_rows``, ``numpy_names``,
``numpy_export``, ``dot``. Pictures are drawn
by the canvas. What is written here is for people to read and run; Gradwire never runs it.

Imports the engine's plan and probe; nothing of ``gui``.
"""

from engine.export.dot import to_dot
from engine.export.numpy_export import to_numpy

__all__ = ["to_dot", "to_numpy"]

"""Taking a document elsewhere as text: plain NumPy source, Graphviz.

Reading order: ``plain_function`` (a definition that stands on its own), ``operation_source`` (an
operation's own functions as text), ``operation_calls`` (how they are called), ``numpy_names``,
``numpy_export``, ``dot``. Pictures are drawn by the canvas. What is written here is for people to
read and run; Gradwire never runs it.

Imports the engine's operations, plan and probe; nothing of ``gui``.
"""

from engine.export.dot import to_dot
from engine.export.numpy_export import to_numpy

__all__ = ["to_dot", "to_numpy"]

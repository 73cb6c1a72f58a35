"""What users do to a graph, each as one edit to apply: add, remove, rewire, rename, group.

Reading order: ``ids``, ``adding``, ``removal``, ``rewiring``, ``renaming``, ``groups``,
``fragments`` (a part of a document for clipboard and templates).

Imports ``graph.model`` and ``graph.validation``.
"""

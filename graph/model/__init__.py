"""The document: what it holds, how it changes, what always holds of it.

Reading order: ``kinds``, ``params``, ``tensor``, ``dataset``, ``training``, ``ids``, ``edits``,
``impact``, ``state``, ``bulk_edits``, ``group_checks``, ``invariants``, ``traversal``,
``document``, ``trainable``.

Imports ``graph.errors`` alone.
"""

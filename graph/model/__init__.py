"""The document: what it holds, how it changes, what always holds of it.

Reading order: ``kinds``, ``params``, ``tensor``, ``dataset``, ``training``, ``slot_names``,
``edits``, ``impact``, ``traversal``, ``key_order``, ``topological_ranks``, ``state``,
``group_checks``, ``invariants``, ``document``, ``trainable``.

Imports ``graph.errors`` alone.
"""

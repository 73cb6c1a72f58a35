"""The data dialog and its parts.

Reading order: ``jobs``, ``inline_table``, ``source_forms``, ``columns_table``,
``split_and_scaling``, ``scatter``, ``table_model``, ``column_nodes``, ``dialog``.

Imports the session, the widgets and ``engine.data``.
"""

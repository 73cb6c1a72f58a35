"""Colours, icons and styles, light and dark: ``theme``, ``edge_quantity``.

Imports nothing of the editor.
"""

"""Colours, icons and styles, light and dark: ``theme``.

Imports nothing of the editor.
"""

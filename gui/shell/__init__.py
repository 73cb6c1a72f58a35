"""The program and its window.

Reading order: ``status_bar``, ``notice_bar``, ``recent_files``, ``dock_places``, ``projector``,
``window``, ``app``.

Imports everything; nothing but the command line imports it.
"""

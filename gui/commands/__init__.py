"""Everything a user can call by name: one table, and what its commands do.

Reading order: ``context`` (what a command may use), ``edit_commands``, ``graph_commands``,
``layout_commands``, ``network_builder``, ``window_commands``, ``graph_dialogs``,
``export_commands``, ``table`` (all of them), ``actions``, ``command_palette``, ``context_menu``.

Imports the session, the documents and the canvas; nothing of the window.
"""

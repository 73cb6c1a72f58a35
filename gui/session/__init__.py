"""One open document with all that belongs to it: undo, values, data, training.

Reading order: ``edit_command``, ``data_loading``, ``drawn_values``, ``partial_plan``,
``derived_state``, ``probing``; ``training_host`` (what a run may use), ``training_thread``,
``run_lineage``, ``run_progress``, ``training_run``; ``session``.

Imports ``gui.jobs``, the engine and the graph; no widget.
"""

"""One open document with all that belongs to it: undo, values, data, training.

Reading order: ``edit_command``, ``data_loading``, ``partial_plan``, ``edited_row``, ``probing``,
``derived_state``; ``training_host`` (what a run may use), ``run_lineage``, ``snapshot`` (the
numbers of one moment), ``training_thread``, ``run_progress``, ``training_run``; ``stop_text``,
``stepper`` (the cursor inside an update), ``break_marks`` (where it stops); ``session``.

Imports ``gui.jobs``, the engine and the graph; no widget.
"""

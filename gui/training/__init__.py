"""The run bar, the step bar, breakpoints, the training settings.

Reading order: ``run_bar``, ``step_bar``, ``breakpoint_rows`` (what a run
can stop for), ``breakpoints_panel``, ``training_form``.

Imports the session and the widgets.
"""

"""The run bar, the step bar, the training settings.

Reading order: ``run_bar``, ``step_bar``, ``training_form``.

Imports the session and the widgets.
"""

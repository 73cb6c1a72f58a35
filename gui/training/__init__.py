"""The run bar, the training settings.

Reading order: ``run_bar``, ``training_form``.

Imports the session and the widgets.
"""

"""The run bar, the film below the curve, the training settings.

Reading order: ``run_bar``, ``film_bar``, ``training_form``.

Imports the session and the widgets.
"""

"""What every plot view is made of.

Reading order: ``stable_range``, ``panel``, ``chart``, ``heat_map``, ``chart_export``,
``plot_view`` (what a view is), ``computed_view``, ``film_bar``,
``time_view`` (what plots over epochs are),
``curves_view``, ``frame_counts``, ``prediction_table``, ``row_picture``,
``parameter_names``, ``number_chooser``. Folder ``words``: what views say.

Imports the session; the views of ``gui.views`` import it. pyqtgraph is imported when a plot is
first seen.
"""

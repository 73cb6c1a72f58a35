"""Widgets that know no session: numbers, colour scales, the list of node kinds.

Reading order: ``override_guard`` (exceptions in Qt's overrides), ``number_text``,
``layouts``, ``number_field``, ``fields``, ``space_key``, ``color_scale``, ``pixel_grid``,
``fuzzy_match``, ``chooser``, ``node_palette``, ``grid_model``, ``importance_table``,
``parameter_drag``.

Imports the look alone.
"""

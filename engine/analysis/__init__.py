"""Analyses: one pure function each, shown by the view of the same name in ``gui/views``.

Reading order: ``gradient_check``, ``local_derivative``, ``curves``, ``delta_sizes``, ``depth``,
``symmetry``, ``predictions``, ``pictures``;
``score``, ``score_stops`` and ``known_part`` (an update stop by stop).
Folder ``explanation``: any number as a formula; ``cost``: paths, multiplications and memory of
an update; ``grids``: values over ranges of parameters, inputs and sums; ``histograms``: how numbers
are spread at moments of a run; ``what_if``: what cutting, scaling, silencing and permuting would
make of E.

Imports ``graph`` and the engine's plan and running; nothing of ``gui``, no Qt.
"""

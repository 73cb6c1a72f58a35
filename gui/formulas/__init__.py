"""Formulas: typeset by ziamath, drawn as vectors, with a place on screen for every term.

Reading order: ``glyphs`` (LaTeX and numbers as paths), ``pieces`` (what a formula is put
together with), ``path_lines``, ``flow`` (lines that fit a width), ``formula_view`` (the widget).

Imports the look, the widgets and what the engine's explanations are; knows no session.
"""

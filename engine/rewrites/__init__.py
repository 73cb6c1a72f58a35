"""Rewrites of a graph that keep every number: expand, collapse, split, merge.

Reading order: ``rewrite`` (what the four have in common), ``neuron_pattern``,
``expand_collapse``, ``splitting``, ``merging``.

Each returns an edit; imports ``graph``, ``engine.declaration`` and the parameters.
"""

"""Histograms over time: how weights, s, z, δ and gradients are spread at moments of a run.

Reading order: ``counted_values`` (which numbers, at the θ of a moment), ``bins`` (counting them in
bins that all moments share), ``frame_order`` (which frames of a film, and which first).

Imports the engine's plan, data and running, as the other analyses do.
"""

"""Automatic layout: layers, few crossings, coordinates.

Reading order: ``layers``, ``crossings``, ``coordinates``, ``arrange``.

Imports ``graph.model``.
"""

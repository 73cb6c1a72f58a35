"""A derivative as the sum over directed paths to E.

Reading order: ``path_links`` (local derivatives along a path), ``largest_paths``.
"""

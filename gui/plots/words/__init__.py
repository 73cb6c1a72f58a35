"""What plot views say in words.

Reading order: ``depth_words``, ``memory_words``, ``histogram_words``, ``what_if_words``.

Imports analyses and how numbers are written; no widgets.
"""

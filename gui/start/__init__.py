"""The start page: examples as pictures, recent files, recovery.

Reading order: ``example_card``, ``example_gallery``, ``start_page``.

Imports the documents and the widgets.
"""

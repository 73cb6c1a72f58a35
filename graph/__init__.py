"""The document: model, edits, rules, file format and layout.

Reading order: ``errors``, ``spec``, ``tensor``, ``dataset``, ``training``, ``edits``, ``params``,
``marks``, ``state``, ``runs``, ``checks``, ``document``; then ``widths``, ``runnable``, ``rules``,
``names``, ``removal``, ``rewiring``, ``renaming``, ``changes``, ``groups``, ``fragments``,
``problems``; the file: ``file_format``, ``parsing``, ``refusals``, ``migration``, ``arrays``,
``reading``, ``writing``, ``storage``, ``schema``; the picture: ``layering``, ``ordering``,
``placement``, ``layout``.

Imports nothing of ``engine`` or ``gui``, no numpy, no Qt.
"""

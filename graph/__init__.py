"""The document: model, edits, rules, file format and layout.

Reading order: ``errors``, ``spec``, ``tensor``, ``dataset``, ``training``, ``edits``, ``state``,
``document``, ``widths``, ``rules``, ``changes``, ``problems``, ``fragments``, ``storage``,
``schema``, ``layout``, ``groups``.

Imports nothing of ``engine`` or ``gui``, no numpy, no Qt.
"""

"""The document: model, edits, rules, file format and layout.

Rooms, from the ground up: ``errors``, ``model`` (what a document holds and how it changes),
``validation`` (what may be connected, what is missing), ``changes`` (what users do to it),
``files`` (reading and writing), ``layout`` (automatic positions).

Imports nothing of ``engine`` or ``gui``, no numpy, no Qt.
"""

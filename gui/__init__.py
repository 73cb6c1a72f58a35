"""The editor: window, canvas, inspector and plots over ``engine`` and ``graph``.

Rooms, from the ground up: ``look``, ``widgets``, ``formulas``, ``jobs`` (work beside the
GUI thread), ``settings``, ``session`` (one open document and its run), ``canvas``, ``plots``
and ``views``, ``data`` (the data dialog), ``training`` (run bar, settings), ``documents`` (files),
``start`` (the start page), ``commands`` (all that can be called by name), ``inspector``, ``shell``
(the window and the program).

Keeps no second copy of any value: the document has them. Nothing imports ``gui`` but
``gradwire.py``.
"""

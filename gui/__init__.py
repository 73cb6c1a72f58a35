"""The editor: window, canvas, inspector and plots over ``engine`` and ``graph``.

Reading order: ``app``, ``window``, ``session`` (with ``undoing``, ``background``, ``calculation``,
``run``), ``commands``, ``theme``, ``canvas``, ``palette``, ``inspector``, ``problem_list``,
``run_bar``, ``views``, ``data_dialog``, ``start_page``, ``documents``, ``recovery``, ``settings``.

Keeps no second copy of any value: the document has them. Nothing imports ``gui`` but
``gradwire.py``.
"""

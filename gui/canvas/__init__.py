"""The canvas: one widget that draws the document in batches from arrays.

Rooms, from the ground up: ``geometry``, ``model`` (the document as arrays), ``layers`` (what is
drawn), ``interaction`` and ``gestures`` (what the user does). Then ``scene`` (all layers),
``vector_painter`` and ``export_picture`` (PNG, SVG, PDF), ``session_mirror`` (session → scene),
``tooltips`` (exact numbers), ``tooltip_place``, ``animation_clock``, ``scale_buttons``,
``scene_view``, ``palette_drop`` and ``graph_canvas`` (the widget).

It mirrors the document: the arrays change only when the document says that it changed. Nothing
outside this package may reach into its arrays; nothing inside it imports the window.
"""

"""The canvas: one widget that draws the document in batches from arrays.

Reading order: ``camera`` (scene ↔ widget), ``geometry`` (sizes, ports, wires), ``routing`` (wires
around nodes), ``folding``, ``arrays`` (the document as arrays), ``shading`` (numbers → colour
keys), ``batches`` (arrays → QPainter), ``detail`` (how much is drawn at which zoom), ``painting``;
the layers ``ground``, ``edges``, ``pulses``, ``bodies``, ``boxes``, ``nodes``, ``numerals``,
``glyphs``, ``captions``, ``tags``, ``legend``, ``collapsed``; ``scene`` (all layers), ``drawing``
and ``picture`` (PNG, SVG, PDF); ``mirror`` (session → scene), ``hit`` (what is under a point),
``gestures`` (what the mouse does), ``keyboard``, ``adding`` and ``search`` (new nodes),
``number_editor``, ``popups``, ``hover`` (exact numbers), ``motion`` (the clock), ``guard``
(exceptions in overrides), ``surface``, ``dropping`` and ``canvas`` (the widget).

It mirrors the document: the arrays change only when the document says that it changed. Nothing
outside this package may reach into its arrays; nothing inside it imports the window.
"""

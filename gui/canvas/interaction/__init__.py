"""What opens on the canvas while one works: new nodes, wires' targets, editors, popups.

Reading order: ``wire_target``, ``node_placement``, ``kind_search``, ``number_editor``,
``input_editor``, ``popups``.

Imports the model and the geometry of the canvas.
"""

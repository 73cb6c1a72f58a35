"""What is drawn, one layer a module, from the ground up.

Reading order: ``painter_batches`` (arrays → QPainter), ``level_of_detail``, ``background``,
``wires``, ``flow_pulses``, ``node_sprites``, ``nodes``, ``digit_glyphs``, ``node_numbers``,
``matrix_pictures``, ``captions``, ``wire_labels``, ``node_plates``,
``break_dots``, ``far_names``, ``legend``.

A layer reads the canvas's model and changes nothing.
"""

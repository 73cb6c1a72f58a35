"""The document as arrays: rows for nodes and edges, their colours, what is under a point.

Reading order: ``row_change``, ``node_looks``, ``graph_arrays``, ``node_parameters``,
``color_scales``, ``number_colors``, ``hit_test``, ``backward_costs``.

The arrays change only when the document says that it changed.
"""

"""Where things are: camera, sizes of nodes, ports, wires and their ways around nodes.

Reading order: ``camera``, ``shapes``, ``wire_routing``, ``collapsed_groups``.

Imports nothing of the canvas beside it, and draws nothing.
"""

"""A document becomes a plan: node by node its steps, its slots, the order of its edges.

Reading order: ``operations`` (a node's kind with its parameters), ``edge_order``, ``node_steps``
(the steps that stand for a node), ``instantiation`` (those of all nodes, concatenated), ``slots``
(trainable slots with their shapes and initial spread), ``compile``.

Imports ``graph``, ``engine.declaration``, ``engine.plan`` and ``engine.arrays``; it runs nothing.
"""

"""What may be connected, and what keeps a document from running.

Reading order: ``width_inference``, ``connection_rules``, ``problems``.

Imports ``graph.model``.
"""

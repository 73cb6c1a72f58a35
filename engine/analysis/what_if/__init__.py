"""What an edit would make of E before it is made, and what E owes to each edge, unit and input.

Reading order: ``changes`` (an edit for each change), ``ablation`` (E, metrics and gradients
before and after one), ``blocks`` (work that goes on block by block), ``ranking`` (every edge cut,
every unit silenced), ``permutation`` (importance of the inputs).

Imports ``graph`` and the engine's plan and running; nothing of ``gui``, no Qt.
"""

"""How an operation is declared: its function, its derivative and what both say about it.

Reading order: ``signature`` (ports and parameters from a function's signature), ``template``
(what a composite stands for), ``op`` (the decorators), ``loss`` (the decorator of losses),
``scipy_special`` (what several operations use), ``formula`` (a typed formula, parsed safely).

Imports ``graph``; the operations of ``engine.ops`` import it, never the other way round.
"""

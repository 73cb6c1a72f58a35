"""How an operation is declared: its function, its derivative and what both say about it.

Reading order: ``signature`` (ports and parameters from a function's signature), ``dry_run`` (an
output's width), ``template`` (what a composite stands for), ``op`` (the decorators),
``loss_needs`` (for which numbers a loss is defined), ``loss`` (the decorator of losses),
``scipy_special`` (what several operations use), ``formula`` (a typed formula, parsed safely). The
symbolic side: ``equations`` (their grammar), ``equation_values`` (with numbers),
``equation_text`` (for people, and LaTeX), ``symbolic`` (an operation's equations),
``composition`` (those of a typed formula), ``summands`` (the terms of a sum over components).

Imports ``graph``; the operations of ``engine.ops`` import it, never the other way round.
"""

"""Every number as a formula of those next to it, in symbols and numbers, that recombines.

Reading order: ``expression``, ``quantity`` (names of what can be asked), ``row_run`` (one row and
its local derivatives), ``notation``, ``reuse``, ``row_formulas``, ``matrix_forms``,
``update_formulas``, ``parameter_formulas``, ``explainer``, ``means`` (rows' shares), folder
``paths``; ``shown_numbers`` (how many digits), ``written_terms`` (one line), ``latex_symbols``,
``formats`` (text, LaTeX, plain data).

Imports the engine up to training's rules.
"""

from engine.analysis.explanation.explainer import EVERYTHING, Explainer
from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.quantity import Numerator, Quantity, parse_quantity, read_quantity

__all__ = [
    "EVERYTHING",
    "Explainer",
    "Expression",
    "Numerator",
    "Quantity",
    "parse_quantity",
    "read_quantity",
]

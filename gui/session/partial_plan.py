"""The plan behind the numbers on the canvas: of the whole graph, or of the part that can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.plan.plan import Plan
from graph.errors import GradwireError
from graph.model.document import Document
from graph.validation.width_inference import Widths, infer_widths, runnable
from gui.session.drawn_values import DrawnParameter, DrawnValues


@dataclass(frozen=True, slots=True)
class Compiled:
    """What follows from a document at once.

    Parameters
    ----------
    widths : Widths
        Of every value.
    plan, theta : Plan, (size,) array or None
        Of the document, or of what of an unfinished one can run already; None if nothing can.
    problem : str
        Why it is not of the whole document; empty if it is.
    drawn : mapping
        What of θ was drawn for the first time.
    """

    widths: Widths
    plan: Plan | None = None
    theta: Array | None = None
    problem: str = ""
    drawn: Mapping[DrawnParameter, Array] = field(default_factory=dict)


def compiled(document: Document, schema: Mapping[str, int], values: DrawnValues) -> Compiled:
    """Compile a document, or what of an unfinished one can run already.

    Raises
    ------
    GradwireError
        If that part cannot run either.
    """
    widths, problem = infer_widths(document, schema), ""
    try:
        plan = compile_document(document, schema)
    except GradwireError as error:
        problem, part = str(error), runnable(document, widths)
        if not part:
            return Compiled(widths, problem=problem)
        plan = compile_document(document, schema, nodes=part)
    plan.parameters.find("")  # makes its index of names here, maybe in another thread
    theta, drawn = values.theta(plan, document)
    return Compiled(widths, plan, theta, problem, drawn)

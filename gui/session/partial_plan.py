"""The plan behind the numbers on the canvas: of the whole graph, or of the part that can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from engine.plan.plan import Plan
from graph.errors import GradwireError
from graph.model.document import Document
from graph.validation.width_inference import Widths, runnable


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan with its parameters; ``problem`` says why it is only that of a part."""

    plan: Plan
    theta: Array
    problem: str = ""


def compiled(document: Document, schema: Mapping[str, int], widths: Widths) -> Compiled:
    """Compile a document, or what of an unfinished one can run already.

    Raises
    ------
    GradwireError
        If nothing can run; the sentence is about the whole document.
    """
    problem = ""
    try:
        plan = compile_document(document, schema)
    except GradwireError as error:
        problem = str(error)
        part = runnable(document, widths)
        if not part:
            raise
        plan = compile_document(document, schema, nodes=part)
    theta = initial(plan, document, document.training.seed, strict=False)
    return Compiled(plan, theta, problem)

"""The plan behind the numbers on the canvas, of the whole graph or of the part that can run.

Parameters without a value in the document are drawn here, and keep what they were drawn as.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from engine.plan.plan import Plan
from graph.errors import EditError, GradwireError
from graph.model.document import Document
from graph.model.edits import Edit
from graph.model.kinds import Shape
from graph.validation.width_inference import Widths, infer_widths, runnable
from gui.session.edit_command import Apply

DrawnParameter: TypeAlias = tuple[str, Shape, str]
"""Name, shape and initialiser: one of another shape or law is drawn for itself."""


class DrawnValues:
    """Draws parameters, each once: an edit elsewhere changes fans, but not what was shown.

    It belongs to the session, not to the document: a file that is opened is drawn as the command
    line does it. A drawing is all that was drawn with one seed between two requests to draw anew;
    going back to an older one by undo brings its numbers back.
    """

    def __init__(self) -> None:
        self._numbers = count(1)
        self._drawing = 0
        self._kept: dict[tuple[int, int], dict[DrawnParameter, Array]] = {}

    def key(self, document: Document) -> tuple[int, int]:
        """Return which drawing shows: another one means other numbers."""
        return document.training.seed, self._drawing

    def theta(self, plan: Plan, document: Document) -> tuple[Array, dict[DrawnParameter, Array]]:
        """Return θ, and what of it is drawn for the first time; in any thread."""
        theta = initial(plan, document, document.training.seed, strict=False)
        kept, values = self._kept.get(self.key(document), {}), document.parameters
        new: dict[DrawnParameter, Array] = {}
        for parameter in plan.parameters:
            given = values.get(parameter.name)
            if given is not None and given.shape == parameter.shape:
                continue
            drawn = parameter.name, parameter.shape, parameter.initializer
            own = theta[parameter.offset : parameter.offset + parameter.size]
            if drawn in kept:
                own[:] = kept[drawn]
            else:
                new[drawn] = own.copy()
        return theta, new

    def keep(self, document: Document, new: Mapping[DrawnParameter, Array]) -> None:
        """Keep what was drawn for the first time, now that it is shown."""
        self._kept.setdefault(self.key(document), {}).update(new)

    def redrawing(self, apply: Apply) -> Apply:
        """Return an ``apply`` that draws everything anew, or goes back where it has done so."""
        before, after = self._drawing, next(self._numbers)

        def applied(edit: Edit) -> Edit:
            here = self._drawing
            self._drawing = before if here == after else after
            try:
                return apply(edit)
            except EditError:
                self._drawing = here
                raise

        return applied


@dataclass(frozen=True, slots=True)
class Compiled:
    """What follows from a document, or from what of an unfinished one can run already.

    ``problem`` says why it is not of the whole document; ``drawn`` is what of θ was drawn for the
    first time.
    """

    widths: Widths
    plan: Plan | None = None
    theta: Array | None = None
    problem: str = ""
    drawn: Mapping[DrawnParameter, Array] = field(default_factory=dict)


def compiled(document: Document, schema: Mapping[str, int], values: DrawnValues) -> Compiled:
    """Compile a document, or what of an unfinished one can run already.

    Raises `GradwireError` if that part cannot run either.
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

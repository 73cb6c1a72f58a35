"""Parameters while compiling: found slot by slot, then given their place in θ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod

from engine.errors import PlanError, ShapeError
from engine.plan import Parameter
from graph.document import Document
from graph.spec import Shape

LARGEST = 2**28
"""Most entries of θ, 2 GiB in float64: a mistyped width is refused, not allocated."""


@dataclass(frozen=True, slots=True)
class _Draft:
    slot: str
    shape: Shape
    is_bias: bool
    initializer: str


@dataclass(slots=True)
class Drafts:
    """The parameters that slots of a document use, in the order of first use."""

    document: Document
    _drafts: dict[str, _Draft] = field(default_factory=dict)
    _indices: dict[str, int] = field(default_factory=dict)

    def use(self, slot: str, shape: Shape, initial: str, initializer: str, node: str) -> int:
        """Return the index of the parameter that a slot uses.

        Parameters
        ----------
        slot : str
            As the document names it: ``h1.bias``, ``x1-h1.weight``.
        shape : tuple of int
            What the operation needs.
        initial, initializer : str
            What draws the slot (`engine.op.Slot`), and what draws weights.
        node : str
            The document's node, for the error.

        Raises
        ------
        ShapeError
            If the slot shares a parameter of another shape.
        """
        name = self.document.parameter_name(slot)
        draft = self._drafts.get(name)
        if draft is None:
            self._indices[name] = len(self._indices)
        elif draft.shape != shape:
            raise ShapeError(
                f"{slot!r} needs the shape {shape}, but shares {name!r} with {draft.slot!r}, "
                f"which has {draft.shape}; share only arrays of one shape",
                node,
            )
        if draft is None or slot < draft.slot:  # the first by name, so that no order matters
            drawn_by = initializer if initial == "weights" else initial
            self._drafts[name] = _Draft(slot, shape, initial != "weights", drawn_by)
        return self._indices[name]

    def weights(self) -> tuple[int, ...]:
        """Return the indices of all weights (no biases, no gains)."""
        return tuple(self._indices[name] for name, d in self._drafts.items() if not d.is_bias)

    def index(self, name: str, node: str) -> int:
        """Return the index of a parameter, named by itself or by a slot that uses it.

        Raises
        ------
        PlanError
            If the document has no such parameter.
        """
        index = self._indices.get(self.document.parameter_name(name), self._indices.get(name))
        if index is None:
            raise PlanError(f"there is no parameter {name!r}; choose others", node)
        return index

    def place(self, fans: Mapping[int, tuple[int, int]]) -> tuple[Parameter, ...]:
        """Return the parameters one after another in θ.

        Raises
        ------
        PlanError
            If they are more than `LARGEST` numbers.
        """
        frozen, offset = self.document.frozen, 0
        parameters: list[Parameter] = []
        for index, (name, draft) in enumerate(self._drafts.items()):
            parameters.append(
                Parameter(
                    name,
                    draft.shape,
                    offset,
                    prod(draft.shape),
                    name not in frozen,
                    draft.is_bias,
                    draft.initializer,
                    *fans.get(index, (1, 1)),
                )
            )
            offset += parameters[-1].size
        if offset > LARGEST:
            largest = max(parameters, key=lambda parameter: parameter.size)
            raise PlanError(
                f"the parameters are {offset:,} numbers, {largest.size:,} of them in "
                f"{largest.name!r}; at most {LARGEST:,} fit, so use fewer units"
            )
        return tuple(parameters)

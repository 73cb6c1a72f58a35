"""The steps of a plan, kept by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from engine.arrays.aliases import Integers
from engine.arrays.columnar import ComposedNames, LazyRecords, Ragged
from engine.declaration.op import Op
from graph.model.kinds import Params

_NO_SLOTS: Mapping[str, int] = MappingProxyType({})


class Step(NamedTuple):
    """One operation of the plan.

    Parameters
    ----------
    node : str
        Id of the node; of an inner node if a composite was expanded.
    op, params : Op, mapping
        The operation and its parameters, complete.
    inputs : tuple of int
        Value slots of the positional arguments.
    slots : mapping
        Trainable slot → index into ``Plan.parameters``.
    output : int
        The value slot written: the step's own number.
    owner : str
        Id of the document's node this step is part of.
    covers : tuple of int
        For penalties: the parameters they are computed over.
    """

    node: str
    op: Op
    params: Params
    inputs: tuple[int, ...]
    slots: Mapping[str, int]
    output: int
    owner: str
    covers: tuple[int, ...] = ()


class Form(NamedTuple):
    """What alike steps share: operation, parameters, names of the trainable slots."""

    op: Op
    params: Params
    slots: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Steps(LazyRecords[Step]):
    """The steps of a plan.

    Parameters
    ----------
    forms : tuple of Form
        Each once.
    form : (n,) array
        Step → index into ``forms``.
    nodes, owners : ComposedNames
        Ids by step.
    reads : Ragged
        By step, the value slots of its positional arguments.
    uses : Ragged
        By step, indices into ``Plan.parameters``, in the order of ``Form.slots``.
    covers : mapping
        Step of a penalty → the parameters it is computed over.
    """

    forms: tuple[Form, ...]
    form: Integers
    nodes: ComposedNames
    owners: ComposedNames
    reads: Ragged
    uses: Ragged
    covers: Mapping[int, tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.form)

    def kind(self, *kinds: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which steps are of one of these kinds, (n,)."""
        return self.chosen([form.op.spec.kind in kinds for form in self.forms])

    def chosen(self, forms: Iterable[bool]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return which steps have a chosen form, (n,); ``forms`` tells it for each form."""
        return np.array(list(forms), bool)[self.form]

    def _make(self, start: int, stop: int) -> list[Step]:
        inputs, uses = self.reads.tuples(start, stop), self.uses.tuples(start, stop)
        forms = [self.forms[number] for number in self.form[start:stop].tolist()]
        return [
            Step(
                node,
                form.op,
                form.params,
                read,
                dict(zip(form.slots, used, strict=True)) if used else _NO_SLOTS,
                number,
                owner,
                self.covers.get(number, ()),
            )
            for number, node, form, read, used, owner in zip(
                range(start, stop),
                self.nodes[start:stop],
                forms,
                inputs,
                uses,
                self.owners[start:stop],
                strict=True,
            )
        ]

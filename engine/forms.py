"""What the steps of one compile are made of, each found once: operations, params, shapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.declaration.op import Op
from engine.errors import PlanError
from engine.misfits import column_widths, references, shape_error
from engine.plan.plan import port_widths
from engine.plan.steps import Form
from graph.model.edits import Node
from graph.model.kinds import MisfitError, Params, Role, Shape

Shapes = tuple[int, Mapping[str, Shape]]


@dataclass(slots=True)
class Forms:
    """The operations of one compile.

    Attributes
    ----------
    ops, schema : mappings
        Operations by kind; column → width of the data.
    all : list of Form
        What steps refer to by number.
    columns : dict
        Column reference → width, of those that are read.
    """

    ops: Mapping[str, Op]
    schema: Mapping[str, int]
    all: list[Form] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    # equal params share one object, so that identity is enough to find what is alike
    _params: dict[tuple[object, ...], Params] = field(default_factory=dict)
    _shapes: dict[tuple[object, ...], Shapes] = field(default_factory=dict)

    def op(self, node: Node, place: str) -> Op:
        """Return a node's operation.

        Raises
        ------
        PlanError
            If there is none of that kind; ``place`` is the document's node.
        """
        op = self.ops.get(node.kind)
        if op is None:
            raise PlanError(
                f"the kind {node.kind!r} is unknown; replace the node or install what adds it",
                place,
            )
        return op

    def params(self, op: Op, node: Node) -> Params:
        """Return a node's parameters, defaults filled in."""
        key = (node.kind, *node.params.items())
        if key not in self._params:
            self._params[key] = op.spec.complete(node.params)
        return self._params[key]

    def number(self, op: Op, params: Params, slots: tuple[str, ...]) -> int:
        """Return the number of a form."""
        key = (id(op), id(params), slots)
        number = self._numbers.setdefault(key, len(self.all))
        if number == len(self.all):
            self.all.append(Form(op, params, slots))
        return number

    def read_columns(self, node: str, params: Params) -> None:
        """Note the columns that an input or target reads.

        Raises
        ------
        PlanError
            If none is named, there is no data, or it has no such column.
        """
        self.columns.update(column_widths(node, references(params), self.schema))

    def shapes(self, op: Op, params: Params, widths: tuple[int, ...], place: str) -> Shapes:
        """Return the width of an operation's output and the shapes of its trainable slots.

        Raises
        ------
        ShapeError
            If the widths do not go together.
        """
        key = (id(op), id(params), widths)
        found = self._shapes.get(key)
        if found is None:
            spec, ports = op.spec, dict(port_widths(op.spec, widths))
            if spec.role in (Role.INPUT, Role.TARGET):
                ports["columns"] = tuple(self.columns[name] for name in references(params))
            try:
                found = spec.width(params, ports), spec.slot_shapes(params, ports)
            except MisfitError as error:
                raise shape_error(error, spec, widths, place) from error
            self._shapes[key] = found
        return found

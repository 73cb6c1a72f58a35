"""What the steps of one compile are made of, each found once: operations, params, shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.declaration.op import Op
from engine.errors import PlanError, ShapeError
from engine.plan.plan import port_widths
from engine.plan.steps import Form
from graph.errors import WidthMismatch
from graph.model.dataset import column_width
from graph.model.edits import Edge
from graph.model.kinds import NodeSpec, Params, Role, Shape

Shapes = tuple[int, Mapping[str, Shape]]


@dataclass(slots=True)
class Operations:
    """The operations of one compile.

    Attributes
    ----------
    ops, schema : mappings
        Operations by kind; column → width of the data.
    forms : list of Form
        What steps refer to by number.
    columns : dict
        Column reference → width, of those that are read.
    """

    ops: Mapping[str, Op]
    schema: Mapping[str, int]
    forms: list[Form] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    # equal params share one object, so that identity is enough to find what is alike
    _params: dict[tuple[object, ...], Params] = field(default_factory=dict)
    _shapes: dict[tuple[object, ...], Shapes] = field(default_factory=dict)

    def op(self, kind: str, place: str) -> Op:
        """Return the operation of a kind.

        Raises `PlanError` if there is none of that kind; ``place`` is the document's node.
        """
        op = self.ops.get(kind)
        if op is None:
            raise PlanError(
                f"the kind {kind!r} is unknown; replace the node or install what adds it",
                place,
            )
        return op

    def params(self, op: Op, params: Params) -> Params:
        """Return parameters with defaults filled in."""
        key = (id(op), *params.items())
        if key not in self._params:
            self._params[key] = op.spec.complete(params)
        return self._params[key]

    def number(self, op: Op, params: Params, slots: tuple[str, ...]) -> int:
        """Return the number of a form."""
        key = (id(op), id(params), slots)
        number = self._numbers.setdefault(key, len(self.forms))
        if number == len(self.forms):
            self.forms.append(Form(op, params, slots))
        return number

    def read_columns(self, node: str, params: Params) -> None:
        """Note the columns that an input or target reads.

        Raises `PlanError` if none is named, there is no data, or it has no such column.
        """
        self.columns.update(column_widths(node, references(params), self.schema))

    def shapes(self, op: Op, params: Params, widths: tuple[int, ...], place: str) -> Shapes:
        """Return the width of an operation's output and the shapes of its trainable slots.

        Raises `ShapeError` if the widths do not go together.
        """
        key = (id(op), id(params), widths)
        found = self._shapes.get(key)
        if found is None:
            spec, ports = op.spec, dict(port_widths(op.spec, widths))
            if spec.role in (Role.INPUT, Role.TARGET):
                ports["columns"] = tuple(self.columns[name] for name in references(params))
            try:
                found = spec.width(params, ports), spec.slot_shapes(params, ports)
            except WidthMismatch as error:
                raise shape_error(error, spec, widths, place) from error
            self._shapes[key] = found
        return found


def check_connected(node: str, spec: NodeSpec, edges: Iterable[Edge]) -> None:
    """Check that every port has an edge; the document sees to it that none has too many.

    Raises `PlanError` if a port has none.
    """
    connected = {edge.port for edge in edges}
    for port in spec.ports:
        if port.name not in connected:
            raise PlanError("nothing is connected; connect an edge", node, port.name)


def references(params: Params) -> tuple[str, ...]:
    """Return the columns that an input or target names."""
    columns = params.get("columns", ())
    return tuple(str(name) for name in columns) if isinstance(columns, tuple) else ()


def column_widths(node: str, names: Iterable[str], schema: Mapping[str, int]) -> dict[str, int]:
    """Return the width of each column reference that an input or target reads.

    Raises `PlanError` if none is named, there is no data, or it has no such column.
    """
    widths: dict[str, int] = {}
    for name in names:
        width = column_width(schema, name)
        if width is None:
            raise PlanError(
                f"the data has no column {name!r}; choose one of {_listed(schema)}"
                if schema
                else f"there is no data to read {name!r} from; choose a dataset",
                node,
            )
        widths[name] = width
    if not widths:
        raise PlanError("no column is chosen; choose one in the inspector", node)
    return widths


def shape_error(
    error: WidthMismatch, spec: NodeSpec, widths: tuple[int, ...], node: str
) -> ShapeError:
    """Tie a mismatch to the document's node; the text always shows the widths that met.

    ``spec`` and ``widths`` are those of the operation: perhaps of one inside the node.
    """
    text = str(error)
    if not all(str(width) in text for width in widths):
        dealt = port_widths(spec, widths).items()
        text += f" (widths: {', '.join(f'{name} {_joined(found)}' for name, found in dealt)})"
    return ShapeError(text, node, error.port)


def _joined(widths: Iterable[int]) -> str:
    return " and ".join(map(str, widths))


def _listed(schema: Mapping[str, int]) -> str:
    names = sorted(schema)
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")

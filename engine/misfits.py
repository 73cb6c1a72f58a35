"""What keeps a node from being compiled, each told in one sentence with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.errors import PlanError, ShapeError
from engine.plan.plan import port_widths
from graph.model.dataset import column_width
from graph.model.edits import Edge
from graph.model.kinds import MisfitError, NodeSpec, Params


def check_connected(node: str, spec: NodeSpec, edges: Iterable[Edge]) -> None:
    """Check that every port has an edge; the document sees to it that none has too many.

    Raises
    ------
    PlanError
        If a port has none.
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

    Raises
    ------
    PlanError
        If none is named, there is no data, or it has no such column.
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
    error: MisfitError, spec: NodeSpec, widths: tuple[int, ...], node: str
) -> ShapeError:
    """Tie a misfit to the document's node; the text always shows the widths that met.

    Parameters
    ----------
    error : MisfitError
        What the operation says.
    spec : NodeSpec
        Of the operation: perhaps an inner one of ``node``.
    widths : tuple of int
        Of its inputs.
    node : str
        The document's node.
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

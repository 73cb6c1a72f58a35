"""A toy library of node kinds, and documents of them."""

from __future__ import annotations

from collections.abc import Iterable

from graph.errors import WidthMismatch
from graph.model.dataset import Inline
from graph.model.document import Document
from graph.model.edits import AddNode, Connect, Edge, Move, Node, SetDataset, SetParam
from graph.model.kinds import (
    Library,
    NodeSpec,
    ParamKind,
    Params,
    ParamSpec,
    PortSpec,
    PortWidths,
    Role,
)


def _columns(_params: Params, widths: PortWidths) -> int:
    return sum(widths["columns"])


def _units(params: Params, _widths: PortWidths) -> int:
    units = params["units"]
    assert isinstance(units, int)
    return units


def _common(_params: Params, widths: PortWidths) -> int:
    port, found = next((port, found) for port, found in widths.items() if found)
    everything = {width for group in widths.values() for width in group} - {1}
    if len(everything) > 1:
        raise WidthMismatch(port, f"the widths {sorted(everything)} differ")
    return max(everything, default=found[0])


def _loss(_params: Params, widths: PortWidths) -> int:
    (a,), (b,) = widths["prediction"], widths["target"]
    if a != b:
        raise WidthMismatch("target", f"the prediction has width {a}, the target {b}")
    return 1


COLUMNS = ParamSpec("columns", ParamKind.COLUMNS, ())
INPUTS = (PortSpec("inputs", variadic=True),)

LIBRARY = Library(
    [
        NodeSpec("input", "input", "sources", (), (COLUMNS,), _columns, Role.INPUT),
        NodeSpec("target", "target", "sources", (), (COLUMNS,), _columns, Role.TARGET),
        NodeSpec(
            "bias",
            "bias",
            "sources",
            (),
            (ParamSpec("width", ParamKind.INT, 1, 1, 100),),
            lambda params, _widths: int(str(params["width"])),
            Role.SOURCE,
            slots=lambda _params: ("bias",),
            slot_shapes=lambda params, _widths: {"bias": (int(str(params["width"])),)},
        ),
        NodeSpec(
            "neuron",
            "neuron",
            "units",
            INPUTS,
            (
                ParamSpec("units", ParamKind.INT, 1, 1, 1000),
                ParamSpec("activation", ParamKind.CHOICE, "sigmoid", choices=("sigmoid", "tanh")),
                ParamSpec("bias", ParamKind.BOOL, True),
            ),
            _units,
            Role.UNIT,
            slots=lambda params: ("bias",) if params["bias"] else (),
            slot_shapes=lambda params, _widths: {"bias": (int(str(params["units"])),)},
            weighted=True,
        ),
        NodeSpec(
            "weight",
            "weight",
            "linear",
            (PortSpec("x"),),
            (ParamSpec("width", ParamKind.INT, 1, 1, 100),),
            lambda params, _widths: int(str(params["width"])),
            slots=lambda _params: ("weight",),
            slot_shapes=lambda params, widths: {
                "weight": (int(str(params["width"])), widths["x"][0])
            },
        ),
        NodeSpec("sum", "sum", "arithmetic", INPUTS, (), _common),
        NodeSpec("product", "product", "arithmetic", INPUTS, (), _common),
        NodeSpec("subtract", "subtract", "arithmetic", (PortSpec("a"), PortSpec("b")), (), _common),
        NodeSpec(
            "scale",
            "scale",
            "arithmetic",
            (PortSpec("x"),),
            (
                ParamSpec("factor", ParamKind.FLOAT, 1.0, -10, 10),
                ParamSpec("offset", ParamKind.FLOAT, 0.0),
                ParamSpec("name", ParamKind.TEXT, ""),
                ParamSpec("value", ParamKind.NUMBERS, ()),
            ),
            _common,
        ),
        NodeSpec(
            "loss",
            "loss",
            "losses",
            (PortSpec("prediction"), PortSpec("target")),
            (ParamSpec("importance", ParamKind.FLOAT, 1.0, 0),),
            _loss,
            Role.LOSS,
        ),
        NodeSpec(
            "penalty",
            "penalty",
            "losses",
            (),
            (ParamSpec("parameters", ParamKind.PARAMETERS, "weights"),),
            lambda _params, _widths: 1,
            Role.PENALTY,
        ),
    ]
)

SCHEMA = {"x1": 1, "x2": 1, "y": 1, "image": 4}


def build(nodes: dict[str, str], edges: Iterable[str]) -> Document:
    """Build from ``{id: kind}`` and ``source>target.port``; the edge's id is ``source-target``."""
    document = Document(LIBRARY)
    for name, kind in nodes.items():
        document.apply(AddNode(Node(name, kind)))
    for text in edges:
        source, _, rest = text.partition(">")
        target, _, port = rest.partition(".")
        name, order = f"{source}-{target}", len(document.in_edges(target))
        while name in document.edges:
            name += "'"
        document.apply(Connect(Edge(name, source, target, port or "inputs", order)))
    return document


def network() -> Document:
    """Two inputs, two hidden units, one output unit, a loss; placed, with data."""
    document = build(
        {
            "x1": "input",
            "x2": "input",
            "h1": "neuron",
            "h2": "neuron",
            "o": "neuron",
            "t": "target",
            "E": "loss",
        },
        ["x1>h1", "x2>h1", "x1>h2", "x2>h2", "h1>o", "h2>o", "o>E.prediction", "t>E.target"],
    )
    for name, column in (("x1", "x1"), ("x2", "x2"), ("t", "y")):
        document.apply(SetParam(name, "columns", (column,)))
    document.apply(Move({node: (100.0 * i, 50.0) for i, node in enumerate(document.nodes)}))
    table = Inline(
        features=("x1", "x2"), targets=("y",), columns={"x1": [0, 1], "x2": [0.5, 1], "y": [0, 1]}
    )
    document.apply(SetDataset(table))
    return document

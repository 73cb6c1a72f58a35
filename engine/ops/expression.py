"""A formula typed by the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated

from engine import library
from engine.declaration.formula import FormulaError, FormulaTerm, FormulaValue, Variable, parse
from engine.declaration.op import Array, Expand, Expansion, composite
from graph.model.edits import Edge, Node
from graph.model.kinds import MisfitError, Params, ParamValue, PortWidths

_DEFAULT = "x1"


def _width(params: Params, widths: PortWidths) -> int:
    found = widths.get("inputs", ())
    used = {found[v.index] for v in _variables(_parsed(params, len(found)))} - {1}
    if len(used) > 1:
        narrow, wide = sorted(used)[:2]
        raise MisfitError(
            "inputs",
            f"the formula combines a value of width {narrow} with one of width {wide}; "
            "only width 1 is repeated",
        )
    return used.pop() if used else 1


@composite(
    group="arithmetic",
    rank=20,
    symbol="f(x)",
    aliases=("formula", "equation", "custom", "calculate", "function"),
    width=_width,
)
def expression(
    *inputs: Array,
    formula: Annotated[str, "for example 2*sin(x1) + x2**2"] = _DEFAULT,
) -> Expand:
    """Compute a formula you type; it is differentiated like everything else.

    Formula: z = the formula, component by component
    Shapes: inputs: (B, n) or (B, 1), repeated to n → (B, n)
    Source: the formula is taken apart into sums, products, powers and functions (Expand shows
    them), and the chain rule does the rest.
    The inputs are called x1, x2, … in the order of the wires, or a, b, c, …; x, y, z are the first
    three. Allowed are numbers, pi, + - * / **, brackets and the activations that treat each
    component alone, such as sin(x), exp(x), sqrt(x), tanh(x), abs(x). A power with an input in
    its exponent is exp(b·log a), so its base must be positive. An input that is not mentioned has
    no effect.
    """
    return _expand


def _expand(node: Node, params: Params, in_edges: Sequence[Edge]) -> Expansion:
    value = _parsed(params, len(in_edges))
    uses = Counter(variable.index for variable in _variables(value))
    plan = _Emission(node, list(in_edges), uses)
    plan.emit(
        value if isinstance(value, FormulaTerm) else FormulaTerm("identity", (value,)), node.id
    )
    return Expansion(tuple(plan.nodes), tuple(plan.edges))


def _parsed(params: Params, inputs: int) -> FormulaValue:
    try:
        return _parse(str(params.get("formula", _DEFAULT)), inputs)
    except FormulaError as error:
        raise MisfitError("inputs", str(error)) from error


@lru_cache(maxsize=256)
def _parse(formula: str, inputs: int) -> FormulaValue:
    functions = {kind for kind, op in library.ops().items() if op.elementwise}
    return parse(formula, inputs, functions)


def _variables(value: FormulaValue) -> Iterator[Variable]:
    if isinstance(value, Variable):
        yield value
    else:
        for inner in value.inputs:
            yield from _variables(inner)


@dataclass(slots=True)
class _Emission:
    """Nodes and edges of a formula. An input used once is wired directly, else through a node."""

    owner: Node
    in_edges: list[Edge]
    uses: Counter[int]
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    _terms: int = 0
    _wires: int = 0

    def __post_init__(self) -> None:
        for index, edge in enumerate(self.in_edges):
            if self.uses[index] != 1:
                entry = self._entry(index)
                self.nodes.append(Node(entry, "identity"))
                self.edges.append(Edge(edge.id, edge.source, entry, "x"))

    def emit(self, term: FormulaTerm, name: str) -> None:
        """Append a term's node, called ``name``, after all it reads."""
        spec = library.ops()[term.kind].spec
        variadic = len(spec.ports) == 1 and spec.ports[0].variadic
        sources = [self._source(value) for value in term.inputs]
        label = self.owner.label if name == self.owner.id else ""
        self.nodes.append(Node(name, term.kind, label, _sorted(term.params)))
        for order, (value, source) in enumerate(zip(term.inputs, sources, strict=True)):
            port = spec.ports[0 if variadic else order].name
            place = order if variadic else 0
            if source is None and isinstance(value, Variable):
                edge = self.in_edges[value.index]
                self.edges.append(Edge(edge.id, edge.source, name, port, place))
            elif source is not None:
                self._wires += 1
                edge_id = f"{self.owner.id}.e{self._wires}"
                self.edges.append(Edge(edge_id, source, name, port, place))

    def _source(self, value: FormulaValue) -> str | None:
        """Return the inner node a value comes from; None for an input that is wired directly."""
        if isinstance(value, Variable):
            return None if self.uses[value.index] == 1 else self._entry(value.index)
        self._terms += 1
        name = f"{self.owner.id}.{self._terms}"
        self.emit(value, name)
        return name

    def _entry(self, index: int) -> str:
        return f"{self.owner.id}.x{index + 1}"


def _sorted(params: dict[str, ParamValue]) -> dict[str, ParamValue]:
    return dict(sorted(params.items()))

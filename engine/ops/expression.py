"""A formula typed by the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from engine import library
from engine.declaration.formula import FormulaError, FormulaTerm, FormulaValue, Variable, parse
from engine.declaration.op import Array, Expand, InnerEdge, InnerNode, Input, Template, composite
from graph.errors import WidthMismatch
from graph.model.kinds import Params, PortWidths

if TYPE_CHECKING:
    from engine.declaration.symbolic import Symbolic

_DEFAULT = "x1"
_ANY = 999_999  # more inputs than any formula names


def _width(params: Params, widths: PortWidths) -> int:
    found = widths.get("inputs", ())
    used = {found[v.index] for v in _variables(_parsed(params, len(found)))} - {1}
    if len(used) > 1:
        narrow, wide = sorted(used)[:2]
        raise WidthMismatch(
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


def _equations(params: Params) -> Symbolic:
    from engine.declaration.composition import composed  # not at the start
    from engine.declaration.symbolic import Symbolic

    formula, ops = str(params["formula"]), library.ops()
    try:
        parse(formula, _ANY, ops.keys())
    except FormulaError:
        return Symbolic(None, {}, (), {}, formula)
    return composed(formula, ops)


expression.derive = _equations


def _expand(params: Params, inputs: Sequence[Input]) -> Template:
    value = _parsed(params, len(inputs))
    term = value if isinstance(value, FormulaTerm) else FormulaTerm("identity", (value,))
    writing = _Writing(inputs, Counter(variable.index for variable in _variables(value)))
    writing.write(term, "z")
    return Template(tuple(writing.nodes))


def _parsed(params: Params, inputs: int) -> FormulaValue:
    try:
        return _parse(str(params.get("formula", _DEFAULT)), inputs)
    except FormulaError as error:
        raise WidthMismatch("inputs", str(error)) from error


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
class _Writing:
    """The nodes of a formula. An input used once is read directly, else through an identity."""

    inputs: Sequence[Input]
    uses: Counter[int]
    nodes: list[InnerNode] = field(default_factory=list)
    _terms: int = 0

    def __post_init__(self) -> None:
        for place, read in enumerate(self.inputs):
            if self.uses[place] != 1:
                self.nodes.append(InnerNode(f"x{place + 1}", "identity", (InnerEdge(read, "x"),)))

    def write(self, term: FormulaTerm, name: str) -> str:
        """Append a term, called ``name``, after all it reads; return the name."""
        spec = library.ops()[term.kind].spec
        variadic = len(spec.ports) == 1 and spec.ports[0].variadic
        sources = [self._source(value) for value in term.inputs]
        ports = spec.ports * len(sources) if variadic else spec.ports
        edges = [InnerEdge(source, port.name) for source, port in zip(sources, ports, strict=False)]
        self.nodes.append(
            InnerNode(name, term.kind, tuple(edges), dict(sorted(term.params.items())))
        )
        return name

    def _source(self, value: FormulaValue) -> Input | str:
        if isinstance(value, Variable):
            used_once = self.uses[value.index] == 1
            return self.inputs[value.index] if used_once else f"x{value.index + 1}"
        self._terms += 1
        return self.write(value, str(self._terms))

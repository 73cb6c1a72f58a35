"""Explains any number of a document at given rows as a formula that recombines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from itertools import product

import numpy as np

from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.matrix_forms import MatrixForm, MatrixForms
from engine.analysis.explanation.notation import Notation
from engine.analysis.explanation.parameter_formulas import ParameterFormulas, RuleState
from engine.analysis.explanation.quantity import Numerator, Quantity, read_quantity
from engine.analysis.explanation.reuse import Reuse, ReusedFactors
from engine.analysis.explanation.row_formulas import Entry, RowFormulas
from engine.analysis.explanation.row_run import PlanPlaces, RowRun
from engine.arrays.counter_stream import Stream
from engine.data.row_numbers import row_name
from engine.declaration.op import Array
from engine.errors import DataError
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan
from graph.model.document import Document

EVERYTHING = 1 << 30
"""A depth that opens all."""
_COMPONENTS = 32  # of a vector, of which derivatives are offered
_NUMERATORS = 200  # of a place


class Explainer:
    """Explains the numbers of one row, or of the mean over several.

    Parameters
    ----------
    document, plan, theta
        What is explained, at which parameters.
    columns : mapping
        Column reference → (B, width): the rows.
    m : int
        Number of training rows, by which training's penalties are divided.
    names : sequence of str, optional
        What the rows are called; by default their places.
    rule : RuleState, optional
        Memory of the optimiser, for updates; by default that of a first update.
    most : int, optional
        Rows of a mean that get a term of their own; the others are one term together.
    yield_gil : callable, optional
        Called every few steps, so that a worker thread can let others run.
    of : Numerator, optional
        Of what derivatives are, if not of E.
    noise : Stream, optional
        That of an update whose rows these are (dropout); None evaluates.
    """

    def __init__(
        self,
        document: Document,
        plan: Plan,
        theta: Array,
        columns: Mapping[str, Array],
        m: int,
        names: list[str] | None = None,
        rule: RuleState | None = None,
        most: int | None = None,
        yield_gil: YieldGil | None = None,
        of: Numerator | None = None,
        noise: Stream | None = None,
    ) -> None:
        self._document, self._plan, self._theta, self._of = document, plan, theta, of
        settings = m, names, rule, most, yield_gil
        self._differentiating = partial(
            Explainer, document, plan, theta, columns, *settings, noise=noise
        )
        self._noise = noise
        self._others: dict[Numerator, Explainer] = {}
        self._columns, self._yield_gil = columns, yield_gil
        self._count = max([len(column) for column in columns.values()], default=1)
        self._names = names or [row_name(row) for row in range(self._count)]
        self._shown = self._count if most is None else min(most, self._count)
        self._places = PlanPlaces(plan)
        self._notation = Notation(document, self._places, of)
        self._rows: dict[int, RowFormulas] = {}
        self._runs: dict[int, RowRun] = {}
        self._parameters = ParameterFormulas(document, self._places, self._notation, m, rule)

    def explain(self, name: str | Quantity, depth: int = 1) -> Expression:
        """Return the formula of a quantity, opened over so many nodes.

        Of a vector or matrix without a component, a function of all its entries. Raises
        `DataError` if there is no such quantity.
        """
        quantity, other = self._found(name)
        if other is not self:
            return other.explain(quantity, depth)
        for row in self._rows.values():
            row.start()
        self._check(quantity)
        shape = self._shape(quantity)
        if quantity.component or math.prod(shape) == 1:
            component = quantity.component or (0,) * len(shape)
            if len(component) != len(shape) or any(
                not 0 <= i < n for i, n in zip(component, shape, strict=False)
            ):
                raise DataError(
                    f"{str(quantity)!r} is not there; the shape is {' × '.join(map(str, shape))}"
                )
            return self._one(quantity, component, depth)
        terms = tuple(self._one(quantity, entry, 0) for entry in product(*map(range, shape)))
        return Expression(
            "function", terms[0].value, f"vector {quantity}", terms=terms, quantity=str(quantity)
        )

    def values(self, quantity: Quantity) -> Array:
        """Return all entries of a quantity, as it is shaped."""
        other = self._found(quantity)[1]
        if other is not self:
            return other.values(quantity)
        shape = self._shape(quantity)
        found = [self._one(quantity, entry, 0).value for entry in product(*map(range, shape))]
        return np.array(found).reshape(shape)

    def rows(self, name: str) -> list[tuple[str, float]]:
        """Return each row's share of a mean: they add up to it, penalties apart."""
        quantity, other = self._found(name)
        if other is not self:
            return other.rows(name)
        component = quantity.component or (0,) * len(self._shape(quantity))
        return [
            (self._names[row], self._in_row(quantity, component, 0, row).value / self._count)
            for row in range(self._count)
        ]

    def of_a_row(self, name: str | Quantity, depth: int = 1) -> Expression:
        """Return what every row's share of a mean is made of, with the numbers of the first row.

        Its symbols hold for all rows; of a vector or matrix a component must be given.
        """
        quantity, other = self._found(name)
        if other is not self:
            return other.of_a_row(quantity, depth)
        component = quantity.component or (0,) * len(self._shape(quantity))
        self._row(0).start()
        return self._in_row(quantity, component, depth, 0)

    def numerators(self, quantity: Quantity) -> dict[Numerator, str]:
        """Return what a place leads to, nearest to the losses first, with its symbol.

        The one loss of a network is E, and is left out.
        """
        plan, place, outputs = self._plan, quantity.place, self._plan.outputs
        if place in outputs:
            starts = {outputs[wire.target] for wire in self._places.leaving.get(outputs[place], ())}
        elif place in self._places.wires:
            starts = {outputs[self._places.wires[place].target]}
        else:
            steps = self._places.uses.get(self._index(place), [])
            starts = {outputs[step.owner] for step in steps}
        left_out = {loss.node for loss in plan.losses} if len(plan.losses) == 1 else set()
        found: dict[Numerator, str] = {}
        for slot in reversed(self._places.after(starts)):
            node, width = self._places.node_of[slot], plan.widths[slot]
            for component in range(min(width, _COMPONENTS)) if node not in left_out else ():
                of = Numerator(node, component if width > 1 else None)
                found[of] = self._notation.node(*of)
        return dict(list(found.items())[:_NUMERATORS])

    def _found(self, name: str | Quantity) -> tuple[Quantity, Explainer]:
        """Read a name; return it with who explains it: derivatives of each number have their own.

        Raises `DataError` if there is no such quantity.
        """
        quantity = read_quantity(name, self._document) if isinstance(name, str) else name
        of = quantity.of
        if of is None or of == self._of:
            return quantity, self
        if of not in self._others:
            if of.node not in self._plan.outputs:
                raise DataError(f"{of.node!r} is not part of what can run")
            if of.node in (penalty.node for penalty in self._plan.penalties):
                raise DataError(f"{of.node!r} is a penalty; ask for penalty:PARAMETER")
            width = self._plan.widths[self._plan.outputs[of.node]]
            if not 0 <= (of.component or 0) < width or (of.component is None and width > 1):
                raise DataError(
                    f"{of.node!r} has {width} numbers; write {of.node}[0] for the first"
                )
            self._others[of] = self._differentiating(of)
        return quantity, self._others[of]

    def matrix_form(self, quantity: Quantity) -> MatrixForm | None:
        """Return a vector or matrix as a whole in each row; None of what is no such product."""
        return MatrixForms(self._places, self._notation).of(quantity)

    def reuse(self, quantity: Quantity) -> list[Reuse]:
        """Return the factors of a parameter's ∂E/∂w that other derivatives have too."""
        if not self._is_parameter(quantity) or quantity.of is not None:
            return []
        return ReusedFactors(self._places, self._notation).of(self._index(quantity.place))

    def discard(self, yield_gil: YieldGil) -> None:
        """Forget the numbers of all rows, one by one, so that others can run in between."""
        for other in self._others.values():
            other.discard(yield_gil)
        for kept in (self._rows, self._runs):
            while kept:
                kept.popitem()
                yield_gil()

    # -- one number ----------------------------------------------------------------------------

    def _one(self, quantity: Quantity, component: Entry, depth: int) -> Expression:
        if quantity.kind == "E":
            return self._error(depth)
        if quantity.kind in ("penalty", "update") or self._is_parameter(quantity):
            return self._of_parameter(quantity, component, depth)
        return self._mean(quantity, component, depth)

    def _mean(self, quantity: Quantity, component: Entry, depth: int) -> Expression:
        """Return a row's formula, or that of the mean over rows."""
        if self._count == 1:
            return self._in_row(quantity, component, depth, 0)
        inside = depth - 1 if depth > 1 else 0
        first = self._in_row(quantity, component, 0, 0)
        if depth <= 0:
            return replace(first.closed(), value=self._mean_of(quantity, component))
        rows = range(self._shown)
        terms = [self._share(quantity, component, inside, row) for row in rows]
        value = math.fsum(term.value for term in terms)
        if self._shown < self._count:
            shown, value = value, self._mean_of(quantity, component)
            others = f"{self._count - self._shown:,} other rows"
            terms.append(Expression("value", value - shown, others))
        return replace(first, operator="sum", value=value, terms=tuple(terms))

    def _mean_of(self, quantity: Quantity, component: Entry) -> float:
        """Return the mean over all rows, from one run of them together."""
        i, run = component[0] if component else 0, self._batch
        if self._is_parameter(quantity):
            found = self._plan.parameters[self._index(quantity.place)]
            part = run.gradient[found.offset : found.offset + found.size].reshape(found.shape)
            index = self._index(quantity.place)
            of_nodes = self._parameters.node_penalty(run, index, component)
            return float(part[component]) - (0.0 if self._of else of_nodes)
        if quantity.kind == "message":
            return float(run.message(self._places.wires[quantity.place])[i])
        if quantity.kind == "slope":
            rows = range(self._count)
            numbers = [self._in_row(quantity, component, 0, row).value for row in rows]
            return math.fsum(numbers) / self._count
        slots = self._plan.nets if quantity.kind in ("s", "delta") else self._plan.outputs
        how = run.delta if quantity.kind in ("gradient", "delta") else run.value
        return float(how(slots[quantity.place])[i])

    @cached_property
    def _batch(self) -> RowRun:
        settings = self._yield_gil, self._of, self._noise
        return RowRun(self._places, self._theta, self._columns, *settings)

    def _share(self, quantity: Quantity, component: Entry, depth: int, row: int) -> Expression:
        """Return one row's share of a mean: 1/B times its number."""
        found = self._in_row(quantity, component, depth, row)
        found = replace(found, symbol=f"{found.symbol} of {self._names[row]}")
        factor = Expression("value", 1 / self._count, f"1/{self._count}")
        symbol = f"{factor.symbol}·{found.symbol}"
        return Expression("product", found.value / self._count, symbol, terms=(factor, found))

    def _in_row(self, quantity: Quantity, component: Entry, depth: int, row: int) -> Expression:
        formulas = self._row(row)
        i = component[0] if component else 0
        kind, place = quantity.kind, quantity.place
        if self._is_parameter(quantity):
            index = self._index(place)
            entry = component or (0,) * len(self._plan.parameters[index].shape)
            terms = tuple(formulas.shares(index, entry, max(depth, 1)))
            value = math.fsum(term.value for term in terms)
            symbol = f"∂{self._notation.above}/∂{self._notation.parameter(index, entry)}"
            found = Expression("sum", value, symbol, parameter=place, terms=terms)
            return found if depth > 0 else found.closed()
        if kind == "message":
            return formulas.message(self._places.wires[place], i, depth)
        if kind == "slope":
            return formulas.slope(place, i, i)
        how: dict[str, Callable[[str, int, int], Expression]] = {
            "value": formulas.value,
            "loss": formulas.value,
            "s": formulas.net,
            "gradient": formulas.gradient,
            "delta": formulas.delta,
        }
        return how[kind](place, i, depth)

    # -- E and parameters ----------------------------------------------------------------------

    def _error(self, depth: int) -> Expression:
        """Return E = Σ importance·loss + penalties; a single loss is E itself."""
        penalties, losses = self._parameters.penalties(self._run(0)), self._plan.losses
        if len(losses) == 1 and losses[0].importance == 1 and not penalties:
            found = self._mean(Quantity("loss", losses[0].node), (0,), depth)
            return replace(found, symbol="E", quantity="E")
        terms: list[Expression] = []
        for loss in losses:
            mean = self._mean(Quantity("loss", loss.node), (0,), max(depth - 1, min(depth, 1)))
            name = "loss" if mean.symbol == "E" else mean.symbol  # E is the whole
            mean = replace(mean, symbol=name, is_named=True)  # told apart, on a line of its own
            if loss.importance == 1:
                terms.append(mean)
                continue
            factor = Expression("value", loss.importance, f"importance({mean.symbol})")
            both = (factor, mean)
            symbol = f"{factor.symbol}·{mean.symbol}"
            value = loss.importance * mean.value
            terms.append(Expression("product", value, symbol, node=loss.node, terms=both))
        terms += penalties
        value = math.fsum(term.value for term in terms)
        found = Expression("sum", value, "E", terms=tuple(terms), quantity="E")
        return found if depth > 0 else found.closed()

    def _of_parameter(self, quantity: Quantity, component: Entry, depth: int) -> Expression:
        index = self._index(quantity.place)
        entry = component or (0,) * len(self._plan.parameters[index].shape)
        penalties: list[Expression] = []
        if self._of is None:
            penalties = self._parameters.penalty_terms(self._run(0), index, entry)
        data = self._mean(Quantity("gradient", quantity.place, of=self._of), entry, depth)
        terms = [*(data.terms if data.operator == "sum" else (data,)), *penalties]
        value = math.fsum([data.value, *(term.value for term in penalties)])
        gradient = replace(
            data, operator="sum", value=value, terms=tuple(terms), quantity=str(quantity)
        )
        if quantity.kind == "penalty":
            value = math.fsum(term.value for term in penalties)
            symbol = f"penalty({self._notation.parameter(index, entry)})"
            return Expression(
                "sum", value, symbol, parameter=quantity.place, terms=tuple(penalties)
            )
        if quantity.kind == "update":
            return self._parameters.update(self._theta, self._gradient, index, entry, gradient)
        return gradient if depth > 0 else gradient.closed()

    @cached_property
    def _gradient(self) -> Array:
        """∂E/∂θ of the mean, penalties in."""
        return self._parameters.with_penalties(self._theta, self._batch.gradient)

    # -- looking things up ---------------------------------------------------------------------

    def _run(self, row: int) -> RowRun:
        if row not in self._runs:
            columns = {name: column[row : row + 1] for name, column in self._columns.items()}
            noise = None if self._noise is None else self._noise.from_row(row)
            settings = self._yield_gil, self._of, noise
            self._runs[row] = RowRun(self._places, self._theta, columns, *settings)
        return self._runs[row]

    def _row(self, row: int) -> RowFormulas:
        if row not in self._rows:
            self._rows[row] = RowFormulas(self._run(row), self._notation)
        return self._rows[row]

    def _is_parameter(self, quantity: Quantity) -> bool:
        return quantity.kind == "gradient" and quantity.place not in self._plan.outputs

    def _index(self, name: str) -> int:
        known = self._document.parameter_name(name)
        numbers = [i for i, one in enumerate(self._plan.parameters.names) if one == known]
        if not numbers:
            raise DataError(f"the network has no parameter {name!r}")
        return numbers[0]

    def _check(self, quantity: Quantity) -> None:
        """Refuse what this network has not: an edge it does not use, s of what has none."""
        kind, place = quantity.kind, quantity.place
        if kind == "message" and place not in self._places.wires:
            raise DataError(f"nothing flows over the edge {place!r}")
        if kind in ("s", "delta", "slope") and place not in self._plan.nets:
            raise DataError(f"{place!r} is no neuron: it has no {kind}; ask for value or gradient")
        if kind == "loss" and place not in self._places.importance:
            raise DataError(f"{place!r} is no loss")
        if kind == "value" and place not in self._plan.outputs:
            raise DataError(f"{place!r} is not part of what can run")

    def _shape(self, quantity: Quantity) -> tuple[int, ...]:
        if quantity.kind == "E":
            return ()
        if quantity.kind in ("penalty", "update") or self._is_parameter(quantity):
            return tuple(self._plan.parameters[self._index(quantity.place)].shape)
        if quantity.kind == "message":
            return (self._plan.widths[self._places.wires[quantity.place].source],)
        nets = quantity.kind in ("s", "delta", "slope")
        slots = self._plan.nets if nets else self._plan.outputs
        return (self._plan.widths[slots[quantity.place]],)

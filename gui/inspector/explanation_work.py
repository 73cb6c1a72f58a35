"""Explaining one quantity, in any thread: its formula typeset, its entries, its rows' shares."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np

from engine.analysis.explanation import (
    Explainer,
    Expression,
    Quantity,
    parse_quantity,
    read_quantity,
)
from engine.analysis.explanation.latex_symbols import symbol_latex
from engine.analysis.explanation.means import ROWS, largest_shares, mean_of, mean_shares
from engine.analysis.explanation.parameter_formulas import RuleState
from engine.analysis.explanation.paths.largest_paths import paths_of
from engine.arrays.aliases import Array
from engine.arrays.counter_stream import Stream
from engine.data.row_numbers import row_name
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan
from graph.errors import GradwireError
from graph.model.document import DocumentSnapshot
from gui.formulas.flow import SetLine, set_lines
from gui.formulas.path_lines import path_lines
from gui.formulas.pieces import Line, Piece, sign
from gui.inspector.explanation_costs import Costs
from gui.inspector.explanation_lines import (
    Reading,
    derivation_lines,
    lines_of,
    matrix_lines,
    mean_of_rows,
    reuse_lines,
    row_openings,
    row_symbols,
    unknown,
)
from gui.jobs.gil_yield import GilYield

_LEAVES = 120
"""Numbers of which an opened formula consists at most."""
_TABLE = 200
"""Rows of a mean that stand in the table by themselves."""


@dataclass(frozen=True, eq=False)
class Moment:
    """Which numbers are explained: those of some rows at some parameters.

    Parameters
    ----------
    document : DocumentSnapshot
        As it was when it was asked; the document may change meanwhile.
    plan, theta, columns, m
        As of `Explainer`.
    rows : tuple of int
        The rows of the dataset that ``columns`` holds; empty without data.
    words : str
        Which rows these are, for the heading.
    updates : int
        Updates made up to these parameters.
    costs : Costs
        Of the plan.
    rule : RuleState or None
        What the optimiser remembers, for updates.
    noise : Stream or None
        Of the update that the cursor is in.
    """

    document: DocumentSnapshot
    plan: Plan
    theta: Array
    columns: Mapping[str, Array]
    m: int
    rows: tuple[int, ...]
    words: str
    updates: int
    costs: Costs
    rule: RuleState | None = None
    noise: Stream | None = None

    @property
    def sentence(self) -> str:
        """Which rows at which update, as a sentence."""
        count = self.updates
        when = f"after {count:,} update{'s' * (count > 1)}" if count else "before training"
        return f"{self.words[:1].upper()}{self.words[1:]}, {when}."


class SupersededError(GradwireError):
    """Something else is asked meanwhile; nobody is told."""


class _JobYield:
    """Lets others run, and ends the work as soon as its job is no longer the wanted one."""

    def __init__(self, latest: LatestExplainer) -> None:
        self._latest, self._pause = latest, GilYield()
        self.job: object = None

    def __call__(self) -> None:
        self._pause()
        if self.job is not self._latest.wanted:
            raise SupersededError("something else is asked meanwhile")


class LatestExplainer:
    """The explainer of the moment that was explained last, for the threads that explain.

    All numbers of a large network are many objects. They are freed here, bit by bit in the thread
    that explains, and never in the window's.

    Attributes
    ----------
    wanted : object
        The job whose answer is awaited; the work of others ends.
    """

    def __init__(self) -> None:
        self.wanted: object = None
        self._yields = _JobYield(self)
        self._lock = Lock()
        self._moment: Moment | None = None
        self._explainer: Explainer | None = None
        self._users = 0

    @contextmanager
    def of(self, moment: Moment, job: object) -> Iterator[tuple[Explainer, YieldGil]]:
        """Lend the explainer of a moment to a job, with what it is to call now and then."""
        before = None
        with self._lock:
            if self._explainer is None or self._moment is not moment:
                before = None if self._users else self._explainer
                self._yields = _JobYield(self)
                made = _explainer(moment, self._yields)
                self._moment, self._explainer, self._users = moment, made, 0
            explainer, yields = self._explainer, self._yields
            yields.job = job
            self._users += 1
        if before is not None:
            before.discard(GilYield())
        try:
            yield explainer, yields
        finally:
            with self._lock:
                is_latest = explainer is self._explainer
                self._users -= is_latest
            if not is_latest:
                explainer.discard(GilYield())


def _explainer(moment: Moment, yields: YieldGil) -> Explainer:
    names = [row_name(row) for row in moment.rows] or None
    at, known = (moment.document, moment.plan, moment.theta, moment.columns), moment.rule
    return Explainer(*at, moment.m, names, known, _TABLE, yields, noise=moment.noise)


@dataclass(frozen=True, slots=True)
class Share:
    """What a row of the dataset, or several (``row`` is None), gives to a mean."""

    name: str
    value: float
    row: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """An explanation, ready to be shown.

    Parameters
    ----------
    quantity : str
        Of what, with its component.
    title : str
        What it is called.
    value : float
        The number.
    lines : tuple of SetLine
        It typeset.
    entries : array
        All entries of the quantity, as it is shaped; of a single number (1,).
    component : tuple of int
        Which of them is explained; empty for a single number.
    shares : tuple of Share
        Of a mean: what each row gives to it.
    notes : tuple of str
        What the backward pass keeps and costs there, a sentence each.
    numerators : mapping
        Of what else there are derivatives at the place: name → symbol.
    is_told : bool
        Whether its entries may be shown: they are known at the cursor.
    """

    moment: Moment
    quantity: str
    title: str
    value: float
    lines: tuple[SetLine, ...]
    entries: Array
    component: tuple[int, ...]
    shares: tuple[Share, ...] = ()
    notes: tuple[str, ...] = ()
    numerators: Mapping[str, str] = field(default_factory=dict)
    is_told: bool = True


def explain(
    moment: Moment, name: str, reading: Reading, latest: LatestExplainer, job: object = None
) -> Answer:
    """Explain a quantity for a job.

    Raises `DataError` if there is none, `SupersededError` if another job is wanted meanwhile.
    """
    named = parse_quantity(name)
    with latest.of(moment, job) as (explainer, yields):
        if named.kind == "paths":
            return _explain_paths(moment, explainer, named, reading, yields)
        return _explain(moment, explainer, name, reading)


def _explain(moment: Moment, explainer: Explainer, name: str, reading: Reading) -> Answer:
    quantity = read_quantity(name, moment.document)
    whole = quantity._replace(component=())
    entries = explainer.values(whole)
    component = _component(quantity, entries)
    asked = whole._replace(component=component)
    found = explainer.explain(asked)
    found, whose = mean_of(explainer, moment.plan, asked, found, len(moment.rows))
    shares = _shares(found, moment.rows)
    if whose is not None:
        row = _stages(lambda depth: explainer.of_a_row(whose, depth), reading.depth)[-1]
        lines = _mean_lines(found, row, len(moment.rows), reading)
    else:
        stages = _stages(lambda depth: explainer.explain(asked, depth), reading.depth)
        found = stages[-1]
        if asked.kind == "update" and len(stages) == 1:
            found = _with_short_gradient(found, str(asked._replace(kind="gradient")))
        lines = derivation_lines([*stages[:-1], found], reading)
    form = explainer.matrix_form(whole) if entries.size > 1 and whole.of is None else None
    if form is not None:
        lines = [*matrix_lines(form, len(moment.rows)), *lines]
    lines = [*lines, *reuse_lines(explainer.reuse(asked))]
    notes = moment.costs.at(asked) if asked.of is None else ()
    typeset = set_lines(lines)
    known = moment, str(asked), found.symbol, found.value, typeset, entries, component
    of_e_alone = asked.kind in ("E", "update", "penalty")
    numerators = {} if of_e_alone else explainer.numerators(asked)
    offered, told = {str(of): symbol for of, symbol in numerators.items()}, _tells(found, reading)
    return Answer(*known, shares if told else (), notes, offered, told)


def _tells(found: Expression, reading: Reading) -> bool:
    """Tell whether its numbers may be shown: it is known, or it grows where the cursor is."""
    quantity, growing = found.quantity, reading.current.partition("[")[0]
    return not quantity or reading.knows(quantity) or quantity.partition("[")[0] == growing


def _stages(opened: Callable[[int], Expression], depth: int) -> list[Expression]:
    """Return a formula opened over one node, two, … up to a depth, as far as it can be read."""
    stages: list[Expression] = []
    while len(stages) < depth:
        found = opened(len(stages) + 1)
        if stages and (found == stages[-1] or _leaves(found) > _LEAVES):
            break
        stages.append(found)
    return stages


def _leaves(found: Expression) -> int:
    return sum(map(_leaves, found.terms)) if found.terms else 1


def _explain_paths(
    moment: Moment, explainer: Explainer, asked: Quantity, reading: Reading, yields: YieldGil
) -> Answer:
    """Explain the paths of a number: of a vector or matrix the largest, if none is asked for."""
    document, most = moment.document, max(reading.most // 8, 8)
    kind = "gradient" if asked.of is None else "derivative"
    quantity = read_quantity(str(asked._replace(kind=kind)), document)
    entries = explainer.values(quantity.whole)
    asked = asked._replace(component=_component(asked, entries))
    at = moment.theta, moment.columns, asked, most, yields
    found = paths_of(document, moment.plan, *at)
    title = f"{found.symbol} along its paths"
    lines = set_lines(path_lines(found, document, known=reading.knows(found.quantity)))
    known = moment, str(asked), title, found.gradient, lines, entries, asked.component
    numerators = explainer.numerators(quantity)
    offered = {str(of): symbol for of, symbol in numerators.items()}
    return Answer(*known, numerators=offered, is_told=reading.knows(found.quantity))


def _component(asked: Quantity, entries: Array) -> tuple[int, ...]:
    """Return the component that is asked for; the largest if none is, of a single number none."""
    if entries.size == 1:
        return ()
    if asked.component:
        return asked.component
    largest = np.abs(np.nan_to_num(entries)).argmax()
    return tuple(int(i) for i in np.unravel_index(largest, entries.shape))


# -- means over rows -------------------------------------------------------------------------------


def _shares(found: Expression, rows: tuple[int, ...]) -> tuple[Share, ...]:
    """Return the shares of the rows of a mean; empty if it is none."""
    shares = []
    for place, term in enumerate(mean_shares(found, len(rows))):
        row = rows[place] if term.terms else None
        shares.append(Share(term.symbol if row is None else row_name(row), term.value, row))
    return tuple(shares)


def _mean_lines(found: Expression, row: Expression, count: int, reading: Reading) -> list[Line]:
    """Return a mean: 1/B·Σ over what a ``row`` is, and penalties as terms of their own."""
    shares = mean_shares(found, count)
    rest = found.terms[len(shares) :]
    name = Piece(found.symbol, symbol_latex(found.symbol), term="·")
    symbols = [name, sign("=", breaks=True), *mean_of_rows(count)]
    symbols += row_symbols(row, reading)
    for term in rest:
        symbols += [sign("+", breaks=True), Piece(term.symbol, symbol_latex(term.symbol))]
    own = largest_shares(shares, count)
    closed = replace(found, operator="sum", terms=(*own, *rest))
    if not _tells(found, reading):
        return [tuple(symbols), *row_openings(row, reading), (sign("="), unknown())]
    terms, *result = lines_of(closed, reading)[1:]
    if len(shares) > ROWS:
        others = f" ({count - ROWS:,} other rows)"
        place = next(n for n, piece in enumerate(terms) if piece.term == f".{ROWS}") + 1
        terms = (*terms[:place], Piece(others, rf"\text{{{others}}}"), *terms[place:])
    added = [terms]
    if rest:
        data = Expression("value", math.fsum(one.value for one in shares), "mean over the rows")
        added.append(lines_of(replace(closed, terms=(data, *rest)), reading)[1])
    return [tuple(symbols), *row_openings(row, reading), *added, *result]


def _with_short_gradient(found: Expression, name: str) -> Expression:
    """Return an update's formula with ∂E/∂w as one number: that has a formula of its own."""
    if found.terms and found.symbol.startswith("∂E/∂"):
        return replace(found.closed(), quantity=name)
    terms = tuple(_with_short_gradient(term, name) for term in found.terms)
    return replace(found, terms=terms)

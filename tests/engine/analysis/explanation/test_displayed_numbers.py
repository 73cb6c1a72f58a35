"""What is displayed recombines within its digits, read as a reader with a calculator does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.analysis.explanation import EVERYTHING, Explainer, Expression, read_quantity
from engine.analysis.explanation.formats import latex, mean_lines, text_lines
from engine.analysis.explanation.means import mean_of
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from graph.model.edits import SetTraining
from tests.engine.analysis.explanation.displayed_lines import calculated, check_brackets, check_line
from tests.engine.random_documents import RandomDocument

OPTIMIZERS = ["sgd", "momentum", "adam", "rmsprop"]


def check_displayed(lines: list[str]) -> int:
    """Check all lines that consist of numbers; return how many there are."""
    count, result = 0, ""
    for line in reversed(lines):
        is_told = line.startswith(("  = ", "  ≈ "))
        if is_told and not result:
            result = line
        elif is_told:
            count += _check(line.removeprefix("  = "), result)
        else:
            result = ""
    for line in lines:
        if not line.startswith(" ") and line.count(" = ") + line.count(" ≈ ") >= 2:
            before, sign, result = line.rpartition(" ≈ " if " ≈ " in line else " = ")
            count += _check(before.rpartition(" = ")[2], f"{sign.strip()} {result}")
    return count


def _check(numbers: str, result: str) -> bool:
    check_brackets(numbers)
    try:
        calculated(numbers)
    except (SyntaxError, ValueError):  # with symbols in it
        return False
    check_line(numbers, result)
    return True


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 100_000),
    st.sampled_from([1, 3]),
    st.sampled_from([1, 2, EVERYTHING]),
    st.sampled_from(OPTIMIZERS),
)
def test_lines_of_random_graphs_recombine(seed: int, rows: int, depth: int, optimizer: str) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    trained = replace(document.training, l1=0.25, l2=0.5, optimizer=optimizer)
    document.apply(SetTraining(trained))
    plan = compile_document(document, drawn.schema)
    theta = initial(plan, document, seed)
    columns = {name: column[:rows] for name, column in drawn.columns.items()}
    explainer = Explainer(document, plan, theta, columns, 5)
    names = ["E"]
    for node, slot in plan.outputs.items():
        last = plan.widths[slot] - 1
        entry = f"[{last}]" if last else ""
        names += [f"value:{node}{entry}", f"gradient:{node}{entry}"]
        names += [f"{kind}:{node}{entry}" for kind in ("s", "delta") if node in plan.nets]
    names += [f"message:{edge}" for edge in plan.edges]
    for one in plan.parameters:
        entry = f"[{','.join('0' for _ in one.shape)}]"
        kinds = ("gradient", "penalty", *(("update",) * (one.name not in document.frozen)))
        names += [f"{kind}:{one.name}{entry}" for kind in kinds]
    count = 0
    for name in names:
        found = explainer.explain(name, depth)
        if math.isfinite(found.value):
            count += check_displayed(text_lines(found))
            assert latex(found).isascii()
            quantity = read_quantity(name, document)
            mean, of = mean_of(explainer, plan, quantity, found, rows)
            if of is not None:
                count += check_displayed(mean_lines(mean, explainer.of_a_row(of, depth), rows))
    assert count


def value(number: float, symbol: str = "a") -> Expression:
    return Expression("value", number, symbol)


def product(*terms: Expression) -> Expression:
    return Expression("product", math.prod(t.value for t in terms), "P", terms=terms)


def total(*terms: Expression) -> Expression:
    return Expression("sum", math.fsum(t.value for t in terms), "S", terms=terms)


numbers = st.floats(-1e3, 1e3, allow_nan=False).filter(lambda x: x == 0 or abs(x) > 1e-6)
trees = st.recursive(
    numbers.map(value),
    lambda inner: st.lists(inner, min_size=1, max_size=4).flatmap(
        lambda terms: st.sampled_from([product(*terms), total(*terms)])
    ),
    max_leaves=12,
)


@given(trees)
@settings(deadline=None)
def test_lines_of_any_sums_and_products_recombine(found: Expression) -> None:
    if found.operator != "value" and len(text_lines(found)) > 2:  # of one term: it is the result
        assert check_displayed(text_lines(found))


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (product(value(0.19640176), value(0.80359824)), ["0.1964·0.8036", "= 0.1578"]),
        (total(value(1.00001234), value(-1.0)), ["1.00001234 + (−1)", "= 1.234e−05"]),
        (total(value(0.5), product(value(-1e-6, "−η"), value(0.25))),
         ["0.5 − 1e−06·0.25", "= 0.49999975"]),
        (total(value(-2.0), total(value(-3.0), value(1.0))), ["−2 + (−3) + 1", "= −4"]),
        (product(value(-2.0), total(value(-3.0), value(1.0))), ["(−2)·(−3 + 1)", "= 4"]),
        (product(value(2.0), total(value(-3.0))), ["2·(−3)", "= −6"]),
        (total(value(0.1), value(0.2), value(-0.3)), ["0.1 + 0.2 + (−0.3)", "≈ 0"]),
        (total(*(value(1.0 + i) for i in range(42))),
         ["0", "= 903"]),
    ],
)  # fmt: skip
def test_digits_and_brackets(found: Expression, lines: list[str]) -> None:
    shown = [line.strip().removeprefix("= ") for line in text_lines(found)[1:2]]
    shown += [line.strip() for line in text_lines(found)[2:3]]
    if lines[0] == "0":  # many terms: those left out are one number
        assert shown[0].endswith("+ 3 (2 more)")
        lines = [shown[0], lines[1]]
    assert shown == lines
    if "=" in lines[1]:
        check_line(*shown)

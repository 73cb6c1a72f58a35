"""number formats of spreadsheets, shops and accountants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.text.numbers import formatted_numbers


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["1,200", "2,300", "10,000"], [1200, 2300, 10_000]),
        (["1,200", "950", "1,000,000.5"], [1200, 950, 1_000_000.5]),
        (["1,5", "2,25", "0,125"], [1.5, 2.25, 0.125]),
        (["0,250", "0,125"], [0.25, 0.125]),  # no group of thousands begins with 0
        (["1.234,5", "5.000,0", "7,25"], [1234.5, 5000, 7.25]),
        (["1 200", "12\u00a0345,5", "\u2212 3"], [1200, 12_345.5, -3]),
        (["1'200", "3'400'000.25"], [1200, 3_400_000.25]),
        (["$1200", "$12.50", "-$5", "$ 1,000"], [1200, 12.5, -5, 1000]),
        (["12,50 €", "3 €", "1.000,00 €"], [12.5, 3, 1000]),
        (["CHF 3.5", "4 USD"], [3.5, 4]),
        (["45 %", "3.5%"], [45, 3.5]),
        (["(3.00)", "12"], [-3, 12]),
        (["1,5e3", "-2,25e-1"], [1500, -0.225]),
    ],
)
def test_numbers_in_another_format_are_read(texts: list[str], numbers: list[float]) -> None:
    found = formatted_numbers(texts)
    assert found is not None
    assert found[0].tolist() == numbers
    assert " as " in found[1]


def test_a_lone_group_of_three_is_what_the_file_suggests() -> None:
    both = [formatted_numbers(["1,200", "3,400"], prefers_comma=commas) for commas in (False, True)]
    assert [found[0].tolist() for found in both if found] == [[1200, 3400], [1.2, 3.4]]


@pytest.mark.parametrize(
    "texts",
    [
        ["1,200", "low"], ["2020-01-02"], ["1.2.3"], ["192.168.0.1"], ["1,2,3"], ["12 kg"], ["$"],
        ["(3"], ["-(3)"], ["$3 €"], ["1,20", "1,200.5"], ["0x1f"], ["nan"], ["1 2"], ["--3"], [],
    ],
)  # fmt: skip
def test_texts_that_are_no_numbers_in_one_style_are_left(texts: list[str]) -> None:
    assert formatted_numbers(texts) is None


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_grouped_whole_numbers_round_trip(numbers: list[int]) -> None:
    for sign in (",", "\u202f", "'"):
        texts = [f"{number:,}".replace(",", sign) for number in numbers]
        found = formatted_numbers(texts)
        assert found is not None
        assert np.array_equal(found[0], numbers)


@given(st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=1, max_size=20))
def test_decimal_commas_with_groups_round_trip(numbers: list[float]) -> None:
    swap = str.maketrans(".,", ",.")
    texts = [f"{number:,.2f}".translate(swap) for number in numbers]
    found = formatted_numbers(texts)
    assert found is not None
    assert np.array_equal(found[0], numbers)


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_none(text: str) -> None:
    found = formatted_numbers([text.strip()])
    assert found is None or np.isfinite(found[0]).all() or "e" in text.lower()

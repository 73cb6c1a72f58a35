"""Rows have one number each, whoever writes or reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.row_numbers import read_row_numbers, row_name, row_number, row_place
from engine.errors import DataError


@given(st.integers(0, 10**9))
def test_a_number_leads_back_to_its_place(row: int) -> None:
    assert row_place(row_number(row)) == row
    assert read_row_numbers(str(row_number(row)), row + 1) == [row]
    assert row_name(row) == f"row {row + 1}"


def test_ranges_have_both_their_ends() -> None:
    assert read_row_numbers("4, 1-3", 4) == [3, 0, 1, 2]


@pytest.mark.parametrize("text", ["0", "5", "3-2", "2-5", "a", "", "1:2", "-1"])
def test_rows_that_are_not_there(text: str) -> None:
    with pytest.raises(DataError, match="rows"):
        read_row_numbers(text, 4)

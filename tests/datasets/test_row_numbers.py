"""Rows as a spreadsheet numbers them."""

from __future__ import annotations

import polars as pl

from reprodx.datasets.row_numbers import numbered, row_number, rows_where


def test_row_numbers_are_those_of_a_spreadsheet() -> None:
    mask = pl.Series([False, False, True, True])
    assert row_number(mask) == 4
    assert rows_where(mask) == "rows 4, 5"


def test_rows_are_named_up_to_a_limit() -> None:
    assert numbered(list(range(2, 7))) == "rows 2, 3, 4, 5, 6"
    assert numbered(list(range(2, 9))) == "rows 2, 3, 4, 5, 6 and 2 more"

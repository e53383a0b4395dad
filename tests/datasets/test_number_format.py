"""Numbers with units, signs between thousands, and limits, read in one format."""

from __future__ import annotations

import polars as pl
import pytest

from reprodx.datasets.number_format import NumberFormat, split


@pytest.mark.parametrize(
    ("numbers", "cells", "read"),
    [
        (NumberFormat(), ["1.5", "−5", "1e3", "1,5", "5 mg", "<5", "x", None, ""], [1.5, -5, 1000] + [None] * 6),
        (NumberFormat(unit="mmHg"), ["120 mmHg", "120mm Hg", "130", "9 kPa"], [120, 120, 130, None]),
        (NumberFormat(unit="%"), ["45%", "4.5 %", "0.45"], [45, 4.5, 0.45]),
        (NumberFormat(unit="M"), ["3 M", "3 m"], [3, None]),
        (NumberFormat(unit="$"), ["$1", "€1"], [1, None]),
        (NumberFormat(thousands=","), ["1,234", "1,234.5", "12,34", "-1,234,567"], [1234, 1234.5, None, -1234567]),
        (NumberFormat(",", "."), ["1.234,5", "1.234", "1,5", "1.5", "7"], [1234.5, 1234, 1.5, None, 7]),
        (NumberFormat(thousands=" "), ["1 234", "1\u00a0234", "1\u202f234", "12 34"], [1234, 1234, 1234, None]),
        (NumberFormat(thousands="'"), ["1'234", "1’234"], [1234, 1234]),
        (NumberFormat(has_limits=True), ["<0.5", "≥ 90", "90+", "5"], [0.5, 90, 90, 5]),
    ],
)
def test_cells_are_numbers_in_their_format_only(
    numbers: NumberFormat, cells: list[str | None], read: list[float | None]
) -> None:
    assert numbers.read(pl.Series("x", cells, dtype=pl.String)).to_list() == read


def test_a_cell_falls_into_limit_number_and_unit() -> None:
    rows = split(pl.Series(["120/80", "063Y", "5-7", "$12", "1.5e-3 g/L", "2021"])).rows()
    assert rows == [
        (None, "120", "/80"),
        (None, "063", "Y"),
        (None, "5", "-7"),
        (None, "12", "$"),
        (None, "1.5e-3", "g/L"),
        (None, "2021", None),
    ]

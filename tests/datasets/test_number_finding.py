"""Signs before decimals and between thousands, and units."""

from __future__ import annotations

import polars as pl
import pytest

from reprodx.datasets.number_finding import decimal_of, find_numbers
from reprodx.datasets.number_format import NumberFormat
from reprodx.datasets.table_layout import TableLayout


def find(*cells: str, is_declared: bool = False, decimal: str | None = None, **layout: str):
    values = pl.DataFrame({"text": cells, "count": [5] * len(cells)})
    return find_numbers(pl.Series(cells), values, TableLayout(**layout), decimal, is_declared=is_declared)


def test_the_unit_is_named_in_its_most_common_spelling() -> None:
    found = find("5 mm Hg", "6 mmHg", "7 mmHg")
    assert found.numbers == NumberFormat(unit="mmHg")
    assert not found.problems


def test_names_beside_numbers_are_not_shown() -> None:
    found = find("63 Bartholomew Mueller", "41 Annegret Mustermann")
    assert "Mueller" not in str(found.problems)
    assert "2 different units" in found.problems[0]


@pytest.mark.parametrize(
    ("columns", "sign"),
    [
        ({"a": ["60.5"]}, "."),
        ({"a": ["60,5"]}, ","),
        ({"a": ["60,5"], "b": ["60.5"]}, None),
        ({"a": ["10,434"], "b": ["word"]}, None),
        ({"a": [None]}, None),
    ],
)
def test_the_table_shows_its_decimal_sign(columns: dict[str, list[str]], sign: str | None) -> None:
    assert decimal_of(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))) == sign


def test_what_was_said_of_signs_must_fit() -> None:
    assert find("1.5", "2.5", decimal=None, thousands=".").problems
    assert find("1,5", "2.5").problems
    assert find("1'234", "1 234").problems

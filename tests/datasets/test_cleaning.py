"""From text to values: kinds, missing values, ranges, and the row that is wrong."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.datasets.cleaning import CATEGORICAL, MAX_NUMBER, NUMERIC, ColumnRule, as_plain, clean, labels
from reprodx.datasets.number_format import NumberFormat
from reprodx.errors import SchemaError


def column(*cells: str | None) -> pl.Series:
    return pl.Series("x", cells, dtype=pl.String)


def test_text_in_a_numeric_column_names_the_first_row_and_not_the_text() -> None:
    text = pl.DataFrame([column("1", "2", "Mueller", "4", "Schmidt")])
    with pytest.raises(SchemaError, match=r"row 4: text in the numeric column 'x' \(2 such rows\)") as caught:
        clean(text, {"x": ColumnRule(NUMERIC)}, "table.csv")
    assert "Mueller" not in str(caught.value)
    declared = clean(text, {"x": ColumnRule(NUMERIC, missing=("Mueller", "Schmidt"))}, "table.csv")
    assert declared["x"].to_list() == [1.0, 2.0, None, 4.0, None]


def test_numbers_are_read_with_blanks_and_nan_is_missing() -> None:
    text = pl.DataFrame([column(" 1 ", "NaN", "nan", None, "", "1e-3")])
    assert clean(text, {"x": ColumnRule(NUMERIC)}, "t")["x"].to_list() == [1.0, None, None, None, None, 0.001]


@pytest.mark.parametrize("zero", ["0", "0.0", "0.000", " 0"])
def test_a_number_that_means_missing_is_found_in_every_form(zero: str) -> None:
    text = pl.DataFrame([column("5", zero)])
    assert clean(text, {"x": ColumnRule(NUMERIC, missing=(as_plain(0),))}, "t")["x"].to_list() == [5.0, None]


@pytest.mark.parametrize("bad", ["49.9", "100.1", "-1e9"])
def test_a_value_out_of_its_range_names_column_row_and_range(bad: str) -> None:
    rules = {"x": ColumnRule(NUMERIC, low=50, high=100)}
    with pytest.raises(SchemaError, match=r"row 4: column 'x' is outside \[50, 100\] \(1 such rows\)"):
        clean(pl.DataFrame([column("50", "100", bad)]), rules, "t")
    assert clean(pl.DataFrame([column("50", "100", None)]), rules, "t")["x"].to_list() == [50.0, 100.0, None]


@pytest.mark.parametrize("infinite", ["inf", "-inf", "1e999", "1.7e308", "-1e101"])
def test_infinity_and_what_overflows_is_refused_without_a_range(infinite: str) -> None:
    with pytest.raises(SchemaError, match="row 3"):
        clean(pl.DataFrame([column("1", infinite)]), {"x": ColumnRule(NUMERIC)}, "t")


def test_categories_have_one_form() -> None:
    assert labels(column("1", "1.0", " 1", "TRUE", "true", "Male", None, "", "?"), ("?",)).to_list() == [
        "1", "1", "1", "true", "true", "Male", None, None, None,
    ]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-MAX_NUMBER, MAX_NUMBER, allow_nan=False)), min_size=1))
def test_every_finite_number_survives_text(numbers: list[float | None]) -> None:
    text = pl.DataFrame([column(*[None if number is None else repr(number) for number in numbers])])
    assert clean(text, {"x": ColumnRule(NUMERIC)}, "t")["x"].to_list() == numbers


@settings(deadline=None)
@given(st.text())
def test_plain_form_is_final(text: str) -> None:
    assert as_plain(as_plain(text)) == as_plain(text)


def test_a_rule_survives_json() -> None:
    rule = ColumnRule(NUMERIC, ("0", "?"), 1.0, 2.5, True, NumberFormat(",", ".", "mg"), ("a",), "missing")
    assert ColumnRule.from_dict(json.loads(json.dumps(rule.as_dict()))) == rule
    older = {"kind": CATEGORICAL, "missing": [], "low": None, "high": None, "is_declared": False}
    assert ColumnRule.from_dict(older) == ColumnRule(CATEGORICAL)


def test_all_columns_are_named_in_one_message() -> None:
    text = pl.DataFrame({"x": ["1", "Mueller"], "z": ["1", "999"]})
    rules = {"x": ColumnRule(NUMERIC), "z": ColumnRule(NUMERIC, high=9)}
    with pytest.raises(SchemaError, match=r"t: 2 problems: \(1\) row 3: text in .*'x'.*; \(2\) row 3: column 'z' is"):
        clean(text, rules, "t")


def test_a_value_out_of_its_range_may_count_as_missing() -> None:
    rules = {"x": ColumnRule(NUMERIC, low=0, high=9, outside="missing")}
    assert clean(pl.DataFrame({"x": ["1", "99", "-inf"]}), rules, "t")["x"].to_list() == [1.0, None, None]


def test_numbers_that_are_typed_are_not_read_as_text() -> None:
    rules = {"x": ColumnRule(NUMERIC, numbers=NumberFormat(",", "."))}
    assert clean(pl.DataFrame({"x": [1.234]}), rules, "t")["x"].to_list() == [1.234]
    assert clean(pl.DataFrame({"x": ["1.234"]}), rules, "t")["x"].to_list() == [1234.0]

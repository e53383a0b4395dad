"""Table 1, recomputed by hand."""

from __future__ import annotations

from statistics import mean, stdev, variance

import polars as pl
import pytest

from reprodx.preparation.table_one import standardised_difference, table_one

AGES = {"train": [50.0, 60.0, 70.0], "val": [55.0, 65.0], "test": [80.0, 90.0]}
CASES = pl.DataFrame(
    {"split": [name for name, ages in AGES.items() for _ in ages], "y_true": ["a", "b", "a", "b", "a", "a", "a"]}
)
FEATURES = pl.DataFrame(
    {
        "age": [age for ages in AGES.values() for age in ages],
        "sex": ["f", "m", None, "f", "f", "m", "m"],
        "bmi": [None, 20.0, 30.0, None, None, None, 25.0],
    }
)


@pytest.fixture
def table() -> pl.DataFrame:
    return table_one(CASES, FEATURES, {"age": "years"})


def line(table: pl.DataFrame, variable: str, level: str | None = None) -> dict[str, object]:
    return table.filter(pl.col("variable") == variable, pl.col("level").eq_missing(level)).row(0, named=True)


def test_numbers_have_mean_and_deviation(table: pl.DataFrame) -> None:
    age = line(table, "age")
    assert (age["unit"], age["train"], age["val"]) == ("years", "60 (10) [50, 70]", "60 (7) [55, 65]")
    pooled = ((variance(AGES["test"]) + variance(AGES["train"])) / 2) ** 0.5
    assert age["smd_test"] == round((mean(AGES["test"]) - mean(AGES["train"])) / pooled, 3)
    assert age["smd_val"] == 0.0
    assert stdev(AGES["val"]) == pytest.approx(7.0710678)


def test_levels_and_missing_values_have_counts_of_all_cases(table: pl.DataFrame) -> None:
    assert line(table, "sex", "f")["train"] == "1 (33.3%)"
    assert line(table, "sex", "missing")["train"] == "1 (33.3%)"
    assert line(table, "sex", "missing")["val"] == "0 (0.0%)"
    one, other = 1 / 3, 1.0
    expected = (other - one) / ((one * (1 - one) + 0) / 2) ** 0.5
    assert line(table, "sex", "f")["smd_val"] == round(expected, 3)
    assert line(table, "y_true", "b")["test"] == "0 (0.0%)"


def test_grades_and_ages_stand_in_their_order() -> None:
    ages = pl.Series("group_age", [">=65", "50-<65", "<50"] * 2 + ["<50"])
    table = table_one(CASES.with_columns(ages), FEATURES.select("bmi"), {}, ("b", "a"))
    assert table.filter(pl.col("variable") == "y_true")["level"].to_list() == ["b", "a"]
    assert table.filter(pl.col("variable") == "age")["level"].to_list() == ["<50", "50-<65", ">=65"]


def test_what_is_undefined_is_empty(table: pl.DataFrame) -> None:
    bmi = line(table, "bmi")
    assert (bmi["val"], bmi["test"]) == ("", "")
    assert bmi["smd_val"] is None
    assert bmi["smd_test"] is None


def test_the_first_line_counts_the_cases(table: pl.DataFrame) -> None:
    assert table.row(0) == ("cases", None, None, "3", "2", "2", None, None)


def test_a_difference_without_spread_is_undefined() -> None:
    assert standardised_difference((1.0, 0.0), (2.0, 0.0)) is None
    assert standardised_difference((3.0, 1.0), (1.0, 7.0)) == 1.0


def test_a_variable_has_one_number_of_decimals() -> None:
    features = pl.DataFrame({"x": [0.001, 0.0025, 0.012, 0.004, 0.0035, 0.006, 0.007], "same": [3.0] * 7})
    table = table_one(CASES, features, {})
    assert line(table, "x")["train"] == "0.0052 (0.0060) [0.0010, 0.0120]"
    assert line(table, "x")["test"] == "0.0065 (0.0007) [0.0060, 0.0070]"
    assert line(table, "same")["train"] == "3.0 (0.0) [3.0, 3.0]"


def test_a_feature_that_is_called_as_we_call_something_is_told_apart() -> None:
    table = table_one(CASES, pl.DataFrame({"cases": [1.0] * 7, "y_true": ["p", "q"] * 3 + ["p"]}), {})
    assert table["variable"].unique(maintain_order=True).to_list() == [
        "cases",
        "y_true",
        "cases (feature)",
        "y_true (feature)",
    ]

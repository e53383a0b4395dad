"""Values of a target as they are written."""

from __future__ import annotations

import polars as pl

from reprodx.datasets.written_values import WrittenValues, graded_numbers, in_ascending_order, shown
from reprodx.schemas import ClassValue

TEXT = pl.Series("y", ["No", "no", "NO", "no", None, "NA", " ", "1", "1.0"])
WRITTEN = WrittenValues.of(TEXT, ["NA"])


def test_the_commonest_spelling_names_a_value() -> None:
    assert WRITTEN.found == ["1", "no"]
    assert WRITTEN.num_rows == {"1": 2, "no": 4}
    assert WRITTEN.value_of == {
        "No": "no",
        "no": "no",
        "NO": "no",
        "": None,
        "NA": None,
        " ": None,
        "1": "1",
        "1.0": "1",
    }
    assert WRITTEN.find("nO ") == "no"
    assert WRITTEN.find("false") == "no"
    assert WRITTEN.find("2") is None


def test_spellings_are_told_where_more_than_blanks_and_points_differ() -> None:
    assert WRITTEN.respelled() == ["'NO' (1), 'No' (1), 'no' (2)"]


def test_every_value_is_listed_as_it_is_written_with_its_rows() -> None:
    assert WRITTEN.as_class_values({"no": "healthy", "1": "ill"}) == (
        ClassValue("no", "healthy", 2),
        ClassValue("NO", "healthy", 1),
        ClassValue("No", "healthy", 1),
        ClassValue("1", "ill", 1),
        ClassValue("1.0", "ill", 1),
        ClassValue("", None, 1),
        ClassValue(" ", None, 1),
        ClassValue("NA", None, 1),
    )


def test_numbers_and_numbered_words_ascend() -> None:
    assert in_ascending_order({"T4", "T10", "T1"}) == ["T1", "T4", "T10"]
    assert in_ascending_order({"T4", "N10"}) == ["N10", "T4"]
    assert graded_numbers({"Stage IX", "stage v"}) == {"Stage IX": 9.0, "stage v": 5.0}
    assert graded_numbers({"I", "mix"}) is None
    assert graded_numbers({"1", "inf"}) is None


def test_many_values_are_only_counted() -> None:
    assert shown(["a", "b"]) == ": its values are ['a', 'b']"
    assert shown(list(map(str, range(11)))) == " among its 11 values"

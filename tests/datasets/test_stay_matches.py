"""Stays that are in one table and not in another."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from reprodx.datasets.series_file import read_measurements
from reprodx.datasets.stay_matches import compare_stays, doubt_label_hours
from reprodx.errors import SchemaError
from tests.datasets.test_series_format import form


def test_stays_without_a_row_in_the_other_table_are_counted_once() -> None:
    stays = pl.Series(["1", "1", "2", "3", "3"])
    assert compare_stays(stays, pl.Series(["1", "4"]), "a.csv", "b.csv") == "2 of 3 stays of a.csv have no row in b.csv"
    assert compare_stays(stays, pl.Series(["3", "2", "1"]), "a.csv", "b.csv") is None


@pytest.mark.parametrize(("one", "other"), [("P001", "p1"), ("007", "7"), ("A-1", "A\u20131")])
def test_ids_that_differ_in_spelling_are_refused_and_not_shown(one: str, other: str) -> None:
    with pytest.raises(SchemaError, match=r"a\.csv: 1 of 2 stays are in b\.csv in another spelling") as caught:
        compare_stays(pl.Series([one, "x"]), pl.Series([other, "x"]), "a.csv", "b.csv")
    assert one not in str(caught.value)


def test_a_second_spelling_of_a_stay_that_is_there_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"1 of 3 stays are in b\.csv in another spelling"):
        compare_stays(pl.Series(["P1", "p1", "x"]), pl.Series(["P1", "x"]), "a.csv", "b.csv")
    assert compare_stays(pl.Series(["P1", "p1"]), pl.Series(["P1", "p1"]), "a.csv", "b.csv") is None


def test_labels_in_another_unit_than_measurements_are_doubted() -> None:
    measured = read_measurements(b"stay,time,hr\n1,0,80\n1,2,90\n2,1,60\n", form())
    stays, hours = pl.Series(["1", "1", "2", "9"]), np.array([0.0, 2.0, 1.0, 5.0])
    assert doubt_label_hours(measured, stays, hours, 1.0, "y.csv") is None
    doubt = doubt_label_hours(measured, stays, 60 * hours, 1.0, "y.csv")
    assert doubt is None
    assert str(doubt_label_hours(measured, stays, 60 * hours + 60, 1.0, "y.csv")).startswith("y.csv: 3 of 4 labels lie")

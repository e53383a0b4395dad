"""Names of cases, patients and sites."""

from __future__ import annotations

import polars as pl
import pytest

from reprodx.datasets.identifiers import EXACT, SAME, number_cases, read_case_ids, read_names, settle_spellings
from reprodx.errors import LeakageError, SchemaError


def column(*cells: str | None) -> pl.Series:
    return pl.Series("who", cells, dtype=pl.String)


def test_names_keep_their_zeros() -> None:
    assert read_names(column("007", " 7 ", "7.0"), (), "data.patient", "t").to_list() == ["007", "7", "7.0"]


@pytest.mark.parametrize("missing", [None, "", " ", "NA"])
def test_a_missing_name_names_its_row(missing: str | None) -> None:
    with pytest.raises(SchemaError, match=r"t, row 3: data\.site 'who' is missing \(1 such rows\)"):
        read_names(column("a", missing, "a"), ("NA",), "data.site", "t")


def test_a_word_beside_numbers_is_no_patient() -> None:
    def patients(*cells: str) -> list[str]:
        return read_names(pl.Series("p", cells), (), "data.patient", "t").to_list()

    with pytest.raises(SchemaError, match=r"row 3: data\.patient 'p' is missing \(2 such rows\)"):
        patients("p1", "Unknown", "-", "p2")
    assert patients("ka", "nd", "xy") == ["ka", "nd", "xy"]
    assert read_names(pl.Series("s", ["1", "unknown"]), (), "data.site", "t").to_list() == ["1", "unknown"]


def test_a_repeated_id_names_its_row_and_not_itself() -> None:
    with pytest.raises(SchemaError, match=r"row 4: data\.id 'who' repeats an earlier one \(1 such rows\)") as caught:
        read_case_ids(column("Mueller", "b", "Mueller "), (), "t")
    assert "Mueller" not in str(caught.value)
    assert read_case_ids(column("a", "b"), (), "t").to_list() == ["a", "b"]


def test_cases_are_numbered_as_rows_of_a_spreadsheet() -> None:
    assert number_cases(3).to_list() == ["row2", "row3", "row4"]


def test_two_spellings_of_a_name_are_refused_by_row_unless_somebody_says_what_they_are() -> None:
    names = column("Mueller", "x", "MUELLER ", "y", "Mueller")
    with pytest.raises(
        LeakageError, match=r"t: column 'who' holds 1 name in several .* \(rows 2 and 4\): .*data\.k=same"
    ) as caught:
        settle_spellings(names, None, "data.k", "t")
    assert "ueller" not in str(caught.value).lower()
    assert settle_spellings(names, SAME, "data.k", "t").to_list() == ["Mueller", "x", "Mueller", "y", "Mueller"]
    assert settle_spellings(names, EXACT, "data.k", "t") is names
    assert settle_spellings(names[:2], None, "data.k", "t").to_list() == ["Mueller", "x"]

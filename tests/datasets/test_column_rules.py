"""Kinds of columns, and numbers in disguise: read under a rule that is said, or refused with the key to set."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

from reprodx.datasets.cleaning import CATEGORICAL, NUMERIC, clean
from reprodx.datasets.column_rules import ColumnSettings, FoundRules, find_rules
from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.table_layout import TableLayout


def found(
    columns: dict[str, list[Any]], missing: Any = None, layout: TableLayout | None = None, **said: Any
) -> FoundRules:
    settings = ColumnSettings(MissingValues.from_config(missing), layout or TableLayout(), **said)
    return find_rules(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)), settings)


def read(cells: list[str | None], **said: Any) -> list[Any]:
    rules = found({"x": cells}, **said)
    assert not rules.problems
    return clean(pl.DataFrame({"x": cells}), rules.rules, "t")["x"].to_list()


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "-3e2"], NUMERIC),
        (["0", "1", "0", "1"], NUMERIC),
        ([None, None], NUMERIC),
        (["?", "1"], NUMERIC),
        (["?", "?"], NUMERIC),
        (["low", "high", None], CATEGORICAL),
        (["TRUE", "FALSE"], CATEGORICAL),
        (["1", "two", "three"], CATEGORICAL),
        (["2021-01-01", "later"], CATEGORICAL),
        ([None] * 1500 + ["word", "other"], CATEGORICAL),
        (["?"] * 1500 + ["1"], NUMERIC),
        (["<50", "50-70", ">70"] * 5, CATEGORICAL),
        (["1/2", "2/3"] * 9, CATEGORICAL),
        (["1A", "2B", "3A"] * 5, CATEGORICAL),
    ],
)
def test_the_kind_of_a_column_is_found_by_its_share_of_numbers(cells: list[str | None], kind: str) -> None:
    assert found({"x": cells}).rules["x"].kind == kind


@pytest.mark.parametrize(
    ("cells", "numbers", "note"),
    [
        (["45%", "5%"] * 3, [45, 5] * 3, "'%' beside its numbers is left away"),
        (["120 mmHg", "80mmHg"] * 3, [120, 80] * 3, "mmHg"),
        (["063Y", "007Y"], [63, 7], "the unit beside its numbers"),
        (["1,5", "2,25"], [1.5, 2.25], "comma"),
        (["1 234", "999"], [1234, 999], "blanks between thousands"),
        (["1'234", "999"], [1234, 999], "apostrophes"),
        (["1,234.5", "999"], [1234.5, 999], "commas between thousands"),
        (["1.234,5", "9,5"], [1234.5, 9.5], "points between thousands"),
        (["1,234,567", "1,234"], [1234567, 1234], "commas"),
        (["1", "2", "-"], [1, 2, None], "'-' in 1 rows means missing"),
        (["1", "2", "n/a", "Unknown", "#N/A"], [1, 2, None, None, None], "'#N/A', 'Unknown', 'n/a'"),
        (["−5", "3"], [-5, 3], None),
        (["'80'", '="5"'], [80, 5], None),
    ],
)
def test_numbers_in_disguise_are_read_and_it_is_said(cells: list[str], numbers: list[float], note: str | None) -> None:
    assert read(cells) == numbers
    notes = found({"x": cells}).notes
    assert notes == [] if note is None else note in "; ".join(notes)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["2021-01-01", "2022-12-31"], r"hold dates.*data\.time"),
        (["1.2.2021", None], "dates"),
        (["03/04/21", "n/a", "-"], "dates"),
        (["2021-01-01 10:00"], "dates"),
        (["17 Sep 2021", "3. März 2020"], "dates"),
        (["Sep 17, 2021", "17-Sep-2021", "septembre 2021"], "dates"),
        (["20210930", "20210101", "19991231"], "whole numbers are dates"),
        (["10:35", "01:30:00"], "times of day"),
        (["120/80", "130/85"], "more than one plain number"),
        (["120 80", "5 ± 2"], "more than one plain number"),
        (["0.7", "0.9", "<0.5"], r"row 4: limits such as <0\.5: data\.numeric"),
        (["5 mg", "1 g"] * 9, "2 different units \\(g, mg\\), the rarer ones in rows 2, 4, 6, 8, 10 and 4 more: bring"),
        (["5 mg"] * 6 + ["7"], "row 8: no unit where the others have one 'mg'"),
        (["5", "6", "63 Mueller"], "row 4: a unit where the others have none: mend"),
        ([f"({number})" for number in range(20)], "more than a number"),
        (["10,434", "12,891"], r"data\.thousands=comma reads 1234, data\.decimal=comma 1\.234"),
        (["1,5", "2.5"], "points and commas"),
        ([f"kg {number}" for number in range(40, 60)], "more than a number"),
        ([f"{number}, mild" for number in range(20)], "more than one plain number"),
    ],
)
def test_what_has_no_one_reading_is_refused_with_the_key(cells: list[str | None], message: str) -> None:
    rules = found({"x": cells})
    assert len(rules.problems) == 1
    assert re.search(message, rules.problems[0]), rules.problems
    assert not rules.rules


def test_a_person_may_say_what_numbers_mean() -> None:
    assert read(["10,434", "9"], layout=TableLayout(thousands=",")) == [10434, 9]
    assert read(["10,434", "9"], layout=TableLayout(decimal=",")) == [10.434, 9]
    assert read(["10.434", "9"], layout=TableLayout(thousands=".")) == [10434, 9]
    assert read(["<0.5", "1", "7 mg"], numeric=["x"]) == [0.5, 1, 7]
    assert read(["20210930", "20210101", "19991231"], numeric=["x"])[0] == 20210930
    assert read(["120/80", "130/85"], categorical=["x"]) == ["120/80", "130/85"]
    assert found({"x": ["1", "2", "-"]}, missing=["?"]).rules["x"].missing == ("?",)


def test_other_columns_show_what_a_comma_or_a_point_means() -> None:
    rules = found({"age": ["60.5", "5.5"], "x": ["10,434", "9,100"]})
    assert rules.rules["x"].numbers.thousands == ","
    rules = found({"age": ["60,5", "5,5"], "x": ["10,434", "9,100"]})
    assert rules.rules["x"].numbers.decimal == ","
    rules = found({"age": ["60,5", "5,5"], "x": ["10.434", "9.100"]})
    assert "data.thousands=point" in rules.problems[0]


def test_semicolons_between_cells_speak_for_decimal_commas() -> None:
    german = TableLayout(separator=";")
    assert "data.thousands=point" in found({"x": ["10.434", "9.100"]}, layout=german).problems[0]
    assert read(["10.434", "0.5"], layout=german) == [10.434, 0.5]
    assert read(["10,434", "9"], layout=german) == [10.434, 9]
    assert read(["10.434", "9"], layout=TableLayout(separator=";", decimal=".")) == [10.434, 9]


def test_excel_serials_are_known_by_the_name_of_their_column() -> None:
    cells = ["44321", "44400", "43000"]
    assert "dates" in found({"admission_date": cells}).problems[0]
    assert found({"income": cells, "update": cells}).problems == []


def test_spellings_of_a_level_are_one_unless_they_count() -> None:
    rules = found({"sex": ["F", "f ", "F", "M"]})
    assert rules.rules["sex"].levels == ("F", "M")
    assert rules.notes == ["column 'sex': 'f' is read as 'F'"]
    new = clean(pl.DataFrame({"sex": ["ｆ", "\u200bM", "X"]}), rules.rules, "t")
    assert new["sex"].to_list() == ["F", "M", "X"]
    assert read(["AA", "Aa", "aa"], case_sensitive=["x"]) == ["AA", "Aa", "aa"]


def test_codes_and_a_word_that_may_be_a_level_are_said() -> None:
    assert "begin with a zero" in found({"x": ["01234", "12345"]}).notes[0]
    assert found({"x": ["0.5", "0", "-0.1", "10"]}).notes == []
    assert found({"x": ["01234", "12345"]}, categorical=["x"]).notes == []
    assert "'None' in 2 rows means missing" in found({"x": ["None", "None", "mild", "severe"]}).notes[0]
    assert found({"x": ["None", "mild"]}, missing=["NA"]).notes == []


def test_what_has_many_units_is_a_code() -> None:
    (problem,) = found({"x": [f"{number}a{number}" for number in range(60)]}).problems
    assert "as codes and ids have" in problem

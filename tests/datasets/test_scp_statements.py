"""The diagnoses of PTB-XL, against the aggregation of its own example."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import polars as pl
import pytest

from reprodx.datasets.scp_statements import chosen_labels, one_class, read_superclasses, superclass_columns
from reprodx.errors import ConfigError, SchemaError

if TYPE_CHECKING:
    from pathlib import Path

STATEMENTS = (
    ",description,diagnostic,form,diagnostic_class\n"
    "NORM,normal,1.0,,NORM\nIMI,infarct,1.0,,MI\nAMI,infarct,1.0,,MI\nNDT,T,1.0,1.0,STTC\nSR,rhythm,,,\n"
    "ABQRS,form,,1.0,\n"
)
CODES = [
    "{'NORM': 80.0, 'SR': 0.0}",
    "{'IMI': 0.0, 'AMI': 35.0, 'NDT': 100.0}",
    "{'SR': 0.0}",
    "{'NORM': 0, 'NDT': 50}",
]


@pytest.fixture
def superclass_of(tmp_path: Path) -> dict[str, str | None]:
    path = tmp_path / "scp_statements.csv"
    path.write_text(STATEMENTS)
    return read_superclasses(path)


def test_diagnostic_codes_alone_have_a_superclass(superclass_of: dict[str, str | None]) -> None:
    assert superclass_of == {"NORM": "NORM", "IMI": "MI", "AMI": "MI", "NDT": "STTC", "SR": None, "ABQRS": None}


def test_every_code_counts_as_in_the_official_example(superclass_of: dict[str, str | None]) -> None:
    found = superclass_columns(pl.Series("codes", CODES), superclass_of, 0, "table")
    assert found.columns == ["MI", "NORM", "STTC"]
    assert set(found.dtypes) == {pl.Int8}
    for codes, row in zip(CODES, found.iter_rows(named=True), strict=True):
        official = {superclass_of[key] for key in ast.literal_eval(codes) if superclass_of[key] is not None}
        assert {name for name, is_there in row.items() if is_there} == official
    assert found.row(2) == (None, None, None)


def test_a_likelihood_may_be_asked_for(superclass_of: dict[str, str | None]) -> None:
    found = superclass_columns(pl.Series("codes", [*CODES, None]), superclass_of, 50, "table")
    assert found.rows() == [(1, 0), (0, 1), (None, None), (0, 1), (None, None)]


def test_some_labels_may_be_chosen(superclass_of: dict[str, str | None]) -> None:
    found = superclass_columns(pl.Series("codes", CODES), superclass_of, 0, "table")
    assert chosen_labels(found, ["STTC", "MI"]).rows() == [(0, 0), (1, 1), (None, None), (1, 0)]
    assert chosen_labels(found, None) is found
    with pytest.raises(ConfigError, match=r"data.superclasses: no case has 'HYP'; there are MI, NORM, STTC"):
        chosen_labels(found, ["HYP"])


@pytest.mark.parametrize(
    ("positive", "negative", "classes", "truth"),
    [
        (["MI", "STTC"], ["NORM"], ("negative", "positive"), ["negative", "positive", None, "positive"]),
        (["MI"], [], ("negative", "positive"), ["negative", "positive", None, "negative"]),
        (["MI"], ["NORM"], ("NORM", "MI"), ["NORM", "MI", None, "NORM"]),
        (["NORM"], ["MI"], ("MI", "NORM"), ["NORM", "MI", None, "NORM"]),
    ],
)
def test_superclasses_become_two_classes(
    superclass_of: dict[str, str | None],
    positive: list[str],
    negative: list[str],
    classes: tuple[str, str],
    truth: list[str | None],
) -> None:
    found = superclass_columns(pl.Series("codes", CODES), superclass_of, 0, "table")
    target = one_class(found, positive, negative)
    assert target.classes == classes
    assert target.values.to_list() == truth


def test_a_case_of_neither_side_has_no_class(superclass_of: dict[str, str | None]) -> None:
    found = superclass_columns(pl.Series("codes", ["{'NDT': 1}", *CODES]), superclass_of, 0, "table")
    assert one_class(found, ["MI"], ["NORM"]).values[0] is None
    with pytest.raises(ConfigError, match=r"data.negative: no case has 'CD'"):
        one_class(found, ["MI"], ["CD"])


@pytest.mark.parametrize(
    "cell",
    [
        "nonsense",
        "['NORM']",
        "{'NORM': 'x'}",
        "{'LVH'",
        "__import__('os')",
        "{'NORM': 101}",
        "{'NORM': 1e999}",
        "[" * 9999,
    ],
)
def test_other_text_is_refused_by_row_without_showing_it(superclass_of: dict[str, str | None], cell: str) -> None:
    with pytest.raises(SchemaError, match=r"table, row 3: the target 'codes'") as error:
        superclass_columns(pl.Series("codes", [CODES[0], cell]), superclass_of, 0, "table")
    assert cell not in str(error.value)


def test_a_wrong_table_of_statements_is_refused(tmp_path: Path, superclass_of: dict[str, str | None]) -> None:
    with pytest.raises(SchemaError, match=r"data.statements_path"):
        superclass_columns(pl.Series("codes", ["{'SR': 0.0}"]), superclass_of, 0, "table")
    with pytest.raises(SchemaError, match=r"row 3: 'codes' has codes that data.statements_path does not list, so"):
        superclass_columns(pl.Series("codes", [CODES[0], "{'NORM': 0.0, 'LVH': 100.0}"]), superclass_of, 0, "table")
    path = tmp_path / "other.csv"
    for row, message in (
        ("IMI,,1.0,,CD\n", r"rows 3, 8: a code is missing or stands there twice"),
        ("LVH,,yes,,HYP\n", r"row 8: 'diagnostic' must be 1, 0 or empty"),
        ("LVH,,1,,\n", r"row 8: a diagnosis has no 'diagnostic_class'"),
    ):
        path.write_text(STATEMENTS + row)
        with pytest.raises(SchemaError, match=message):
            read_superclasses(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(SchemaError, match=r"data.statements_path: other.csv has no column 'diagnostic'"):
        read_superclasses(path)

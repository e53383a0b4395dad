"""The roles of columns that every reader of pictures, signals, series and texts shares."""

from __future__ import annotations

from dataclasses import dataclass
from io import StringIO
from typing import Any

import polars as pl
import pytest

from reprodx.datasets.case_columns import CaseColumns
from reprodx.errors import ConfigError, LeakageError, SchemaError
from reprodx.schemas import Exclusion, Task

DEFAULTS: dict[str, Any] = {
    "target": "y",
    "positive": None,
    "task": None,
    "order": None,
    "negative": None,
    "classes": None,
    "reference_standard": None,
    "id": None,
    "patient": None,
    "patient_spelling": None,
    "site": None,
    "site_spelling": None,
    "time": None,
    "groups": None,
    "group_spelling": None,
    "drop_unlabelled": False,
    "missing": None,
    "acknowledge": {"features": [], "duplicates": [], "patients": False},
    **dict.fromkeys(("separator", "decimal", "thousands", "encoding", "header", "comment")),
}


@dataclass(frozen=True, kw_only=True)
class Columns(CaseColumns):
    """A reader of nothing."""


def columns(**overrides: Any) -> Columns:
    return Columns(**{**DEFAULTS, **overrides})


def table(text: str) -> pl.DataFrame:
    return pl.read_csv(StringIO(text), infer_schema=False)


ROWS = table("id,who,where,when,age,fold,y\n1,a,x,2001,50,0,0\n2,a,z,2002,60,1,\n3,b,z,2003,70,1,1\n")


def test_every_role_has_its_column_and_unlabelled_rows_are_counted() -> None:
    roles = {"id": "id", "patient": "who", "site": "where", "time": "when", "groups": {"age": [65]}}
    found = columns(**roles, reference_standard="biopsy", drop_unlabelled=True).read_cases(ROWS, "fold", "rows")
    assert found.cases.columns == ["case_id", "patient_id", "site", "time", "y_true", "group_age", "fold"]
    assert found.cases.rows() == [("1", "a", "x", 2001.0, "0", "<65", "0"), ("3", "b", "z", 2003.0, "1", ">=65", "1")]
    assert found.rows.tolist() == [0, 2]
    assert (found.classes, found.num_read, found.task) == (("0", "1"), 3, None)
    assert (found.has_patients, found.reference_standard) == (True, "biopsy")
    assert found.exclusions == (Exclusion("the target is missing", 1),)


SPELLED = table("who,where,sex,y\nP1,Bern,F,0\np01,BERN,f,1\nP2,Basel,M,1\n")


@pytest.mark.parametrize(
    ("role", "key"), [("patient", "patient"), ("id", "patient"), ("site", "site"), ("groups", "group")]
)
def test_spellings_of_one_name_are_refused_taken_for_one_or_left(role: str, key: str) -> None:
    column = {"patient": "who", "id": "who", "site": "where", "groups": "sex"}[role]
    read_as = {"patient": "patient_id", "id": "patient_id", "site": "site", "groups": "group_sex"}[role]
    roles = {role: [column] if role == "groups" else column}
    with pytest.raises(
        LeakageError, match=rf"column '{column}' holds 1 name in .*rows 2 and 3.*data\.{key}_spelling=same"
    ):
        columns(**roles).read_cases(SPELLED, None, "rows")
    for rule, num_names in ("same", 2), ("exact", 3):
        found = columns(**roles, **{f"{key}_spelling": rule}).read_cases(SPELLED, None, "rows")
        assert found.cases[read_as].n_unique() == num_names
        assert found.cases["case_id"].n_unique() == 3


def test_an_undeclared_patient_is_told_unless_it_has_a_role_or_never_repeats() -> None:
    rows = "\n".join(f"{row},{row // 2 * 7 % 40},{row},{row % 2}" for row in range(40))
    visits = table(f"key,patient,pid,y\n{rows}\n")
    found = columns().read_cases(visits, None, "rows")
    assert list(found.undeclared_patients) == ["patient", "pid"]
    (warning,) = found.warnings
    assert warning.startswith("column 'patient' is called like a patient's id: name it in data.patient, or a patient's")
    assert not columns(patient="patient", id="pid").read_cases(visits, None, "rows").undeclared_patients
    named = columns(patient="key").read_cases(visits, "pid", "rows", others={"data.image": ["patient"]})
    assert not named.undeclared_patients


def test_acknowledged_patients_may_be_spelled_anyhow() -> None:
    allowed = {"features": [], "duplicates": [], "patients": True}
    found = columns(patient="who", acknowledge=allowed).read_cases(SPELLED, None, "rows")
    assert found.cases["patient_id"].to_list() == ["P1", "p01", "P2"]


def test_a_missing_target_names_its_row() -> None:
    with pytest.raises(SchemaError, match=r"rows, row 3: the target 'y' is missing \(1 such rows\)"):
        columns().read_cases(ROWS, None, "rows")


def test_without_roles_a_case_is_its_row() -> None:
    found = columns(drop_unlabelled=True).read_cases(ROWS, None, "rows")
    assert found.cases.columns == ["case_id", "patient_id", "y_true"]
    assert found.cases["patient_id"].to_list() == ["row2", "row4"]
    assert not found.has_patients


def test_grades_are_ordered_by_number_or_as_declared() -> None:
    grades = table("y\n10\n2\n1\n")
    found = columns(task="ordinal").read_cases(grades, None, "rows")
    assert (found.classes, found.task) == (("1", "2", "10"), Task.ORDINAL)
    words = table("y\nsevere\nmild\nno sign\n")
    found = columns(task="ordinal", order=["no sign", "mild", "severe"]).read_cases(words, None, "rows")
    assert found.classes == ("no_sign", "mild", "severe")
    assert found.cases["y_true"].to_list() == ["severe", "mild", "no_sign"]
    with pytest.raises(SchemaError, match=r"other classes than data.order: its values are \['mild', 'no_sign'"):
        columns(order=["mild", "severe"]).read_cases(words, None, "rows")


def test_several_targets_are_labels() -> None:
    text = "id,oedema,mass\na,1,0\nb,TRUE,1\nc,0,0\nd,,1\n"
    found = columns(target=["oedema", "mass"], id="id", drop_unlabelled=True).read_cases(table(text), None, "rows")
    assert found.task == Task.MULTILABEL
    assert found.classes == ("oedema", "mass")
    assert found.cases["y_true"].to_list() == ["oedema", "mass+oedema", "none"]
    assert found.cases["y_true_oedema"].to_list() == [1, 1, 0]
    assert found.cases.schema["y_true_mass"] == pl.Int8
    with pytest.raises(SchemaError, match="row 2: the target 'oedema' has a value that is neither"):
        columns(target=["oedema", "mass"]).read_cases(table("oedema,mass\n2,0\n"), None, "rows")


def test_labels_that_a_reader_made_stand_for_the_target() -> None:
    labels = pl.DataFrame({"NORM": [1, 0, 0], "MI": [0, None, 1]}, schema={"NORM": pl.Int8, "MI": pl.Int8})
    found = columns(drop_unlabelled=True).read_cases(ROWS, None, "rows", label_columns=labels)
    assert found.classes == ("NORM", "MI")
    assert found.cases["y_true"].to_list() == ["NORM", "MI"]
    assert found.rows.tolist() == [0, 2]


def test_columns_that_do_not_exist_are_named_with_their_key() -> None:
    with pytest.raises(SchemaError, match=r"data\.record: rows has no column 'ag': did you mean 'age'"):
        columns().read_cases(ROWS, None, "rows", others={"data.record": ["ag"]})
    with pytest.raises(SchemaError, match=r"data\.patient: rows has no column 'nobody'"):
        columns(patient="nobody").read_cases(ROWS, None, "rows")


def test_settings_that_cannot_be_are_refused_without_the_file() -> None:
    with pytest.raises(ConfigError, match=r"data\.target: names no column"):
        columns(target=[])
    with pytest.raises(ConfigError, match=r"data.groups.age: its numbers must ascend"):
        columns(groups={"age": [2, 1]})


def test_grades_need_three_classes_of_one_target() -> None:
    with pytest.raises(SchemaError, match="the target 'y' has two classes"):
        columns(task="ordinal", drop_unlabelled=True).read_cases(ROWS, None, "rows")
    with pytest.raises(ConfigError, match=r"data\.task: classes of grades are the values of one target"):
        columns(task="ordinal", positive="1")

"""A table described by its YAML: roles, kinds, and every complaint about it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reprodx.datasets.csv_table import CsvTable
from reprodx.errors import ConfigError, LeakageError, SchemaError
from reprodx.schemas import ClassValue, Task

Make = Callable[..., CsvTable]
SMALL = "age,sex,y\n50,m,0\n60,f,1\n70,f,1\n"


def test_a_column_of_which_a_person_said_the_kind_is_no_patient(csv_table: Make) -> None:
    rows = "\n".join(f"{row % 30},{row},{row % 2}" for row in range(60))
    text = f"patient,x,y\n{rows}\n"
    assert list(csv_table(text).read(None).undeclared_patients) == ["patient"]
    raw = csv_table(text, categorical=["patient"]).read(None)
    assert not raw.undeclared_patients
    assert any("'patient' is called like a patient's id" in warning for warning in raw.warnings)


def test_path_and_target_are_enough(csv_table: Make) -> None:
    raw = csv_table(SMALL).read(None)
    assert raw.classes == ("0", "1")
    assert raw.task == Task.BINARY
    assert raw.features.schema == {"age": pl.Float64, "sex": pl.String}
    assert raw.cases.to_dict(as_series=False) == {
        "case_id": ["row2", "row3", "row4"],
        "patient_id": ["row2", "row3", "row4"],
        "y_true": ["0", "1", "1"],
    }
    assert not raw.has_patients
    assert raw.num_read == 3
    assert raw.exclusions == ()


def test_every_role_leaves_the_features(csv_table: Make) -> None:
    text = "id,who,where,when,age,note,fold,y\n1,a,x,2001,50,hm,0,0\n2,a,z,2002,60,hm,1,1\n"
    table = csv_table(
        text, id="id", patient="who", site="where", time="when", drop=["note"], groups=["age"], units={"age": "years"}
    )
    raw = table.read("fold")
    assert raw.features.columns == ["age"]
    assert raw.cases.columns == ["case_id", "patient_id", "site", "time", "y_true", "group_age", "fold"]
    assert raw.cases.row(0) == ("1", "a", "x", 2001.0, "0", "50", "0")
    assert raw.has_patients
    assert raw.units == {"age": "years"}
    assert set(raw.cleaning) == {"age"}


def test_kinds_are_found_and_overruled(csv_table: Make) -> None:
    text = "code,flag,grade,y\n1,TRUE,1,0\n2,FALSE,x,1\n1,TRUE,y,1\n"
    kinds = csv_table(text).read(None).features.schema
    assert kinds == {"code": pl.Float64, "flag": pl.String, "grade": pl.String}
    overruled = csv_table(text, categorical=["code"], numeric=["grade"], missing=["x", "y"]).read(None)
    assert overruled.features["code"].to_list() == ["1", "2", "1"]
    assert overruled.features["grade"].to_list() == [1.0, None, None]


@pytest.mark.parametrize(
    "missing", [["?", 0], {"*": ["?", 0]}, {"*": ["?"], "chol": [0]}, {"chol": ["?", 0.0], "sex": ["?"]}]
)
def test_missing_values_are_declared_for_all_columns_or_by_column(csv_table: Make, missing: Any) -> None:
    raw = csv_table("chol,sex,y\n0,m,no\n?,?,yes\n200,f,yes\n", missing=missing).read(None)
    assert raw.features["chol"].to_list() == [None, None, 200.0]
    assert raw.features["sex"].to_list() == ["m", None, "f"]


def test_the_usual_words_mean_missing_without_being_declared(csv_table: Make) -> None:
    text = "x,c,y\nNA,N/A,0\nNaN,null,1\n?,nan,1\n1,w,0\nNone,-9,0\n"
    raw = csv_table(text, categorical=["c"]).read(None)
    assert raw.features["x"].to_list() == [None, None, None, 1.0, None]
    assert raw.features["c"].to_list() == [None, None, None, "w", "-9"]
    raw = csv_table(text, missing={"c": [-9]}, categorical=["c"]).read(None)
    assert raw.features["c"].to_list() == [None, None, None, "w", None]


def test_groups_are_bands_with_or_without_cuts(csv_table: Make) -> None:
    raw = csv_table(SMALL, groups={"age": [55, 65], "sex": None}).read(None)
    assert raw.cases["group_age"].to_list() == ["<55", "55-<65", ">=65"]
    assert raw.cases["group_sex"].to_list() == ["m", "f", "f"]
    assert "age" in raw.features.columns


def test_a_dropped_group_is_no_feature(csv_table: Make) -> None:
    raw = csv_table(SMALL, groups=["sex"], drop=["sex"]).read(None)
    assert raw.features.columns == ["age"]
    assert raw.cases["group_sex"].to_list() == ["m", "f", "f"]


def test_a_missing_target_is_an_error_or_a_counted_exclusion(csv_table: Make) -> None:
    text = "x,y\n1,0\n2,\n3,1\n4,NA\n"
    with pytest.raises(
        SchemaError, match=r"row 3: the target 'y' is missing \(2 such rows, among them .'NA'.*drop_unlabelled=true"
    ):
        csv_table(text).read(None)
    raw = csv_table(text, drop_unlabelled=True).read(None)
    assert raw.cases["case_id"].to_list() == ["row2", "row4"]
    assert raw.features["x"].to_list() == [1.0, 3.0]
    assert raw.num_read == 4
    assert [(exclusion.rule, exclusion.count) for exclusion in raw.exclusions] == [("the target is missing", 2)]


@pytest.mark.parametrize("positive", [1, "1", 1.0, [1], ["1"]])
def test_a_positive_value_is_found_however_it_is_written(csv_table: Make, positive: Any) -> None:
    assert csv_table("x,y\n1,2\n2,1\n", positive=positive).read(None).classes == ("2", "1")


def test_it_is_said_which_class_is_taken_for_the_positive_one(
    csv_table: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    csv_table("x,y\n1,normal\n2,malignant\n", positive="malignant").read(None)
    assert "taken for" not in caplog.text
    csv_table("x,y\n1,normal\n2,malignant\n").read(None)
    assert "class malignant is taken for the positive one" in caplog.text
    with pytest.raises(SchemaError, match=r"data\.positive=1 or data\.positive=2"):
        csv_table("x,y\n1,1\n2,2\n").read(None)


def test_values_of_classes_and_doubts_are_handed_on(csv_table: Make) -> None:
    raw = csv_table("x,y\n1,Yes\n2,no\n3,yes\n", classes={"yes": "ill", "no": "well"}).read(None)
    assert raw.classes == ("well", "ill")
    assert raw.values_of_classes[0] == ClassValue("no", "well", 1)
    assert "several ways" in raw.warnings[0]
    with pytest.raises(SchemaError, match="no survival analysis"):
        csv_table("time,y,event\n3,2,1\n9,1,0\n", target="event").read(None)
    leaky = {"features": ["time"], "duplicates": [], "patients": False}
    assert csv_table("time,y,event\n3,2,1\n9,1,0\n", target="event", acknowledge=leaky).read(None).classes == ("0", "1")


@pytest.mark.parametrize("classes", [["ill"], {0: None}, {0: " "}])
def test_names_of_classes_are_given_by_value(csv_table: Make, classes: Any) -> None:
    with pytest.raises(ConfigError, match=r"data\.classes"):
        csv_table("x,y\n1,0\n2,1\n", classes=classes)
    with pytest.raises(ConfigError, match="labels are called as their columns"):
        csv_table("x,y\n1,0\n2,1\n", classes={0: "a"}, target=["x", "y"])


def test_truth_values_are_classes(csv_table: Make) -> None:
    assert csv_table("x,y\n1,FALSE\n2,TRUE\n", positive=True).read(None).classes == ("false", "true")


def test_many_values_are_a_multiclass_task(csv_table: Make) -> None:
    raw = csv_table("x,y\n1,b\n2,a\n3,c\n").read(None)
    assert (raw.classes, raw.task) == (("a", "b", "c"), Task.MULTICLASS)


def test_the_card_beside_the_table_goes_along(csv_table: Make) -> None:
    table = csv_table(SMALL)
    assert "table.csv" in table.read(None).card
    Path(table.path).with_name("card.md").write_text("# Mine\n")
    assert table.read(None).card == "# Mine\n"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"target": "yy"}, r"data\.target: table\.csv has no column 'yy': did you mean 'y'"),
        ({"id": "sexx"}, r"data\.id: .*'sex'"),
        ({"patient": "who"}, r"data\.patient"),
        ({"site": "where"}, r"data\.site"),
        ({"time": "when"}, r"data\.time"),
        ({"groups": ["agee"]}, r"data\.groups: .*'age'"),
        ({"groups": {"agee": None}}, r"data\.groups"),
        ({"drop": ["ag"]}, r"data\.drop"),
        ({"missing": {"chol": [0]}}, r"data\.missing"),
        ({"ranges": {"agee": [0, 1]}}, r"data\.ranges"),
        ({"units": {"agee": "years"}}, r"data\.units"),
        ({"categorical": ["agee"]}, r"data\.categorical"),
        ({"numeric": ["agee"]}, r"data\.numeric"),
        ({"acknowledge": {"features": ["agee"], "duplicates": [], "patients": False}}, r"data\.acknowledge\.features"),
    ],
)
def test_an_unknown_column_is_named_with_its_key(csv_table: Make, overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        csv_table(SMALL, **overrides).read(None)


def test_an_unknown_split_column_is_named(csv_table: Make) -> None:
    with pytest.raises(SchemaError, match=r"split\.column: .*'sex'"):
        csv_table(SMALL).read("sexe")


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        ({"drop": "age"}, r"data\.drop"),
        ({"groups": "age"}, r"data\.groups"),
        ({"groups": {"age": [60, 50]}}, r"data\.groups\.age"),
        ({"ranges": {"age": [1]}}, r"data\.ranges\.age"),
        ({"ranges": {"age": [2, 1]}}, r"data\.ranges\.age"),
        ({"ranges": {"age": ["a", "b"]}}, r"data\.ranges\.age"),
        ({"missing": "NA"}, r"data\.missing"),
        ({"missing": {"age": 0}}, r"data\.missing"),
        ({"categorical": ["age"], "numeric": ["age"]}, r"data\.categorical"),
        ({"categorical": ["age"], "ranges": {"age": [1, 2]}}, r"data\.categorical"),
        ({"acknowledge": {}}, r"data\.acknowledge"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_before_the_file_is_read(
    csv_table: Make, overrides: dict[str, Any], key: str
) -> None:
    with pytest.raises(ConfigError, match=key):
        csv_table(SMALL, **overrides)


def test_a_table_of_roles_only_has_nothing_to_learn_from(csv_table: Make) -> None:
    with pytest.raises(SchemaError, match="no column left"):
        csv_table(SMALL, drop=["age", "sex"]).read(None)


def test_the_split_column_may_be_the_site_but_not_pretend_to_be_it(csv_table: Make) -> None:
    text = "hospital,site,x,y\na,b,1,0\nb,a,2,1\n"
    assert csv_table(text, site="site").read("site").cases["site"].to_list() == ["b", "a"]
    with pytest.raises(ConfigError, match=r"split\.column"):
        csv_table(text, site="hospital").read("site")


def test_no_cell_reaches_the_log(csv_table: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    csv_table("name,x,y\nMueller,1,0\nSchmidt,2,1\n", id="name").read(None)
    assert "2 rows" in caplog.text
    assert "Mueller" not in caplog.text


def test_several_targets_are_labels_and_no_features(csv_table: Make) -> None:
    raw = csv_table("x,a,b\n1,1,0\n2,0,0\n3,,1\n", target=["a", "b"], drop_unlabelled=True).read(None)
    assert raw.task == Task.MULTILABEL
    assert raw.classes == ("a", "b")
    assert raw.features.to_dict(as_series=False) == {"x": [1.0, 2.0]}
    assert raw.cases["y_true"].to_list() == ["a", "none"]


def test_all_that_is_wrong_is_said_at_once(csv_table: Make) -> None:
    text = "a,b,c,y\n2021-01-01,1,5,0\n2021-01-02,x,6,\n2021-01-03,2,700,1\n2021-01-04,3,5,0\n"
    with pytest.raises(SchemaError, match="4 problems") as caught:
        csv_table(text, ranges={"c": [0, 99]}).read(None)
    for part in (
        "'a': 4 of 4 rows hold dates",
        "row 3: text in the numeric column 'b'",
        "row 4: column 'c'",
        "target 'y'",
    ):
        assert part in str(caught.value)


RANGED = "x,z,y\n1,1,0\n2,99,1\n3,-5,0\n4,2,1\n"


def test_a_value_outside_its_range_counts_as_missing_or_leaves_its_case_out(csv_table: Make) -> None:
    with pytest.raises(SchemaError, match=r"row 3: column 'z' is outside \[0, 9\] \(2 such rows\).*data\.outside"):
        csv_table(RANGED, ranges={"z": [0, 9]}).read(None)
    raw = csv_table(RANGED, ranges={"z": [0, 9]}, outside="missing").read(None)
    assert raw.features["z"].to_list() == [1.0, None, None, 2.0]
    assert raw.notes == ("column 'z': 2 values outside data.ranges count as missing",)
    with pytest.raises(SchemaError, match=r"no case is left: look at data\.ranges"):
        csv_table(RANGED, ranges={"z": [50, 60]}, outside="exclude").read(None)
    raw = csv_table(RANGED, ranges={"z": [0, 9]}, outside="exclude").read(None)
    assert raw.features["x"].to_list() == [1.0, 4.0]
    assert raw.cases["case_id"].to_list() == ["row2", "row5"]
    assert [(one.rule, one.count) for one in raw.exclusions] == [("z is outside data.ranges", 2)]


def test_what_is_odd_of_a_feature_is_said(csv_table: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    rows = "".join(f"{100 + i},{i}%,{'f' if i % 3 else 'F'},{i % 2}\n" for i in range(40))
    raw = csv_table("bp,sat,sex,y\n" + rows + "999,5%,female,0\n").read(None)
    assert raw.features["sat"].to_list()[:2] == [0.0, 1.0]
    assert raw.features["sex"].unique().sort().to_list() == ["f", "female"]
    assert len(raw.notes) == 2
    assert all(note in caplog.text for note in raw.notes)
    assert "data.missing={bp: [999]}" in raw.warnings[0]
    assert "'f' and 'female'" in raw.warnings[1]
    apart = csv_table("bp,sat,sex,y\n" + rows, case_sensitive=["sex"]).read(None)
    assert apart.features["sex"].n_unique() == 2


def test_groups_in_two_spellings_are_for_their_own_gate_to_refuse(csv_table: Make) -> None:
    rows = "1,F,0\n2,f,1\n3,m,1\n"
    with pytest.raises(LeakageError, match=r"group_spelling"):
        csv_table("x,sex,y\n" + rows, groups=["sex"]).read(None)
    raw = csv_table("x,sex,y\n" + rows, groups=["sex"], group_spelling="same").read(None)
    assert raw.features["sex"].n_unique() == raw.cases["group_sex"].n_unique() == 2

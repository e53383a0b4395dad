"""Classes from a target column."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.target import Target, arranged, read_labels, read_target, safe_name
from reprodx.errors import SchemaError
from reprodx.schemas import ClassValue


def target(*cells: str | None, **settings: Any) -> Target:
    text = pl.Series("y", cells, dtype=pl.String)
    given: dict[str, Any] = {"positive": (), "negative": (), "names": {}, "missing": (), "source": "table.csv"}
    return read_target(text, **{**given, **settings})


def in_order(found: Target, order: Any = None, *, is_ordinal: bool = False) -> tuple[str, ...]:
    return arranged(found, order, is_ordinal=is_ordinal, has_positive=False, where="table.csv: y").classes


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (("1", "0"), ("0", "1")),
        (("1.0", "0.0"), ("0", "1")),
        (("10", "9", "2"), ("2", "9", "10")),
        (("stage 10", "stage 9", "stage 1"), ("stage_1", "stage_9", "stage_10")),
        (("True", "FALSE"), ("false", "true")),
        (("stage II (a)", "stage/I"), ("stage_I", "stage_II_a_")),
    ],
)
def test_classes_are_found_in_ascending_order_with_names_that_name_columns(
    cells: tuple[str, ...], classes: tuple[str, ...]
) -> None:
    assert sorted(target(*cells).classes) == sorted(classes)
    assert target(*cells[::-1]).classes == target(*cells).classes


def test_values_that_differ_in_spelling_are_one_class_and_that_is_said() -> None:
    cells = ("No", "no", "no", "NO ", "y\u200bes", "Yes", "Yes")
    for settings in ({}, {"positive": ("yes",)}, {"positive": ("YES",), "negative": ("no",)}):
        found = target(*cells, **settings)
        assert set(found.classes) == {"no", "Yes"}
        assert found.values.to_list() == ["no", "no", "no", "no", "Yes", "Yes", "Yes"]
        assert set(found.class_values) == {
            ClassValue("no", "no", 2),
            ClassValue("NO ", "no", 1),
            ClassValue("No", "no", 1),
            ClassValue("Yes", "Yes", 2),
            ClassValue("y\u200bes", "Yes", 1),
        }
        assert len(found.warnings) == 2
        assert "'NO' (1), 'No' (1), 'no' (2)" in "".join(found.warnings)
    assert target("1", "1.0", "0").warnings == ()


def test_truth_values_of_yaml_are_words_of_the_table() -> None:
    assert target("yes", "no", positive=("true",), negative=("false",)).classes == ("no", "yes")


def test_several_positive_values_are_one_class() -> None:
    found = target("0", "3", "1", None, positive=("1", "3"))
    assert found.classes == ("negative", "positive")
    assert found.values.to_list() == ["negative", "positive", "positive", None]
    assert found.class_values == (
        ClassValue("0", "negative", 1),
        ClassValue("1", "positive", 1),
        ClassValue("3", "positive", 1),
        ClassValue("", None, 1),
    )


def test_one_positive_value_against_one_other_keeps_the_words() -> None:
    assert target("ill", "well", positive=("ill",)).classes == ("well", "ill")


@pytest.mark.parametrize("third", ["invalid", "unknown", "9"])
def test_a_third_value_is_never_taken_for_negative(third: str) -> None:
    cells = ("1", "0", third)
    with pytest.raises(SchemaError, match=rf"2 values beside data.positive: its values are .*{third}.*data.negative"):
        target(*cells, positive=("1",))
    assert target(*cells, positive=("1",), negative=("0", third)).classes == ("negative", "positive")
    assert target(*cells, positive=("1",), missing=(third,)).values.to_list() == ["1", "0", None]


def test_lower_grades_without_a_gap_are_negative() -> None:
    grades = ("0", "1", "2", "3", "4")
    assert target(*grades, positive=("2", "3", "4")).values.to_list() == ["negative"] * 2 + ["positive"] * 3
    for odd in ((*grades, "9"), (*grades, "-1"), ("1", "2", "4")):
        with pytest.raises(SchemaError, match=r"beside data\.positive"):
            target(*odd * 2, positive=(odd[2],))


def test_classes_have_names_for_people() -> None:
    names = {"0": "healthy", "1": "disease", "2": "disease"}
    assert target("0", "1", "2", names=names).values.to_list() == ["healthy", "disease", "disease"]
    assert target("0", "1", positive=("1",), names={"0": "healthy", "1": "disease"}).classes == ("healthy", "disease")
    sides = {"negative": "healthy", "positive": "disease"}
    assert target("0", "1", "2", positive=("1", "2"), names=sides).classes == ("healthy", "disease")
    assert target("0", "1", "2", positive=("1", "2"), names={"1": "mild", "2": "severe"}).classes == (
        "negative",
        "positive",
    )
    with pytest.raises(SchemaError, match=r"never has the value '3' of data\.classes"):
        target("0", "1", names={"3": "x"})
    with pytest.raises(SchemaError, match="has one class"):
        target("0", "1", names={"0": "x", "1": "x"})


def test_words_for_the_same_are_not_classes_of_their_own() -> None:
    with pytest.raises(SchemaError, match=r"the same in several words: its values are \['no', 'y', 'yes'\]"):
        target("y", "yes", "no")
    assert target("y", "yes", "no", names={"y": "yes"}).classes == ("no", "yes")
    assert len(target("benign", "malignant", "normal").classes) == 3


def test_numbers_and_words_for_the_same_are_not_classes_of_their_own() -> None:
    with pytest.raises(SchemaError, match=r"the same in several words: its values are \['0', '1', 'no', 'yes'\]"):
        target("1", "yes", "no", "0")
    assert target("1", "yes", "no", "0", names={"1": "yes", "0": "no"}).classes == ("no", "yes")


def test_a_question_names_values_that_answer_it() -> None:
    with pytest.raises(SchemaError, match=r"data\.positive=HIV\+ or data\.positive=HIV-"):
        in_order(target("HIV-", "HIV+"))
    assert target("HIV-", "HIV+", positive=("HIV+",)).classes == ("HIV-", "HIV_")


def test_a_class_of_the_unknown_is_warned_of() -> None:
    assert "'unknown'" in target("yes", "no", "unknown").warnings[0]
    assert target("mild", "none", "severe").warnings == ()
    assert target("yes", "no", "unknown", positive=("yes",), negative=("no", "unknown")).warnings == ()
    assert "['9'] as a class" in target("0", "1", "2", "9").warnings[0]
    assert "{'None': 1} as missing" in target("mild", "None", "severe", missing=("None",)).warnings[0]
    with pytest.raises(SchemaError, match=r"has 1 class beside \['None'\], which data\.missing takes for none"):
        target("mild", "None", missing=("None",))


@pytest.mark.parametrize("cells", [(), (None, None), ("1", "1", None), ("yes", "YES")])
def test_one_class_is_refused(cells: tuple[str | None, ...]) -> None:
    with pytest.raises(SchemaError, match=r"'y' has \d class"):
        target(*cells)
    assert target("1", "0", None).classes == ("0", "1")


def test_every_value_positive_is_one_class() -> None:
    with pytest.raises(SchemaError, match="one class"):
        target("1", "2", positive=("1", "2"))


def test_a_declared_value_must_occur() -> None:
    with pytest.raises(SchemaError, match=r"never has the value '2' of data\.positive: its values are \['0', '1'\]"):
        target("0", "1", positive=("2",))
    with pytest.raises(SchemaError, match=r"data\.negative"):
        target("0", "1", positive=("1",), negative=("none",))


def test_values_are_not_shown_where_they_may_be_patients_data() -> None:
    with pytest.raises(SchemaError, match="among its 60 values") as caught:
        target(*map(str, range(60)), positive=("ill",))
    assert "17" not in str(caught.value)


def test_an_unexpected_value_is_refused_where_negatives_are_declared() -> None:
    with pytest.raises(SchemaError, match=r"row 4: the target 'y' has a value that is neither") as caught:
        target("0", "1", "unclear", positive=("1",), negative=("0",))
    assert "unclear" not in str(caught.value)
    assert target("0", "1", "unclear", positive=("1",), negative=("0",), missing=("unclear",)).values.to_list() == [
        "0",
        "1",
        None,
    ]


def test_values_that_differ_in_signs_only_are_refused() -> None:
    with pytest.raises(SchemaError, match="differ in signs only"):
        target("<5", ">5")
    assert target("<5", ">5", names={"<5": "low"}).classes == ("low", "_5")


def labels(table: dict[str, list[str | None]], **settings: Any) -> tuple[pl.DataFrame, tuple[ClassValue, ...]]:
    given = {"positive": (), "negative": (), "missing": MissingValues.from_config(["u"]), "source": "table.csv"}
    return read_labels(pl.DataFrame(table), **{**given, **settings})


def test_labels_are_columns_of_ones_and_zeros() -> None:
    found, class_values = labels({"mass (l)": ["1", "0.0", "u"], "fluid": ["true", "FALSE", "1"]})
    assert found.to_dict(as_series=False) == {"mass_l_": [1, 0, None], "fluid": [1, 0, 1]}
    assert set(found.dtypes) == {pl.Int8}
    assert class_values == (
        ClassValue("1", "mass_l_", 1),
        ClassValue("0.0", "not mass_l_", 1),
        ClassValue("u", None, 1),
        ClassValue("1", "fluid", 1),
        ClassValue("true", "fluid", 1),
        ClassValue("FALSE", "not fluid", 1),
    )
    declared, _ = labels({"a": ["y", "n"], "b": ["n", "N"]}, positive=["y"], negative=["n"])
    assert declared.to_dict(as_series=False) == {"a": [1, 0], "b": [0, 0]}
    known, _ = labels({"a": ["Yes", "no"], "b": ["absent", "Present"]})
    assert known.to_dict(as_series=False) == {"a": [1, 0], "b": [0, 1]}


def test_labels_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(SchemaError, match="row 3: the target 'a' has a value"):
        labels({"a": ["1", "2"], "b": ["1", "0"]})
    with pytest.raises(SchemaError, match="names 1 label"):
        labels({"a": ["1", "0"]})
    with pytest.raises(SchemaError, match="names 1 label"):
        labels({"a b": ["1", "0"], "a_b": ["1", "0"]})
    with pytest.raises(SchemaError, match="no survival analysis"):
        labels({"time": ["12", "7"], "event": ["1", "0"]})


def test_classes_are_put_in_a_declared_order() -> None:
    found = target("low", "high", "mid")
    assert in_order(found, ["Low", "mid", "high"]) == ("low", "mid", "high")
    assert in_order(found) == ("high", "low", "mid")
    assert in_order(target("2", "10"), [10.0, 2]) == ("10", "2")
    named = target("0", "1", "2", names={"0": "none", "1": "mild", "2": "severe"})
    assert in_order(named, [0, 1, 2]) == in_order(named, ["none", "mild", "severe"]) == ("none", "mild", "severe")
    for wrong in (["low", "high"], ["low", "mid", "mid"], ["low", "mid", "high", "top"]):
        with pytest.raises(SchemaError, match=r"y has other classes than data\.order"):
            in_order(found, wrong)


def test_grades_in_words_need_an_order() -> None:
    with pytest.raises(SchemaError, match=r"grades in words.*data\.order"):
        in_order(target("low", "high", "mid"), is_ordinal=True)
    assert in_order(target("II", "IV", "I"), is_ordinal=True) == ("I", "II", "IV")
    assert in_order(target("0", "1", "2"), is_ordinal=True) == ("0", "1", "2")


def test_the_positive_class_is_known_or_asked_for_never_the_last_of_the_alphabet() -> None:
    assert in_order(target("disease", "healthy")) == ("healthy", "disease")
    assert in_order(target("ckd", "notckd")) == ("notckd", "ckd")
    assert in_order(target("-", "+", "+")) == ("negative", "positive")
    assert in_order(target("Ja", "nein", "NEIN", "nein")) == ("nein", "Ja")
    assert in_order(target("0", "1", names={"0": "malignant", "1": "benign"})) == ("benign", "malignant")
    assert in_order(target("0", "1", names={"0": "A", "1": "B"})) == ("A", "B")
    for cells in (("1", "2"), ("0", "2"), ("M", "F"), ("stage II", "stage I")):
        with pytest.raises(SchemaError, match=r"say which means disease, data\.positive="):
            in_order(target(*cells))


def test_a_safe_name_can_name_a_column() -> None:
    assert safe_name("no sign, (0/1)") == "no_sign_0_1_"

"""Classes from a target column."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from reprodx.datasets.missing_values import MissingValues
from reprodx.datasets.target import Target, in_order, read_labels, read_target, safe_name
from reprodx.errors import SchemaError


def target(*cells: str | None, **settings: Any) -> Target:
    text = pl.Series("y", cells, dtype=pl.String)
    return read_target(text, **{"positive": (), "negative": (), "missing": (), "source": "table.csv", **settings})


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (("1", "0"), ("0", "1")),
        (("1.0", "0.0"), ("0", "1")),
        (("10", "9", "2"), ("2", "9", "10")),
        (("sick", "healthy"), ("healthy", "sick")),
        (("True", "FALSE"), ("false", "true")),
        (("stage II (a)", "stage/I"), ("stage_I", "stage_II_a_")),
    ],
)
def test_classes_are_found_in_ascending_order_with_names_that_name_columns(
    cells: tuple[str, ...], classes: tuple[str, ...]
) -> None:
    assert sorted(target(*cells).classes) == sorted(classes)
    assert target(*cells[::-1]).classes == target(*cells).classes


def test_zero_and_one_make_one_positive() -> None:
    found = target("1", "0", "1")
    assert found.classes == ("0", "1")
    assert found.values.to_list() == ["1", "0", "1"]


def test_several_positive_values_are_one_class() -> None:
    found = target("0", "3", "1", None, positive=("1", "3"))
    assert found.classes == ("negative", "positive")
    assert found.values.to_list() == ["negative", "positive", "positive", None]


def test_one_positive_value_against_one_other_keeps_the_words() -> None:
    assert target("ill", "well", positive=("ill",)).classes == ("well", "ill")


@pytest.mark.parametrize("cells", [(), (None, None), ("1", "1", None)])
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
    assert target("0", "1", "unclear", positive=("1",)).classes == ("negative", "positive")


def test_a_measurement_is_no_set_of_classes() -> None:
    with pytest.raises(SchemaError, match=r"51 different values: say in data\.positive"):
        target(*map(str, range(51)))
    assert len(target(*map(str, range(50))).classes) == 50


def test_values_that_differ_in_signs_only_are_refused() -> None:
    with pytest.raises(SchemaError, match="differ in signs only"):
        target("<5", ">5")


def labels(table: dict[str, list[str | None]], **settings: Any) -> pl.DataFrame:
    given = {"positive": (), "negative": (), "missing": MissingValues.from_config(["u"]), "source": "table.csv"}
    return read_labels(pl.DataFrame(table), **{**given, **settings})


def test_labels_are_columns_of_ones_and_zeros() -> None:
    found = labels({"mass (l)": ["1", "0.0", "u"], "fluid": ["true", "FALSE", "1"]})
    assert found.to_dict(as_series=False) == {"mass_l_": [1, 0, None], "fluid": [1, 0, 1]}
    assert set(found.dtypes) == {pl.Int8}
    declared = labels({"a": ["y", "n"], "b": ["n", "n"]}, positive=["y"], negative=["n"])
    assert declared.to_dict(as_series=False) == {"a": [1, 0], "b": [0, 0]}


def test_labels_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(SchemaError, match="row 3: the target 'a' has a value"):
        labels({"a": ["1", "2"], "b": ["1", "0"]})
    with pytest.raises(SchemaError, match="names 1 label"):
        labels({"a": ["1", "0"]})
    with pytest.raises(SchemaError, match="names 1 label"):
        labels({"a b": ["1", "0"], "a_b": ["1", "0"]})


def test_classes_are_put_in_a_declared_order() -> None:
    found = target("low", "high", "mid")
    assert in_order(found, ["low", "mid", "high"], "y").classes == ("low", "mid", "high")
    assert in_order(found, None, "y") is found
    assert in_order(target("2", "10"), [10.0, 2], "y").classes == ("10", "2")
    for wrong in (["low", "high"], ["low", "mid", "mid"], ["low", "mid", "high", "top"]):
        with pytest.raises(SchemaError, match=r"y has other classes than data\.order"):
            in_order(found, wrong, "y")


def test_a_safe_name_can_name_a_column() -> None:
    assert safe_name("no sign, (0/1)") == "no_sign_0_1_"

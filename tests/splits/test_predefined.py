"""A split that the table names."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from reprodx.errors import ConfigError, SchemaError
from reprodx.splits.predefined import Predefined

MAP: dict[Any, str | None] = {"a": "train", "b": "val", "c": "test"}


def assign(
    values: list[str | None], mapping: dict[Any, str | None] | None, units: list[int] | None = None
) -> list[str]:
    cases = pl.DataFrame(
        {"part": pl.Series(values, dtype=pl.String), "y_true": [("ill", "well")[row % 2] for row in range(len(values))]}
    )
    split = Predefined(column="part", map=mapping, val=0.5, seed=0)
    return split.assign(cases, np.array(range(len(values)) if units is None else units)).split.tolist()


def test_values_are_mapped() -> None:
    assert assign(["a", "c", "b", "a"], MAP) == ["train", "test", "val", "train"]


def test_keys_may_be_numbers_and_truth_values() -> None:
    assert assign(["1", "2", "3"], {1: "train", 2: "val", 3: "test"}) == ["train", "val", "test"]
    assert assign(["true", "x", "false"], {True: "train", "x": "val", False: "test"}) == ["train", "val", "test"]


def test_without_a_map_the_values_are_the_splits() -> None:
    assert assign(["train", "test", "val"], None) == ["train", "test", "val"]


def test_null_leaves_cases_out() -> None:
    assert assign(["a", "d", "b", "c"], {**MAP, "d": None}) == ["train", "", "val", "test"]


def test_validation_is_drawn_by_unit_where_no_case_has_it() -> None:
    split = assign(["a"] * 12 + ["c"] * 2, MAP, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
    assert split[12:] == ["test"] * 2
    assert split.count("val") == split.count("train") == 6
    assert all(split[row] == split[row + 1] for row in range(0, 14, 2))


@pytest.mark.parametrize("value", ["d", None])
def test_a_value_outside_the_map_is_counted_and_not_shown(value: str | None) -> None:
    with pytest.raises(SchemaError, match=r"split\.map: 1 cases have a value of 'part' that is none of a, b, c"):
        assign(["a", "b", "c", value], MAP)


@pytest.mark.parametrize("absent", ["a", "c"])
def test_somebody_must_train_and_somebody_be_tested(absent: str) -> None:
    with pytest.raises(SchemaError, match="no case has a value"):
        assign([value for value in ("a", "b", "c") if value != absent], MAP)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"a": "training", "b": "test"}, r"split\.map\.a: must be one of train, val, test or null"),
        ({"a": "train"}, "no value stands for test"),
        ({"a": "test"}, "no value stands for train"),
        ({}, "no value stands for train"),
    ],
)
def test_a_map_without_sense_is_refused(mapping: dict[Any, str | None], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Predefined(column="part", map=mapping, val=0.2, seed=0)


def test_the_share_is_checked() -> None:
    with pytest.raises(ConfigError, match=r"split\.val"):
        Predefined(column="part", map=MAP, val=0.0, seed=0)

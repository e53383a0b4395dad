"""Cases in their splits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from reprodx.errors import SchemaError
from reprodx.preparation.placement import kept_columns, place
from reprodx.schemas import Exclusion, SplitAssignment

if TYPE_CHECKING:
    from collections.abc import Callable

    from reprodx.schemas import RawCases

Make = "Callable[..., RawCases]"


def test_every_case_gets_its_split(make_raw: Callable[..., RawCases], parts: Callable[[int], list[str]]) -> None:
    raw, is_kept = place(make_raw(), SplitAssignment(np.array(parts(120))))
    assert raw.cases["split"].to_list() == parts(120)
    assert is_kept.all()
    assert raw.exclusions == ()


def test_who_belongs_to_no_split_is_left_out_and_counted(
    make_raw: Callable[..., RawCases], parts: Callable[[int], list[str]]
) -> None:
    split = np.array(parts(120))
    split[10:20] = ""
    raw, is_kept = place(make_raw(), SplitAssignment(split))
    assert raw.cases.height == raw.features.height == 110
    assert raw.features["age"].to_list() == make_raw().features.filter(is_kept)["age"].to_list()
    assert raw.exclusions == (Exclusion("belongs to no split", 10),)
    assert raw.num_read == 120


def test_the_column_that_the_split_came_from_goes(make_raw: Callable[..., RawCases]) -> None:
    cases = make_raw(4, fold=["0"] * 4, split=["1"] * 4, group_sex=["f"] * 4, site=["va"] * 4).cases
    assert kept_columns(cases).columns == ["case_id", "patient_id", "y_true", "group_sex", "site"]


@pytest.mark.parametrize("absent", ["train", "val", "test"])
def test_an_empty_split_is_refused(make_raw: Callable[..., RawCases], absent: str) -> None:
    others = [name for name in ("train", "val", "test") if name != absent]
    with pytest.raises(SchemaError, match=f"no case is left for {absent}"):
        place(make_raw(8), SplitAssignment(np.array([others[row // 2 % 2] for row in range(8)])))


def test_a_class_that_nobody_trains_on_is_refused_and_one_that_nobody_tests_is_not(
    make_raw: Callable[..., RawCases],
) -> None:
    untrained = np.array(["train", "test", "train", "val"])
    with pytest.raises(SchemaError, match="class 'ill' has no case in train"):
        place(make_raw(4), SplitAssignment(untrained))
    place(make_raw(4), SplitAssignment(np.array(["train", "train", "test", "val"])))

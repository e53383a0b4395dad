"""Give-aways, each with a twin that is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from reprodx.preparation.give_aways import find_give_aways
from reprodx.schemas import Task

random = np.random.default_rng(0)
NUM_CASES = 200
TRUTH = np.arange(NUM_CASES) % 2 == 1


def series(values: Any) -> pl.Series:
    return pl.Series("x", values)


def found(values: pl.Series, truth: Any = TRUTH, patients: Any = None) -> list[str]:
    patients = np.arange(len(values)) if patients is None else patients
    two = pl.DataFrame({"no": ~truth, "yes": truth})
    told = find_give_aways(values.to_frame(), two, ("no", "yes"), Task.BINARY, patients)
    return [one.tells.removeprefix("gives the answer away by ").split(" (")[0] for one in told if one.is_all]


def test_a_copy_of_the_answer_is_found_in_either_direction() -> None:
    assert found(series(TRUTH.astype(float))) == ["its values"]
    assert found(series(1 - TRUTH.astype(float))) == ["its values"]


def test_an_answer_with_little_noise_is_found_and_a_good_marker_is_not() -> None:
    assert found(series(TRUTH + random.normal(0, 0.15, NUM_CASES))) == ["its values"]
    assert found(series(random.normal(0, 0.15, NUM_CASES) - TRUTH)) == ["its values"]
    assert found(series(TRUTH + random.normal(0, 0.45, NUM_CASES))) == []


def test_an_area_above_the_limit_is_not_enough_where_its_interval_reaches_below() -> None:
    scores = TRUTH + 1e-6 * np.arange(NUM_CASES)
    scores[0] = 2.0
    assert found(series(scores)) == []
    large = np.arange(20_000) % 2 == 1
    scores = large.astype(float)
    scores[0] = 2.0
    assert found(series(scores), large) == ["its values"]


@pytest.mark.parametrize(("num_of_each", "expected"), [(19, []), (20, ["its values"])])
def test_a_perfect_feature_needs_twenty_patients_of_each_class(num_of_each: int, expected: list[str]) -> None:
    truth = np.arange(2 * num_of_each) % 2 == 1
    assert found(series(truth.astype(float)), truth) == expected


@pytest.mark.parametrize(("num_of_each", "expected"), [(4, 0), (5, 1), (19, 1)])
def test_a_perfect_flag_of_few_patients_is_said(num_of_each: int, expected: int) -> None:
    codes = np.arange(2 * num_of_each) % 2
    said = told(codes.astype(float), codes, Task.BINARY)
    assert said == [("gives the answer away by its values, of too few patients to be sure,", False)] * expected
    assert told(codes + random.normal(0, 0.1, codes.size), codes, Task.BINARY) == []


def test_a_perfect_feature_needs_patients_and_not_cases() -> None:
    values = series(TRUTH.astype(float))
    assert found(values, patients=np.arange(NUM_CASES) % 38) == []
    assert found(values, patients=np.arange(NUM_CASES) % 40) == ["its values"]


def test_many_cases_of_few_patients_do_not_make_sure() -> None:
    truth = np.repeat(np.arange(40) % 2 == 1, 100)
    patients = np.repeat(np.arange(40), 100)
    scores = truth + np.repeat(np.where(np.arange(40) == 0, 2.0, 0.0), 100) * (np.arange(4000) % 10 == 0)
    scores += 1e-6 * np.arange(4000)
    assert found(series(scores), truth) == ["its values"]
    assert found(series(scores), truth, patients) == []


def test_being_missing_may_be_the_answer() -> None:
    measured = pl.Series("x", np.where(TRUTH, random.normal(size=NUM_CASES), np.nan)).fill_nan(None)
    assert found(measured) == ["its being missing"]
    by_chance = pl.Series("x", np.where(random.random(NUM_CASES) < 0.5, random.normal(size=NUM_CASES), np.nan))
    assert found(by_chance.fill_nan(None)) == []


def test_values_are_judged_among_those_who_have_them() -> None:
    values = pl.Series("x", np.where(np.arange(NUM_CASES) < 100, TRUTH.astype(float), np.nan)).fill_nan(None)
    assert found(values) == ["its values"]


def test_words_that_tell_the_class_are_found_and_words_of_single_cases_are_not() -> None:
    levels = pl.Series("x", np.where(TRUTH, "treated", "untreated"))
    assert found(levels) == ["its levels"]
    assert found(pl.Series("x", [f"w{row}" for row in range(NUM_CASES)])) == []
    assert found(pl.Series("x", np.array(["f", "m"])[random.integers(0, 2, NUM_CASES)])) == []


def test_one_class_only_gives_nothing_away() -> None:
    assert found(series(random.normal(size=NUM_CASES)), np.zeros(NUM_CASES, dtype=bool)) == []


@pytest.mark.parametrize(("num_patients", "expected"), [(4, []), (5, ["its values"])])
def test_an_interval_clustered_by_a_handful_of_patients_does_not_count(num_patients: int, expected: list[str]) -> None:
    truth = np.arange(10_000) % 2 == 1
    scores = truth + np.where(np.arange(10_000) == 0, 2.0, 0.0)
    assert found(series(scores), truth, np.arange(10_000) // 2 % num_patients) == expected


GRADES = np.arange(300) % 3


def told(values: Any, codes: Any = GRADES, task: Task = Task.MULTICLASS) -> list[tuple[str, bool]]:
    names = [f"g{code}" for code in range(int(codes.max()) + 1)]
    truth = pl.DataFrame({name: codes == code for code, name in enumerate(names)})
    features = pl.Series("x", values).to_frame()
    return [
        (one.tells.split(" (")[0], one.is_all)
        for one in find_give_aways(features, truth, names, task, np.arange(len(codes)))
    ]


@pytest.mark.parametrize("task", [Task.MULTICLASS, Task.ORDINAL])
@pytest.mark.parametrize(
    "values",
    [
        GRADES.astype(float),
        np.array([2.0, 0.0, 1.0])[GRADES],
        GRADES + random.normal(0, 0.05, 300),
    ],
    ids=["copy", "permuted copy", "copy with little noise"],
)
def test_what_tells_every_class_gives_the_answer_away(values: Any, task: Task) -> None:
    assert told(values, task=task) == [("gives the answer away by its values", True)]


def test_levels_and_codes_that_stand_for_one_class_each_give_the_answer_away() -> None:
    words = np.array(["a", "b", "c", "d", "e", "f"])[GRADES + 3 * random.integers(0, 2, 300)]
    assert told(words) == [("gives the answer away by its levels", True)]
    codes = np.array([1.0, 2.0, 3.0, 4.0, 0.0, 5.0])[GRADES + 3 * random.integers(0, 2, 300)]
    assert told(codes) == [("gives the answer away by its levels", True)]
    binary = np.array([1.0, 3.0, 2.0, 2.0])[np.arange(NUM_CASES) % 2 * 2 + random.integers(0, 2, NUM_CASES)]
    assert found(series(binary)) == ["its levels"]


def test_a_rare_class_does_not_hide_the_copy() -> None:
    codes = np.where(np.arange(300) < 4, 2, np.arange(300) % 2)
    assert told(codes.astype(float), codes) == [("gives the answer away by its values", True)]


def test_a_flag_of_one_class_gives_it_away_and_a_telling_measurement_is_only_said() -> None:
    flag = (GRADES == 1).astype(float)
    assert told(flag) == [("tells class g1 from the others by its values", True)]
    assert told(np.where(GRADES == 1, "biopsy", "none")) == [("tells class g1 from the others by its levels", True)]
    sign = random.normal(size=300) + 9 * (GRADES == 2)
    assert told(sign) == [("tells class g2 from the others by its values", False)]
    assert told(random.normal(size=300)) == []


def test_being_missing_tells_a_class() -> None:
    measured = pl.Series("x", np.where(GRADES == 1, np.nan, random.normal(size=300))).fill_nan(None)
    assert told(measured) == [("tells class g1 from the others by its being missing", True)]


def test_a_cut_between_grades_gives_them_away() -> None:
    grades = np.arange(400) % 5
    flag = (grades >= 2).astype(float)
    assert told(flag, grades, Task.ORDINAL) == [("tells g2 and above from what is below by its values", True)]
    assert told(flag, grades) == []


def test_a_label_is_given_away() -> None:
    truth = pl.DataFrame({"a": GRADES == 1, "b": random.random(300) < 0.5})
    features = pl.DataFrame({"x": (GRADES == 1).astype(float), "y": random.normal(size=300)})
    (one,) = find_give_aways(features, truth, ("a", "b"), Task.MULTILABEL, np.arange(300))
    assert (one.feature, one.tells, one.is_all) == ("x", "gives the label a away by its values", True)


def test_levels_that_tell_nothing_are_not_turned_round() -> None:
    fifth = np.arange(300) % 5 == 0
    assert found(pl.Series("x", ["same"] * 300), fifth) == []
    assert found(pl.Series("x", np.where(fifth, "a", "b")), fifth) == ["its levels"]

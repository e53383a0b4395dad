"""Ids and give-aways, each with a twin that is neither."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reprodx.preparation.suspicious_features import give_aways, is_like_id

random = np.random.default_rng(0)
NUM_CASES = 200
TRUTH = np.arange(NUM_CASES) % 2 == 1


def series(values: Any) -> pl.Series:
    return pl.Series("x", values)


@pytest.mark.parametrize(
    "values",
    [
        [float(row) for row in range(1, 101)],
        [float(row) for row in range(1000, 900, -1)],
        random.permutation(100).astype(float),
        [float(row * 37 + 5) for row in range(100)],
        [float(row) for row in [*range(50), *range(60, 110)]],
        [f"phon_{row}" for row in range(100)],
        [f"phon_{row}" for row in range(97)] + ["phon_0"] * 3,
    ],
    ids=["ascending", "descending", "shuffled", "in steps", "with a gap", "text", "nearly all text"],
)
def test_a_column_that_names_its_cases(values: Any) -> None:
    assert is_like_id(series(values))


@pytest.mark.parametrize(
    "values",
    [
        random.normal(60, 10, 100),
        np.sort(random.normal(60, 10, 100)),
        random.integers(20, 90, 100).astype(float),
        np.sort(random.integers(20, 90, 100)).astype(float),
        random.integers(10_000, 400_000, 100).astype(float),
        [float(row % 30) for row in range(100)],
        ["f", "m"] * 50,
        [f"w{row % 80}" for row in range(100)],
        [float(row) for row in range(19)],
        [f"w{row}" for row in range(19)],
        [None] * 50 + [float(row) for row in range(50)],
    ],
    ids=["measured", "measured and sorted", "age", "sorted age", "cell count", "repeated", "words", "many words",
         "too few numbers", "too few words", "half missing"],
)  # fmt: skip
def test_a_measurement_is_no_id(values: Any) -> None:
    assert not is_like_id(series(values))


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 300))
def test_a_continuous_measurement_is_never_taken_for_an_id(seed: int, num_cases: int) -> None:
    values = np.random.default_rng(seed).normal(size=num_cases)
    assert not is_like_id(series(values))
    assert not is_like_id(series(np.sort(values)))


def found(values: pl.Series, truth: Any = TRUTH, patients: Any = None) -> list[str]:
    patients = np.arange(len(values)) if patients is None else patients
    return [how.split(" (")[0] for _, how in give_aways(values.to_frame(), truth, patients)]


def test_a_copy_of_the_answer_is_found_in_either_direction() -> None:
    assert found(series(TRUTH.astype(float))) == ["its values"]
    assert found(series(1 - TRUTH.astype(float))) == ["its values"]


def test_an_answer_with_little_noise_is_found_and_a_good_marker_is_not() -> None:
    assert found(series(TRUTH + random.normal(0, 0.15, NUM_CASES))) == ["its values"]
    assert found(series(random.normal(0, 0.15, NUM_CASES) - TRUTH)) == ["its values"]
    assert found(series(TRUTH + random.normal(0, 0.45, NUM_CASES))) == []


def test_an_area_above_the_limit_is_not_enough_where_its_interval_reaches_below() -> None:
    scores = TRUTH.astype(float)
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


def test_a_perfect_feature_needs_patients_and_not_cases() -> None:
    values = series(TRUTH.astype(float))
    assert found(values, patients=np.arange(NUM_CASES) % 38) == []
    assert found(values, patients=np.arange(NUM_CASES) % 40) == ["its values"]


def test_many_cases_of_few_patients_do_not_make_sure() -> None:
    truth = np.repeat(np.arange(40) % 2 == 1, 100)
    patients = np.repeat(np.arange(40), 100)
    scores = truth + np.repeat(np.where(np.arange(40) == 0, 2.0, 0.0), 100) * (np.arange(4000) % 10 == 0)
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

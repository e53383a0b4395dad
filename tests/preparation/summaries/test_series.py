"""A series in a row of numbers, against numbers by hand and NumPy's own."""

from __future__ import annotations

import json

import numpy as np
import pytest

from reprodx.inputs import Inputs, Modality
from reprodx.preparation.summaries.series import LIMIT, STATISTICS, SeriesSummary

NAN = np.nan


def series(rng: np.random.Generator, num_cases: int, share: float = 0.5) -> Inputs:
    lengths = rng.integers(1, 9, num_cases)
    values = rng.normal(size=(int(lengths.sum()), 3)).astype(np.float32)
    values[rng.random(values.shape) > share] = NAN
    return Inputs.of_steps(Modality.SERIES, values, lengths, channels=("a", "b", "c"))


def of_one(steps: np.ndarray) -> list[float]:
    """Return the statistics of one variable as textbooks have them."""
    at = np.flatnonzero(~np.isnan(steps))
    values = steps[at].astype(np.float64)
    if not values.size:
        return [NAN, NAN, NAN, NAN, NAN, 0.0, NAN]
    several = values.size > 1
    slope = np.polynomial.Polynomial.fit(at, values, 1).convert().coef[1] if several else NAN
    return [values[-1], values.mean(), values.min(), values.max(), values.std() if several else NAN, values.size, slope]


def test_numbers_are_those_of_the_textbook_standardised() -> None:
    train, test = series(np.random.default_rng(0), 60), series(np.random.default_rng(1), 20)
    summary = SeriesSummary.fit(train)
    assert summary.names == tuple(f"{name}__{statistic}" for name in "abc" for statistic in STATISTICS)
    expected, unseen = (
        np.array([[number for steps in case.T for number in of_one(steps)] for case in inputs])
        for inputs in (train, test)
    )
    scaled = (unseen - np.nanmean(expected, axis=0)) / np.nanstd(expected, axis=0)
    np.testing.assert_allclose(summary.apply(test), np.clip(np.nan_to_num(scaled), -LIMIT, LIMIT), atol=2e-5)


def test_training_numbers_have_mean_zero_and_spread_one_where_known() -> None:
    train = series(np.random.default_rng(0), 200, share=0.9)
    numbers = SeriesSummary.fit(train).apply(train)
    assert numbers.dtype == np.float32
    np.testing.assert_allclose(numbers.mean(axis=0), 0, atol=1e-5)
    assert (numbers.std(axis=0) <= 1 + 1e-5).all()
    assert (numbers.std(axis=0) > 0.9).all()


def test_what_is_constant_or_never_measured_is_dropped() -> None:
    values = np.array([[1, 5, NAN], [2, 5, NAN]], dtype=np.float32)
    inputs = Inputs.of_steps(Modality.SERIES, values, np.array([1, 1]), channels=("a", "b", "c"))
    summary = SeriesSummary.fit(inputs)
    assert summary.names == ("a__last", "a__mean", "a__min", "a__max")
    np.testing.assert_allclose(summary.apply(inputs), [[-1] * 4, [1] * 4])


def test_what_was_not_measured_is_the_training_mean_and_artefacts_are_bounded() -> None:
    train = series(np.random.default_rng(0), 60, share=0.9)
    summary = SeriesSummary.fit(train)
    new = Inputs.of_steps(
        Modality.SERIES, np.array([[NAN, 1e30, NAN]], dtype=np.float32), np.array([1]), channels=train.channels
    )
    row = dict(zip(summary.names, summary.apply(new)[0].tolist(), strict=True))
    assert row["a__last"] == row["b__slope"] == 0
    assert row["a__count"] < -1
    assert row["b__last"] == LIMIT


def test_cases_that_share_steps_are_summed_up_apart() -> None:
    inputs = series(np.random.default_rng(0), 30)
    shared = Inputs(Modality.SERIES, inputs.values, np.array([0, 0]), np.array([2, 5]), inputs.channels)
    apart = Inputs.of_steps(Modality.SERIES, shared.gathered(), np.array([2, 5]), channels=inputs.channels)
    summary = SeriesSummary.fit(inputs)
    np.testing.assert_array_equal(summary.apply(shared), summary.apply(apart))
    assert (summary.apply(shared)[0] != summary.apply(shared)[1]).any()


@pytest.mark.parametrize("num_cases", [0, 3])
def test_json_brings_the_same_summary_back(num_cases: int) -> None:
    inputs = series(np.random.default_rng(0), 30)
    summary = SeriesSummary.fit(inputs)
    again = SeriesSummary.from_json(json.loads(json.dumps(summary.to_json())))
    assert again == summary
    some = inputs.select(np.arange(num_cases))
    assert again.apply(some).shape == (num_cases, len(summary.names))

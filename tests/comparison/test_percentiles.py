"""Intervals and p values from resampled values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.comparison.percentiles import percentile_difference, percentile_estimate, two_sided_p

COUNTS = (50, 20)
RESAMPLED = np.random.default_rng(0).normal(0.3, 0.1, 1000)


def with_undefined(num):
    return np.concatenate([RESAMPLED[num:], np.full(num, np.nan)])


def test_interval_is_made_of_percentiles():
    estimate = percentile_estimate(0.3, RESAMPLED, 0.9, COUNTS, "how")
    assert (estimate.ci_low, estimate.ci_high) == pytest.approx(np.quantile(RESAMPLED, [0.05, 0.95]))
    assert (estimate.n, estimate.n_events, estimate.method, estimate.reason) == (50, 20, "how", None)


def test_few_undefined_resamples_widen_the_interval_and_more_leave_none():
    whole, few, many = (percentile_estimate(0.3, with_undefined(num), 0.95, COUNTS, "how") for num in (0, 10, 11))
    assert few.ci_low < whole.ci_low < whole.ci_high < few.ci_high
    assert few.method == "how, 10 undefined ones counted beyond both limits"
    assert (many.ci_low, many.value) == (None, 0.3)
    assert many.reason == "interval not estimable: 11 of 1000 resamples leave it undefined"


@given(st.integers(0, 10), st.lists(st.floats(-5, 5), min_size=10, max_size=10))
def test_no_value_of_the_undefined_ones_would_lie_outside(num, values):
    few = percentile_estimate(0.3, with_undefined(num), 0.95, COUNTS, "how")
    defined = percentile_estimate(0.3, np.concatenate([RESAMPLED[num:], values[:num]]), 0.95, COUNTS, "how")
    assert few.ci_low <= defined.ci_low
    assert few.ci_high >= defined.ci_high


def test_resamples_that_do_not_differ_give_no_interval():
    estimate = percentile_estimate(0.5, np.full(100, 0.5), 0.95, COUNTS, "how")
    assert (estimate.value, estimate.reason) == (0.5, "interval not estimable: resamples do not differ")


def test_no_difference_in_any_resample_is_certain():
    difference = percentile_difference(1e-17, np.full(100, -1e-16), 0.95, COUNTS, "how")
    estimate = difference.estimate
    assert (estimate.value, estimate.ci_low, estimate.ci_high, difference.p_value) == (0, 0, 0, 1)


def test_an_equal_difference_in_every_resample_has_no_p_value():
    difference = percentile_difference(0.1, np.full(100, 0.1), 0.95, COUNTS, "how")
    assert (difference.p_value, difference.estimate.reason) == (None, "interval not estimable: resamples do not differ")


@pytest.mark.parametrize("shift", [-0.15, 0.0, 0.08, 0.2, 0.5])
def test_p_agrees_with_the_interval(shift):
    differences = RESAMPLED - 0.3 + shift
    difference = percentile_difference(shift, differences, 0.95, COUNTS, "how")
    is_outside = difference.estimate.ci_low > 0 or difference.estimate.ci_high < 0
    assert (difference.p_value < 0.05) == is_outside


def test_p_counts_zeros_and_undefined_on_both_sides():
    assert two_sided_p(np.array([1.0] * 9)) == pytest.approx(0.2)
    assert two_sided_p(np.array([1.0] * 8 + [0.0])) == pytest.approx(0.4)
    assert two_sided_p(np.array([1.0] * 8 + [np.nan])) == pytest.approx(0.4)
    assert two_sided_p(np.array([1.0, -1.0])) == 1

"""Percentile intervals where some resamples leave a number undefined: what these might have been is inside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.bootstrap import Bootstrap

RESAMPLED = np.random.default_rng(0).normal(0.3, 0.1, 1000)


def estimate(resampled, level=0.95):
    return Bootstrap(1000, 0, level).percentile_estimate(0.3, resampled, n=50, n_events=20, is_clustered=False)


def with_undefined(num):
    return np.concatenate([RESAMPLED[num:], np.full(num, np.nan)])


def test_interval_is_made_of_percentiles():
    found = estimate(RESAMPLED, 0.9)
    assert (found.ci_low, found.ci_high) == pytest.approx(np.quantile(RESAMPLED, [0.05, 0.95]))
    assert (found.n, found.n_events, found.reason) == (50, 20, None)
    assert found.method == "percentile bootstrap of cases, B = 1000"


def test_few_undefined_resamples_widen_the_interval_and_more_leave_none():
    whole, few, many = (estimate(with_undefined(num)) for num in (0, 10, 11))
    assert few.ci_low < whole.ci_low < whole.ci_high < few.ci_high
    assert few.method.endswith(", 10 undefined ones counted beyond both limits")
    assert (many.ci_low, many.value) == (None, 0.3)
    assert many.reason == "interval not estimable: 11 of 1000 resamples leave it undefined"


@given(st.integers(0, 10), st.lists(st.floats(-5, 5), min_size=10, max_size=10))
def test_no_value_of_the_undefined_ones_would_lie_outside(num, values):
    few = estimate(with_undefined(num))
    defined = estimate(np.concatenate([RESAMPLED[num:], values[:num]]))
    assert few.ci_low <= defined.ci_low
    assert few.ci_high >= defined.ci_high

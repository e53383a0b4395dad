"""Intervals of one proportion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm
from statsmodels.stats.proportion import proportion_confint

from reprodx.metrics.wilson import proportion, wilson_limits


@given(st.integers(0, 50), st.integers(1, 50), st.sampled_from([0.8, 0.95]))
def test_limits_are_statsmodels(hits, misses, level):
    for interval, method in (("wilson", "wilson"), ("clopper_pearson", "beta")):
        estimate = proportion(hits, hits + misses, n_events=hits, confidence_level=level, interval=interval)
        expected = proportion_confint(hits, hits + misses, 1 - level, method)
        assert (estimate.ci_low, estimate.ci_high) == pytest.approx(expected, abs=1e-9)
        if interval == "wilson":
            quantile = norm.ppf((1 + level) / 2)
            assert wilson_limits(estimate.value, hits + misses, quantile) == pytest.approx(expected, abs=1e-9)
        assert (estimate.value, estimate.n, estimate.n_events) == (hits / (hits + misses), hits + misses, hits)


def test_wilson_covers_on_average_and_clopper_pearson_always():
    """Exactly, by summing over every possible count (Agresti & Coull, Am Stat 1998;52:119)."""
    n, probs = 50, np.linspace(0.02, 0.98, 97)
    chances = binom.pmf(np.arange(n + 1)[:, None], n, probs)
    coverages = {}
    for interval in ("wilson", "clopper_pearson"):
        estimates = [
            proportion(hits, n, n_events=None, confidence_level=0.95, interval=interval) for hits in range(n + 1)
        ]
        low, high = (np.array([[getattr(e, end)] for e in estimates]) for end in ("ci_low", "ci_high"))
        coverages[interval] = (chances * ((low <= probs) & (probs <= high))).sum(axis=0)
    assert 0.945 < coverages["wilson"].mean() < 0.96
    assert coverages["clopper_pearson"].min() > 0.95


@given(st.floats(0, 1), st.floats(0.5, 200), st.floats(1, 4))
def test_limits_are_where_the_score_test_turns(value, worth, quantile):
    low, high = wilson_limits(value, worth, quantile)
    assert 0 <= low <= value + 1e-12
    assert value - 1e-12 <= high <= 1
    for limit in (low, high):
        assert (value - limit) ** 2 == pytest.approx(quantile**2 * limit * (1 - limit) / worth, abs=1e-9)

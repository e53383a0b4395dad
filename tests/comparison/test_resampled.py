"""The corrected resampled t test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from reprodx.comparison.resampled import corrected_resampled_t
from reprodx.errors import MetricError

DIFFERENCES = np.array([0.02, -0.01, 0.03, 0.01, 0.02])


def test_without_test_cases_it_is_the_plain_t_test():
    result = corrected_resampled_t(DIFFERENCES, num_train=100, num_test=0, confidence_level=0.95)
    plain = ttest_1samp(DIFFERENCES, 0)
    assert (result.statistic, result.p_value) == pytest.approx((plain.statistic, plain.pvalue))
    interval = plain.confidence_interval(0.95)
    assert (result.estimate.ci_low, result.estimate.ci_high) == pytest.approx((interval.low, interval.high))


@given(st.lists(st.floats(-1, 1).map(lambda one: round(one, 9)), min_size=2, max_size=10))
def test_five_folds_divide_the_statistic_by_three_halves(differences):
    """With a test set a quarter of the training set, five folds give sqrt(1/5 + 1/4) instead of sqrt(1/5)."""
    differences = np.array(differences)
    plain = corrected_resampled_t(differences, num_train=80, num_test=0, confidence_level=0.95)
    corrected = corrected_resampled_t(differences, num_train=80, num_test=20, confidence_level=0.95)
    if plain.statistic is not None:
        factor = np.sqrt(1 + differences.size / 4)
        assert plain.statistic == pytest.approx(factor * corrected.statistic, rel=1e-9)
        assert corrected.p_value >= plain.p_value


def test_no_difference_at_all_is_no_difference():
    result = corrected_resampled_t(np.zeros(5), num_train=80, num_test=20, confidence_level=0.95)
    assert (result.estimate.value, result.statistic, result.p_value) == (0, 0, 1)


@pytest.mark.parametrize(
    ("differences", "reason"),
    [
        ([0.1], "one fold only"),
        ([0.1, 0.1, 0.1], "folds do not differ"),
        ([0.0, 5e-324], "folds do not differ"),
        ([0.1, 0.2, 0.1], None),
    ],
)
def test_what_cannot_be_tested_has_a_reason(differences, reason):
    result = corrected_resampled_t(np.array(differences), num_train=80, num_test=20, confidence_level=0.95)
    assert result.estimate.value == pytest.approx(np.mean(differences))
    assert (result.p_value is None) == (reason is not None)
    assert result.estimate.reason == (reason and f"interval not estimable: {reason}")


@pytest.mark.parametrize(("num_folds", "num_train"), [(0, 80), (5, 0)])
def test_no_folds_or_no_training_cases_are_refused(num_folds, num_train):
    with pytest.raises(MetricError, match="give at least one of each"):
        corrected_resampled_t(np.zeros(num_folds), num_train=num_train, num_test=20, confidence_level=0.95)

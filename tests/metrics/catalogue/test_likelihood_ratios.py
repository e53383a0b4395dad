"""Likelihood ratios."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table2x2

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.likelihood_ratios import ALL, INFINITE, NO_RESULT, ZERO, likelihood_ratio

COUNTS = st.tuples(*[st.integers(1, 40)] * 4)


@given(COUNTS)
def test_it_is_the_ratio_of_the_chances_of_a_result_with_simels_interval(counts):
    true_negatives, false_positives, false_negatives, true_positives = counts
    table = ConfusionTable(
        counts=np.reshape(counts, (2, 2)),
        resamples=np.zeros((1, 2, 2), dtype=int),
        is_clustered=False,
        bootstrap=Bootstrap(1, 0, 0.95),
    )
    for is_positive_result, rows in (
        (True, [[true_positives, false_negatives], [false_positives, true_negatives]]),
        (False, [[false_negatives, true_positives], [true_negatives, false_positives]]),
    ):
        estimate = likelihood_ratio(table, is_positive_result=is_positive_result)
        oracle = Table2x2(rows)
        assert estimate.value == pytest.approx(oracle.riskratio)
        assert (estimate.ci_low, estimate.ci_high) == pytest.approx(oracle.riskratio_confint())
        assert estimate.method == "Simel log"


@pytest.mark.parametrize(
    ("counts", "is_positive_result", "value", "reason"),
    [
        ((5, 2, 0, 0), True, None, "one class only: no positive case"),
        ((0, 0, 5, 2), True, None, "one class only: no negative case"),
        ((5, 0, 2, 3), True, None, INFINITE),
        ((5, 0, 2, 0), True, None, NO_RESULT),
        ((0, 5, 0, 2), False, None, NO_RESULT),
        ((0, 5, 2, 2), False, None, INFINITE),
        ((5, 2, 3, 0), True, 0.0, ZERO),
        ((5, 2, 0, 3), False, 0.0, ZERO),
        ((0, 5, 0, 3), True, 1.0, ALL),
        ((5, 2, 2, 3), True, 2.1, None),
    ],
)
def test_what_cannot_be_estimated_has_a_reason(make_table, counts, is_positive_result, value, reason):
    estimate = likelihood_ratio(make_table(*counts), is_positive_result=is_positive_result)
    assert (estimate.value, estimate.reason) == (pytest.approx(value), reason)
    assert (estimate.ci_low is None) == (reason is not None)


def test_patients_with_several_cases_are_resampled(make_table):
    estimate = likelihood_ratio(make_table(50, 10, 4, 16, twice=True), is_positive_result=True)
    assert estimate.value == pytest.approx(4.8)
    assert estimate.method.startswith("percentile bootstrap of patients")
    assert estimate.ci_low < 4.8 < estimate.ci_high

"""Likelihood ratios."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import Table2x2

from reprodx.metrics.catalogue.likelihood_ratios import INFINITE, NO_RESULT
from reprodx.metrics.undefined import AT_AN_END, NO_VARIANCE
from tests.scored import scored, table

COUNTS = st.tuples(*[st.integers(1, 40)] * 4)


@given(COUNTS)
def test_it_is_the_ratio_of_the_chances_of_a_result_with_simels_interval(counts):
    true_negatives, false_positives, false_negatives, true_positives = counts
    for name, rows in (
        ("lr_positive", [[true_positives, false_negatives], [false_positives, true_negatives]]),
        ("lr_negative", [[false_negatives, true_positives], [true_negatives, false_positives]]),
    ):
        estimate, oracle = scored(name, table(*counts)), Table2x2(rows)
        assert estimate.value == pytest.approx(oracle.riskratio)
        if min(true_positives + false_negatives, true_negatives + false_positives) > 1:
            assert (estimate.ci_low, estimate.ci_high) == pytest.approx(oracle.riskratio_confint())
            assert estimate.method.startswith("log Simel")


@pytest.mark.parametrize(
    ("counts", "name", "value", "reason"),
    [
        ((5, 2, 0, 0), "lr_positive", None, "one class only: no positive case"),
        ((0, 0, 5, 2), "lr_positive", None, "one class only: no negative case"),
        ((5, 0, 2, 3), "lr_positive", None, INFINITE),
        ((5, 0, 2, 0), "lr_positive", None, NO_RESULT),
        ((0, 5, 0, 2), "lr_negative", None, NO_RESULT),
        ((0, 5, 2, 2), "lr_negative", None, INFINITE),
        ((5, 2, 3, 0), "lr_positive", 0.0, AT_AN_END),
        ((5, 2, 0, 3), "lr_negative", 0.0, AT_AN_END),
        ((0, 5, 0, 3), "lr_positive", 1.0, NO_VARIANCE),
        ((5, 2, 2, 3), "lr_positive", 2.1, None),
    ],
)
def test_what_cannot_be_estimated_has_a_reason(counts, name, value, reason):
    estimate = scored(name, table(*counts))
    assert (estimate.value, estimate.reason) == (pytest.approx(value), reason)
    assert (estimate.ci_low is None) == (reason is not None)


def test_patients_with_several_cases_say_no_more():
    once, twice = (scored("lr_positive", table(50, 10, 4, 16, twice=twice)) for twice in (False, True))
    assert twice.value == pytest.approx(once.value) == pytest.approx(4.8)
    assert np.log([twice.ci_low, twice.ci_high]) == pytest.approx(np.log([once.ci_low, once.ci_high]))
    assert "clustered by patient" in twice.method

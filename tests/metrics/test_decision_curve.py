"""Net benefit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.decision_curve import decision_curve

THRESHOLDS = np.array([0.05, 0.2, 0.5, 0.8])


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=1, max_size=30))
def test_net_benefit_by_counting(cases):
    is_positive = np.array([case[0] for case in cases])
    probs = np.array([case[1] for case in cases]) / 10
    curve = decision_curve(is_positive, probs, THRESHOLDS)
    for index, threshold in enumerate(THRESHOLDS):
        odds = threshold / (1 - threshold)
        for called, net_benefit in ((probs >= threshold, curve.model), (np.ones(probs.size, bool), curve.treat_all)):
            expected = ((called & is_positive).sum() - (called & ~is_positive).sum() * odds) / probs.size
            assert net_benefit[index] == pytest.approx(expected, abs=1e-12)
    assert not curve.treat_none.any()


def test_treating_all_is_worth_nothing_at_the_prevalence():
    curve = decision_curve(np.array([True, False, False, False, False]), np.full(5, 0.5), np.array([0.2]))
    assert curve.treat_all[0] == pytest.approx(0)

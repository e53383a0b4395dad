"""Cases in the order of their scores."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.ranked_cases import RankedCases, cumulated

CASES = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.7, 1.0])), max_size=30)


@given(CASES)
def test_counts_are_those_of_calling_everyone_at_or_above_positive(cases):
    is_positive = np.array([case[0] for case in cases], dtype=bool)
    scores = np.array([case[1] for case in cases], dtype=float)
    ranked = RankedCases.of(is_positive, scores)
    assert list(ranked.scores) == sorted(set(scores), reverse=True)
    for score, true_positives, false_positives in zip(*ranked, strict=True):
        assert true_positives == (is_positive & (scores >= score)).sum()
        assert false_positives == (~is_positive & (scores >= score)).sum()


def test_cumulated_leads_with_zero():
    np.testing.assert_array_equal(cumulated(np.array([[1.0, 2.0], [0.0, 5.0]])), [[0, 1, 3], [0, 0, 5]])

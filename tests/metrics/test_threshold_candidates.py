"""Thresholds that call the cases differently."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reprodx.errors import UndefinedMetricError
from reprodx.metrics.threshold_candidates import Candidates

NEIGHBOURS = [0.0, 5e-324, 0.3, np.nextafter(0.3, 1), 0.5, np.nextafter(1.0, 0), 1.0]
CASES = st.lists(st.tuples(st.booleans(), st.floats(0, 1) | st.sampled_from(NEIGHBOURS)), min_size=2, max_size=20)


@given(CASES)
def test_each_candidate_calls_what_it_says(cases):
    is_positive, probs = np.array([case[0] for case in cases]), np.array([case[1] for case in cases])
    assume(0 < is_positive.sum() < is_positive.size)
    candidates = Candidates.of(is_positive, probs)
    called = [probs >= threshold for threshold in candidates.thresholds]
    assert candidates.true_positives.tolist() == [(call & is_positive).sum() for call in called]
    assert candidates.false_positives.tolist() == [(call & ~is_positive).sum() for call in called]
    assert len({call.tobytes() for call in called}) == len(called) == len(set(probs)) + 1
    assert (not called[0].any(), called[-1].all()) == (True, True)


def test_candidates_lie_halfway():
    candidates = Candidates.of(np.array([False, True, True]), np.array([0.25, 0.75, 0.75]))
    assert candidates.thresholds.tolist() == pytest.approx([0.875, 0.5, 0.0])
    assert candidates.sensitivities.tolist() == [0, 1, 1]
    assert candidates.specificities.tolist() == [1, 1, 0]


def test_one_class_is_refused():
    with pytest.raises(UndefinedMetricError, match=r"validation split \(one class only: no negative case\)"):
        Candidates.of(np.array([True, True]), np.array([0.1, 0.2]))
    assert Candidates.of(np.array([True, False]), np.array([0.1, 0.2])).num_negatives == 1

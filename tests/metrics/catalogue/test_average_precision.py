"""Average precision."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.precision_recall import average_precision

CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=40)
FEW = Bootstrap(20, 0, 0.95)


@given(CASES)
def test_value_is_scikit_learns(cases):
    is_positive = np.array([case[0] for case in cases])
    assume(0 < is_positive.sum() < is_positive.size)
    scores = np.array([case[1] for case in cases], dtype=float)
    estimate = average_precision(is_positive, scores, bootstrap=FEW)
    assert estimate.value == pytest.approx(average_precision_score(is_positive, scores), abs=1e-12)
    assert average_precision(is_positive, scores**3, bootstrap=FEW) == estimate


def test_interval_is_that_of_a_naive_bootstrap(breast_cancer):
    is_positive, probs = breast_cancer
    probs = np.round(probs + np.random.default_rng(0).normal(scale=0.3, size=probs.size), 2)
    estimate = average_precision(is_positive, probs, bootstrap=Bootstrap(1000, 0, 0.95))
    rng = np.random.default_rng(1)
    members = [np.flatnonzero(is_positive), np.flatnonzero(~is_positive)]
    naive = []
    for _ in range(1000):
        rows = np.concatenate([rng.choice(group, group.size) for group in members])
        naive.append(average_precision_score(is_positive[rows], probs[rows]))
    assert (estimate.ci_low, estimate.ci_high) == pytest.approx(np.quantile(naive, [0.025, 0.975]), abs=0.004)


def test_swapping_labels_and_negating_scores_changes_it():
    is_positive, scores = np.array([False, True, False, False, True]), np.arange(5.0)
    one = average_precision(is_positive, scores, bootstrap=FEW)
    assert average_precision(~is_positive, -scores, bootstrap=FEW).value != pytest.approx(one.value)


@pytest.mark.parametrize("is_positive", [[True, True], [False, False]])
def test_one_class_leaves_it_undefined(is_positive):
    estimate = average_precision(np.array(is_positive), np.array([0.1, 0.2]), bootstrap=FEW)
    assert estimate.value is None
    assert estimate.reason.startswith("one class only")


def test_perfect_ranking_has_no_interval():
    estimate = average_precision(np.array([False, True, True]), np.array([0.1, 0.2, 0.3]), bootstrap=FEW)
    assert (estimate.value, estimate.ci_high) == (1.0, None)
    assert estimate.reason == "interval not estimable: resamples do not differ"

"""Average precision."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import average_precision_score

from reprodx.metrics.asked import View
from reprodx.metrics.undefined import PERFECT
from tests.scored import asked, drawn, scored, width

CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=2, max_size=40)


def average_precision(is_positive, scores):
    return scored("average_precision", asked(is_positive, scores))


@given(CASES)
def test_value_is_scikit_learns(cases):
    is_positive = np.array([case[0] for case in cases])
    assume(0 < is_positive.sum() < is_positive.size)
    scores = np.array([case[1] for case in cases], dtype=float)
    estimate = average_precision(is_positive, scores)
    assert estimate.value == pytest.approx(average_precision_score(is_positive, scores), abs=1e-12)
    assert average_precision(is_positive, scores**3) == estimate


def test_variance_is_that_of_a_naive_bootstrap_of_a_cohort(breast_cancer):
    is_positive, probs = breast_cancer
    probs = np.round(probs + np.random.default_rng(0).normal(scale=0.3, size=probs.size), 2)
    rng = np.random.default_rng(1)
    draws = (rng.integers(0, probs.size, probs.size) for _ in range(1000))
    naive = [average_precision_score(is_positive[rows], probs[rows]) for rows in draws]
    expected = 2 * norm.ppf(0.975) * np.std(naive)
    assert width(average_precision(is_positive, probs)) == pytest.approx(expected, rel=0.1)


def test_mean_over_labels_is_scikit_learns():
    cases = drawn(View.LABELS)
    found = scored("average_precision_macro", cases, View.LABELS)
    assert found.value == pytest.approx(average_precision_score(cases.targets, cases.probs, average="macro"))
    assert found.ci_low < found.value < found.ci_high


def test_swapping_labels_and_negating_scores_changes_it():
    is_positive, scores = np.array([False, True, False, False, True]), np.arange(5.0)
    one = average_precision(is_positive, scores)
    assert average_precision(~is_positive, -scores).value != pytest.approx(one.value)


@pytest.mark.parametrize("is_positive", [[True, True], [False, False]])
def test_one_class_leaves_it_undefined(is_positive):
    estimate = average_precision(is_positive, [0.1, 0.2])
    assert estimate.value is None
    assert estimate.reason.startswith("one class only")


def test_perfect_ranking_has_no_interval():
    estimate = average_precision([False, True, True], [0.1, 0.2, 0.3])
    assert (estimate.value, estimate.ci_high, estimate.reason) == (1.0, None, PERFECT)

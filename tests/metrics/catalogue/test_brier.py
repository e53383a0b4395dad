"""The Brier score and its scaled form."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.brier import brier, multiclass_brier, scaled_brier

FEW = Bootstrap(20, 0, 0.95)


def test_breast_cancer(breast_cancer, bootstrap):
    estimate = brier(*breast_cancer, bootstrap=bootstrap)
    assert estimate.value == pytest.approx(0.0195033, abs=5e-8)
    assert estimate.ci_low < estimate.value < estimate.ci_high


def test_interval_is_close_to_that_of_a_mean_within_classes(breast_cancer):
    is_positive, probs = breast_cancer
    errors = (probs - is_positive) ** 2
    variance = sum(errors[group].var() * group.sum() for group in (is_positive, ~is_positive)) / errors.size**2
    estimate = brier(is_positive, probs, bootstrap=Bootstrap(4000, 0, 0.95))
    assert estimate.ci_high - estimate.ci_low == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.06)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=20))
def test_value_is_scikit_learns(cases):
    is_positive, probs = np.array([case[0] for case in cases]), np.array([case[1] for case in cases])
    expected = brier_score_loss(is_positive, probs, labels=[False, True])
    assert brier(is_positive, probs, bootstrap=FEW).value == pytest.approx(expected, abs=1e-12)


def test_scaled_brier_is_zero_for_the_prevalence_and_one_for_the_truth():
    is_positive = np.array([True, False, False, False])
    assert scaled_brier(is_positive, np.full(4, 0.25), bootstrap=FEW).value == pytest.approx(0)
    assert scaled_brier(is_positive, is_positive.astype(float), bootstrap=FEW).value == 1


def test_scaled_brier_follows_the_prevalence_of_resampled_patients():
    is_positive = np.array([True, False, True, False, False, False])
    probs = np.array([0.8, 0.3, 0.6, 0.4, 0.2, 0.1])
    estimate = scaled_brier(is_positive, probs, bootstrap=FEW, patients=np.array([0, 0, 1, 1, 2, 3]))
    assert estimate.value == pytest.approx(1 - ((probs - is_positive) ** 2).mean() / (2 / 9))
    assert estimate.method.startswith("percentile bootstrap of patients")


def test_multiclass_brier_is_scikit_learns():
    rng = np.random.default_rng(0)
    probs, targets = rng.dirichlet([1, 1, 1], size=50), rng.integers(0, 3, size=50)
    expected = brier_score_loss(targets, probs, scale_by_half=False, labels=[0, 1, 2])
    assert multiclass_brier(targets, probs, bootstrap=FEW).value == pytest.approx(expected, abs=1e-12)


def test_no_cases_and_one_class():
    nothing = np.array([])
    assert brier(nothing.astype(bool), nothing, bootstrap=FEW).reason == "no case"
    assert multiclass_brier(nothing.astype(int), nothing.reshape(0, 3), bootstrap=FEW).reason == "no case"
    assert scaled_brier(np.array([True]), np.array([0.4]), bootstrap=FEW).reason == "one class only: no negative case"
    assert brier(np.array([True]), np.array([0.4]), bootstrap=FEW).value == pytest.approx(0.36)

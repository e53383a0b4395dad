"""Slope, intercept and calibration-in-the-large."""

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from reprodx.metrics.calibration import (
    CONSTANT,
    EXTREME_PROB,
    NOT_CONVERGED,
    ONE_PATIENT,
    SEPARATED,
    calibration_in_the_large,
    recalibration,
)

Z = norm.ppf(0.975)


def se(estimate):
    return (estimate.ci_high - estimate.ci_low) / 2 / Z


def test_breast_cancer(breast_cancer):
    slope, intercept = recalibration(*breast_cancer, confidence_level=0.95)
    assert slope.value == pytest.approx(1.227387, abs=5e-7)
    assert se(slope) == pytest.approx(0.181638, abs=5e-7)
    assert intercept.ci_low < intercept.value < intercept.ci_high
    assert calibration_in_the_large(*breast_cancer, confidence_level=0.95).value == pytest.approx(0.087661, abs=5e-7)


@pytest.fixture
def cases():
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2, size=300)
    return rng.random(300) < expit(0.3 + 0.6 * logits), expit(logits)


def test_fit_is_scikit_learns(cases):
    is_positive, probs = cases
    slope, intercept = recalibration(is_positive, probs, confidence_level=0.95)
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(probs)[:, None], is_positive)
    assert slope.value == pytest.approx(model.coef_.item(), rel=1e-4)
    assert intercept.value == pytest.approx(model.intercept_.item(), rel=1e-4)


def test_calibration_in_the_large_balances_expected_and_observed(cases):
    is_positive, probs = cases
    shift = calibration_in_the_large(is_positive, probs, confidence_level=0.95).value
    assert expit(logit(probs) + shift).sum() == pytest.approx(is_positive.sum())


def test_recalibrated_probabilities_have_slope_one_and_intercept_zero(cases):
    is_positive, probs = cases
    slope, intercept = recalibration(is_positive, probs, confidence_level=0.95)
    probs = expit(intercept.value + slope.value * logit(probs))
    slope, intercept = recalibration(is_positive, probs, confidence_level=0.95)
    assert (slope.value, intercept.value) == pytest.approx((1, 0), abs=1e-6)


def test_duplicated_rows_change_no_clustered_interval(cases):
    is_positive, probs = (np.tile(values, 2) for values in cases)
    patients = np.tile(np.arange(300), 2)
    once = recalibration(*cases, confidence_level=0.95, patients=np.arange(300))
    for one, two in zip(once, recalibration(is_positive, probs, confidence_level=0.95, patients=patients), strict=True):
        assert (two.ci_low, two.ci_high) == pytest.approx((one.ci_low, one.ci_high))
        assert two.method == "Wald, sandwich clustered by patient"
    naive, _ = recalibration(is_positive, probs, confidence_level=0.95)
    assert se(naive) < 0.8 * se(once[0])


@pytest.mark.parametrize(
    ("is_positive", "probs", "reason"),
    [
        ([0, 0, 0], [0.1, 0.2, 0.3], "one class only: no positive case"),
        ([0, 1, 0], [0.4, 0.4, 0.4], CONSTANT),
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], SEPARATED),
        ([1, 1, 0, 0], [0.1, 0.2, 0.2, 0.4], SEPARATED),
        ([0, 1, 0, 1, 0, 1], 0.4 + 5e-16 * np.arange(6), NOT_CONVERGED),
        ([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], None),
        ([0, 1, 0, 1], [0.0, 0.2, 0.3, 1.0], None),
    ],
)
def test_what_has_no_slope_has_a_reason(is_positive, probs, reason):
    estimates = recalibration(np.array(is_positive, dtype=bool), np.array(probs), confidence_level=0.95)
    assert [estimate.reason for estimate in estimates] == [reason] * 2
    assert all((estimate.value is None) == (reason is not None) for estimate in estimates)


def test_calibration_in_the_large_needs_two_classes_but_no_spread():
    constant = calibration_in_the_large(np.array([True, False]), np.array([0.2, 0.2]), confidence_level=0.95)
    assert constant.value == pytest.approx(logit(0.5) - logit(0.2))
    one_class = calibration_in_the_large(np.array([True, True]), np.array([0.2, 0.3]), confidence_level=0.95)
    assert one_class.reason == "one class only: no negative case"


@pytest.mark.parametrize("share_wrong", [0.02, 0.2, 0.4])
def test_an_overconfident_model_is_fitted_too(share_wrong):
    rng = np.random.default_rng(0)
    is_positive = rng.random(200) < 0.3
    probs = expit(np.where(is_positive ^ (rng.random(200) < share_wrong), 30, -30) + rng.normal(size=200))
    shift = calibration_in_the_large(is_positive, probs, confidence_level=0.95)
    clipped = np.clip(probs, EXTREME_PROB, 1 - EXTREME_PROB)
    assert expit(logit(clipped) + shift.value).mean() == pytest.approx(is_positive.mean(), abs=1e-9)
    assert shift.ci_low < shift.value < shift.ci_high
    slope, _ = recalibration(is_positive, probs, confidence_level=0.95)
    assert 0 < slope.value < 1


def test_one_patient_has_no_interval(cases):
    slope, _ = recalibration(*cases, confidence_level=0.95, patients=np.zeros(300, dtype=int))
    assert (slope.reason, slope.ci_low) == (ONE_PATIENT, None)
    assert slope.value == recalibration(*cases, confidence_level=0.95)[0].value

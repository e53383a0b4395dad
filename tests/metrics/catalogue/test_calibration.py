"""Slope, intercept and calibration-in-the-large."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from reprodx.metrics.asked import View
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.catalogue.calibration import CONSTANT, EXTREME_PROB, SEPARATED, Recalibration, Shift, logits_of
from reprodx.metrics.measured import measured, sampling_variance
from reprodx.metrics.undefined import TOO_FEW_CLUSTERS
from tests.scored import asked, scored
from tests.settings import score_settings

SLOPE, INTERCEPT, IN_THE_LARGE = "calibration_slope", "calibration_intercept", "calibration_in_the_large"


def standard_error(name, cases):
    return np.sqrt(sampling_variance(measured(metric_of(name), View.BINARY, [cases], score_settings()))[0])


@pytest.fixture
def cases():
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2, size=300)
    return rng.random(300) < expit(0.3 + 0.6 * logits), expit(logits)


def fitted(is_positive, probs, patients=None):
    """Statsmodels' fits of slope and intercept, and of the intercept with an offset, with the robust variance."""
    groups = np.arange(probs.size) if patients is None else patients
    robust = {"cov_type": "cluster", "cov_kwds": {"groups": groups}}
    binomial, logits = sm.families.Binomial(), logits_of(probs)
    line = sm.GLM(is_positive * 1.0, sm.add_constant(logits), binomial).fit(**robust)
    shift = sm.GLM(is_positive * 1.0, np.ones(probs.size), binomial, offset=logits).fit(**robust)
    return {INTERCEPT: (line, 0), SLOPE: (line, 1), IN_THE_LARGE: (shift, 0)}


def test_breast_cancer(breast_cancer):
    slope = scored(SLOPE, asked(*breast_cancer))
    assert slope.value == pytest.approx(1.227387, abs=5e-7)
    assert scored(IN_THE_LARGE, asked(*breast_cancer)).value == pytest.approx(0.087661, abs=5e-7)
    assert (slope.ci_high - slope.ci_low) / (2 * norm.ppf(0.975)) == pytest.approx(0.181638, abs=5e-7)
    assert slope.ci_low < slope.value < slope.ci_high


@pytest.mark.parametrize("num_patients", [None, 80])
@pytest.mark.parametrize("name", [SLOPE, INTERCEPT, IN_THE_LARGE])
def test_values_and_sandwich_are_statsmodels(cases, name, num_patients):
    patients = None if num_patients is None else np.random.default_rng(1).permutation(np.arange(300) % num_patients)
    fit, place = fitted(*cases, patients)[name]
    asked_cases = asked(*cases, patients=patients)
    assert scored(name, asked_cases).value == pytest.approx(fit.params[place], rel=1e-6)
    # Statsmodels also counts the coefficients, (n - 1) / (n - k).
    correction = np.sqrt((300 - 1) / (300 - fit.params.size))
    assert standard_error(name, asked_cases) * correction == pytest.approx(fit.bse[place], rel=1e-4)
    alone = "sandwich" if name == IN_THE_LARGE else "Wald"
    assert scored(name, asked_cases).method == (alone if num_patients is None else "sandwich clustered by patient")


def test_fit_is_scikit_learns(cases):
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(cases[1])[:, None], cases[0])
    assert scored(SLOPE, asked(*cases)).value == pytest.approx(model.coef_.item(), rel=1e-4)
    assert scored(INTERCEPT, asked(*cases)).value == pytest.approx(model.intercept_.item(), rel=1e-4)


def test_calibration_in_the_large_balances_expected_and_observed(cases):
    shift = scored(IN_THE_LARGE, asked(*cases)).value
    assert expit(logit(cases[1]) + shift).sum() == pytest.approx(cases[0].sum())


def test_recalibrated_probabilities_have_slope_one_and_intercept_zero(cases):
    intercept, slope = (scored(name, asked(*cases)).value for name in (INTERCEPT, SLOPE))
    mended = asked(cases[0], expit(intercept + slope * logit(cases[1])))
    assert [scored(name, mended).value for name in (SLOPE, INTERCEPT)] == pytest.approx([1, 0], abs=1e-6)


def test_duplicated_rows_change_no_clustered_interval(cases):
    is_positive, probs = (np.tile(values, 2) for values in cases)
    for name in (SLOPE, INTERCEPT, IN_THE_LARGE):
        once = standard_error(name, asked(*cases))
        assert standard_error(name, asked(is_positive, probs, patients=np.tile(np.arange(300), 2))) == pytest.approx(
            once
        )
        assert standard_error(name, asked(is_positive, probs)) < 0.8 * once


@given(st.integers(0, 2**32 - 1))
def test_weights_are_repeated_cases(seed):
    rng = np.random.default_rng(seed)
    probs = expit(rng.normal(size=40))
    is_positive = rng.random(40) < 0.5
    weights = rng.integers(1, 4, size=(2, 40))
    for place, name in enumerate((INTERCEPT, SLOPE, IN_THE_LARGE)):
        weighted = Shift(is_positive, probs) if name == IN_THE_LARGE else Recalibration(is_positive, probs, place)
        for row, value in zip(weights, weighted(weights.astype(float)), strict=True):
            alone = scored(name, asked(np.repeat(is_positive, row), np.repeat(probs, row)))
            if alone.value is not None:
                assert value == pytest.approx(alone.value, abs=1e-6)


def test_a_resample_of_one_class_is_undefined(cases):
    only_positive = cases[0][None].astype(float)
    assert np.isnan(Recalibration(*cases, 1)(only_positive)).all()
    assert np.isnan(Shift(*cases)(only_positive)).all()


@pytest.mark.parametrize(
    ("is_positive", "probs", "reason"),
    [
        ([0, 0, 0], [0.1, 0.2, 0.3], "one class only: no positive case"),
        ([0, 1, 0], [0.4, 0.4, 0.4], CONSTANT),
        ([0, 0, 1, 1], [0.1, 0.2, 0.3, 0.4], SEPARATED),
        ([1, 1, 0, 0], [0.1, 0.2, 0.2, 0.4], SEPARATED),
        ([0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4], None),
        ([0, 1, 0, 1], [0.0, 0.2, 0.3, 1.0], None),
    ],
)
def test_what_has_no_slope_has_a_reason(is_positive, probs, reason):
    estimates = [scored(name, asked(is_positive, probs)) for name in (SLOPE, INTERCEPT)]
    assert [estimate.reason for estimate in estimates] == [reason] * 2
    assert all((estimate.value is None) == (reason is not None) for estimate in estimates)


def test_probabilities_that_hardly_differ_have_a_finite_slope_or_a_reason():
    found = scored(SLOPE, asked([0, 1, 0, 1, 0, 1], 0.4 + 5e-16 * np.arange(6)))
    assert (found.value is None) == (found.reason is not None and found.ci_low is None)
    assert found.value is None or np.isfinite(found.value)


def test_calibration_in_the_large_needs_two_classes_but_no_spread():
    constant = scored(IN_THE_LARGE, asked([True, False], [0.2, 0.2]))
    assert constant.value == pytest.approx(logit(0.5) - logit(0.2))
    assert scored(IN_THE_LARGE, asked([True, True], [0.2, 0.3])).reason == "one class only: no negative case"


@pytest.mark.parametrize("share_wrong", [0.02, 0.2, 0.4])
def test_an_overconfident_model_is_fitted_too(share_wrong):
    rng = np.random.default_rng(0)
    is_positive = rng.random(200) < 0.3
    probs = expit(np.where(is_positive ^ (rng.random(200) < share_wrong), 30, -30) + rng.normal(size=200))
    shift = scored(IN_THE_LARGE, asked(is_positive, probs))
    clipped = np.clip(probs, EXTREME_PROB, 1 - EXTREME_PROB)
    assert expit(logit(clipped) + shift.value).mean() == pytest.approx(is_positive.mean(), abs=1e-9)
    assert shift.ci_low < shift.value < shift.ci_high
    assert 0 < scored(SLOPE, asked(is_positive, probs)).value < 1


def test_one_patient_has_no_interval(cases):
    slope = scored(SLOPE, asked(*cases, patients=np.zeros(300)))
    assert (slope.reason, slope.ci_low) == (TOO_FEW_CLUSTERS, None)
    assert slope.value == scored(SLOPE, asked(*cases)).value

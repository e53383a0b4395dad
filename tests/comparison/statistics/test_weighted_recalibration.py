"""Calibration slope and calibration-in-the-large of weighted cases, beside statsmodels."""

import numpy as np
import pytest
from scipy.special import expit, logit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from reprodx.comparison.statistics import weighted_recalibration
from reprodx.comparison.statistics.weighted_recalibration import weighted_calibration_in_the_large, weighted_slope


def drawn(rng, num_resamples, n):
    return np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(num_resamples)]).astype(float)


def overconfident_cases(rng, n):
    is_positive = rng.random(n) < 0.3
    return is_positive, expit(1.5 * (rng.normal(size=n) + 1.2 * is_positive - 1.3))


def glm(is_positive, weights, design, offset=None):
    model = GLM(is_positive.astype(float), design, family=Binomial(), freq_weights=weights, offset=offset)
    return model.fit(tol=1e-12, maxiter=200).params


@pytest.mark.parametrize("n", [60, 400, 5000])
def test_coefficients_are_those_of_a_weighted_fit(n):
    rng = np.random.default_rng(0)
    is_positive, probs = overconfident_cases(rng, n)
    weights, logits = drawn(rng, 8, n), logit(probs)
    designs = np.column_stack([np.ones(n), logits]), np.ones((n, 1))
    slopes = [glm(is_positive, row, designs[0])[1] for row in weights]
    intercepts = [glm(is_positive, row, designs[1], logits)[0] for row in weights]
    assert weighted_slope(is_positive, probs)(weights) == pytest.approx(np.array(slopes), abs=1e-4)
    assert weighted_calibration_in_the_large(is_positive, probs)(weights) == pytest.approx(
        np.array(intercepts), abs=1e-5
    )


@pytest.mark.parametrize("weighted", [weighted_slope, weighted_calibration_in_the_large])
@pytest.mark.parametrize("n", [200, 2000])
def test_the_expansion_is_off_by_a_thousandth_of_the_spread_at_most(weighted, n, monkeypatch):
    rng = np.random.default_rng(1)
    statistic, weights = weighted(*overconfident_cases(rng, n)), drawn(rng, 500, n)
    expanded = statistic(weights)
    monkeypatch.setattr(weighted_recalibration, "EXPANSION_RADIUS", 0)
    exact = statistic(weights)
    assert not np.array_equal(expanded, exact)
    assert np.abs(expanded - exact).max() < 1e-3 * exact.std()


def test_resamples_that_separate_the_classes_have_no_slope_and_others_do():
    is_positive = np.array([False, False, False, True, True, True])
    probs = np.array([0.1, 0.2, 0.6, 0.4, 0.7, 0.8])
    weights = np.array([[1.0, 1, 1, 1, 1, 1], [2.0, 1, 0, 1, 1, 1], [1.0, 1, 2, 2, 1, 1]])
    slopes = weighted_slope(is_positive, probs)(weights)
    assert np.isnan(slopes).tolist() == [False, True, False]


@pytest.mark.parametrize("weighted", [weighted_slope, weighted_calibration_in_the_large])
def test_a_resample_of_one_class_is_undefined(weighted):
    is_positive, probs = np.array([False, True, False, True]), np.array([0.2, 0.3, 0.4, 0.6])
    values = weighted(is_positive, probs)(np.array([[1.0, 0, 2, 0], [0.0, 1, 0, 1], [1.0, 1, 1, 1]]))
    assert np.isnan(values).tolist() == [True, True, False]


def test_certain_probabilities_are_balanced_too():
    rng = np.random.default_rng(2)
    is_positive = rng.random(500) < 0.4
    probs = np.where(rng.random(500) < 0.1, 0.5, np.where(rng.random(500) < 0.9, is_positive, ~is_positive))
    weights = drawn(rng, 40, 500)
    intercepts = weighted_calibration_in_the_large(is_positive, probs)(weights)
    logits = logit(np.clip(probs, 1e-6, 1 - 1e-6))
    expected = (weights * expit(logits + intercepts[:, None])).sum(axis=1)
    assert expected == pytest.approx(weights @ is_positive, rel=1e-4)

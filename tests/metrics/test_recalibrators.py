"""Recalibrators against scikit-learn and against what their optimum must satisfy."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from reprodx.errors import UndefinedMetricError
from reprodx.metrics.recalibrators import (
    NO_ERROR,
    NO_SKILL,
    fit_binary_temperature,
    fit_isotonic,
    fit_platt,
    fit_temperature,
)

FITS = (fit_binary_temperature, fit_platt, fit_isotonic)


class Logits(ClassifierMixin, BaseEstimator):
    """A fitted classifier whose input is its output."""

    def __init__(self, num_classes=2):
        self.num_classes = num_classes

    def fit(self, inputs, targets):
        return self

    @property
    def classes_(self):
        return np.arange(self.num_classes)

    def decision_function(self, inputs):
        return inputs[:, 0] if self.num_classes == 2 else inputs

    def predict(self, inputs):
        return np.zeros(len(inputs), dtype=int)

    def __sklearn_is_fitted__(self):
        return True


@pytest.fixture
def cases():
    """Too extreme and too low, by known amounts."""
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2.5, size=600)
    return rng.random(600) < expit(0.4 + 0.5 * logits), expit(logits)


def test_temperature_is_scikit_learns(cases):
    is_positive, probs = cases
    recalibrated, words = fit_binary_temperature(is_positive, probs)
    reference = CalibratedClassifierCV(FrozenEstimator(Logits()), method="temperature")
    reference.fit(logit(probs)[:, None], is_positive.astype(int))
    expected = reference.predict_proba(logit(probs)[:, None])[:, 1]
    np.testing.assert_allclose(recalibrated(probs), expected, atol=1e-4)
    assert words.startswith("temperature 1.")


def test_temperature_of_several_classes_is_scikit_learns():
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=2, size=(500, 3))
    truth = np.exp(logits / 2) / np.exp(logits / 2).sum(axis=1, keepdims=True)
    targets = (rng.random(500)[:, None] > truth.cumsum(axis=1)).sum(axis=1)
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    recalibrated, _ = fit_temperature(targets, probs)
    reference = CalibratedClassifierCV(FrozenEstimator(Logits(3)), method="temperature").fit(logits, targets)
    np.testing.assert_allclose(recalibrated(probs), reference.predict_proba(logits), atol=1e-4)
    assert (recalibrated(probs).argmax(axis=1) == probs.argmax(axis=1)).all()


def test_at_the_best_temperature_the_slope_of_the_loss_is_zero(cases):
    is_positive, probs = cases
    logits = logit(probs)
    best = brentq(lambda scale: ((expit(scale * logits) - is_positive) * logits).sum(), 0.01, 10)
    _, words = fit_binary_temperature(is_positive, probs)
    assert float(words.split()[1]) == pytest.approx(1 / best, abs=0.001)


def test_platt_is_scikit_learns_logistic_regression(cases):
    is_positive, probs = cases
    recalibrated, words = fit_platt(is_positive, probs)
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(probs)[:, None], is_positive)
    np.testing.assert_allclose(recalibrated(probs), model.predict_proba(logit(probs)[:, None])[:, 1], atol=1e-5)
    assert words.startswith("slope 0.")


def test_isotonic_pools_what_falls():
    recalibrated, words = fit_isotonic(np.array([False, True, False, True]), np.array([0.1, 0.3, 0.6, 0.9]))
    np.testing.assert_allclose(recalibrated(np.array([0.0, 0.3, 0.4, 0.6, 0.75, 1.0])), [0, 0.5, 0.5, 0.5, 0.75, 1])
    assert words == "3 levels"


def test_temperature_and_platt_keep_every_order_and_isotonic_makes_ties(cases):
    is_positive, probs = cases
    area = roc_auc_score(is_positive, probs)
    for fit in (fit_binary_temperature, fit_platt):
        assert roc_auc_score(is_positive, fit(is_positive, probs)[0](probs)) == area
    isotonic = fit_isotonic(is_positive, probs)[0](probs)
    assert np.unique(isotonic).size < np.unique(probs).size
    assert roc_auc_score(is_positive, isotonic) != area


@pytest.mark.parametrize("fit", FITS)
def test_each_takes_probabilities_of_exactly_0_and_1(cases, fit):
    is_positive, probs = cases
    recalibrated, _ = fit(is_positive, np.round(probs, 1))
    found = recalibrated(np.array([0.0, 0.5, 1.0]))
    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize("fit", FITS)
@pytest.mark.parametrize(("targets", "reason"), [([], "no case"), ([0, 0], "no positive case"), ([1], "no negative")])
def test_each_needs_both_classes(fit, targets, reason):
    with pytest.raises(UndefinedMetricError, match=reason):
        fit(np.array(targets, dtype=bool), np.linspace(0.1, 0.9, len(targets)))


def test_separated_cases_have_no_finite_fit_but_an_isotonic_one():
    is_positive, probs = np.array([False, False, True, True]), np.array([0.1, 0.2, 0.7, 0.9])
    with pytest.raises(UndefinedMetricError, match=NO_ERROR):
        fit_binary_temperature(is_positive, probs)
    with pytest.raises(UndefinedMetricError, match="perfect separation"):
        fit_platt(is_positive, probs)
    assert fit_isotonic(is_positive, probs)[0](probs).tolist() == [0, 0, 1, 1]
    with pytest.raises(UndefinedMetricError, match=NO_SKILL):
        fit_binary_temperature(~is_positive, probs)
    with pytest.raises(UndefinedMetricError, match="no case"):
        fit_temperature(np.array([], dtype=np.int64), np.zeros((0, 3)))

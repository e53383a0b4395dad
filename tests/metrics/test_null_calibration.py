"""Null bands against exact expectations and against scoring drawn outcomes one by one."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit
from scipy.stats import norm

from reprodx.metrics.calibration_error import TOO_EQUAL, binned_distance, smoothed_rates
from reprodx.metrics.null_calibration import INDEPENDENT, null_calibration
from tests.settings import score_settings


def expected_ece(probs, num_bins):
    """Return the expectation from the exact distribution of the positives in each bin, by convolution."""
    total = 0.0
    for part in np.split(np.sort(probs), np.flatnonzero(np.diff(np.arange(probs.size) * num_bins // probs.size)) + 1):
        distribution = np.ones(1)
        for prob in part:
            distribution = np.convolve(distribution, [1 - prob, prob])
        total += distribution @ np.abs(np.arange(distribution.size) - part.sum())
    return total / probs.size


def mean_distance(outcomes, probs):
    return np.abs(smoothed_rates(outcomes, probs) - probs).mean()


@pytest.fixture
def many_draws(settings):
    return dataclasses.replace(settings, num_null_draws=4000, num_calibration_bins=15)


def test_a_perfectly_calibrated_model_of_200_cases_shows_an_error_of_7_percent(many_draws):
    # Logits of spread 2.4, which tell the classes apart with an AUROC of 0.89.
    probs = expit(2.4 * norm.ppf((np.arange(200) + 0.5) / 200))
    null = null_calibration(np.arange(200) < 100, probs, many_draws)["ece_null"]
    assert null.value == pytest.approx(0.074, abs=0.001)
    assert null.value == pytest.approx(expected_ece(probs, 15), abs=0.0015)
    assert null.ci_low < null.value < null.ci_high
    assert null.method == "range of 4000 draws of outcomes from the probabilities"


def test_draws_are_those_of_scoring_one_by_one(settings):
    rng = np.random.default_rng(0)
    probs = rng.beta(0.5, 1, size=300)
    null = null_calibration(rng.random(300) < probs, probs, dataclasses.replace(settings, num_null_draws=2000))
    eces, icis = [], []
    for _ in range(300):
        outcomes = rng.random(300) < probs
        eces.append(binned_distance(outcomes, probs, 10))
        icis.append(mean_distance(outcomes, probs))
    for estimate, values in ((null["ece_null"], eces), (null["ici_null"], icis)):
        assert estimate.value == pytest.approx(np.mean(values), abs=4 * np.std(values) / 300**0.5)
        low, high = np.quantile(values, [0.025, 0.975])
        assert (estimate.ci_low, estimate.ci_high) == pytest.approx((low, high), rel=0.25, abs=0.002)


def test_ninety_five_of_a_hundred_calibrated_models_lie_within_their_range(settings):
    inside = {"ece": [], "ici": []}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        probs = rng.random(120)
        outcomes = rng.random(120) < probs
        null = null_calibration(outcomes, probs, settings)
        errors = {
            "ece": binned_distance(outcomes, probs, 10),
            "ici": mean_distance(outcomes, probs),
        }
        for name, error in errors.items():
            inside[name].append(null[f"{name}_null"].ci_low <= error <= null[f"{name}_null"].ci_high)
    assert all(0.89 <= np.mean(hits) <= 0.99 for hits in inside.values())


def test_a_miscalibrated_model_lies_outside(settings):
    rng = np.random.default_rng(0)
    logits = rng.normal(size=600)
    outcomes, probs = rng.random(600) < expit(logits), expit(3 * logits)
    null = null_calibration(outcomes, probs, settings)
    assert binned_distance(outcomes, probs, 10) > null["ece_null"].ci_high
    assert mean_distance(outcomes, probs) > null["ici_null"].ci_high


def test_several_cases_a_patient_are_said_to_be_taken_as_independent(settings):
    probs, outcomes = np.linspace(0.1, 0.9, 40), np.arange(40) % 3 == 0
    clustered = null_calibration(outcomes, probs, settings, patients=np.arange(40) // 2)
    usual = null_calibration(outcomes, probs, settings)
    assert clustered["ece_null"].method.endswith(INDEPENDENT)
    assert INDEPENDENT not in usual["ece_null"].method
    assert clustered["ece_null"].value == usual["ece_null"].value


def test_what_has_no_band_says_why(settings):
    certain = null_calibration(np.array([True, False, True]), np.array([1.0, 0.0, 1.0]), settings)["ece_null"]
    assert (certain.value, certain.ci_low) == (0, None)
    assert "equal" in certain.reason
    equal = null_calibration(np.array([True, False, True]), np.full(3, 0.4), settings)
    assert equal["ici_null"].reason == TOO_EQUAL
    assert equal["ece_null"].ci_low is not None
    one_class = null_calibration(np.array([True] * 3), np.array([0.1, 0.4, 0.6]), settings)
    assert one_class["ici_null"].reason == "one class only: no negative case"
    none = null_calibration(np.array([], dtype=bool), np.array([]), settings)
    assert {estimate.reason for estimate in none.values()} == {"no case"}


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1)), st.integers(0, 2**30))
def test_no_probability_makes_it_crash_or_say_nan(probs, seed):
    outcomes = np.random.default_rng(seed).random(probs.size) < probs
    for estimate in null_calibration(outcomes, probs, score_settings()).values():
        json.dumps(estimate.as_dict(), allow_nan=False)
        assert (estimate.ci_low is None) == (estimate.reason is not None)

"""Distances of outcomes from probabilities, and what a perfect model would have."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.asked import View
from reprodx.metrics.calibration_error import TOO_EQUAL
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.catalogue.calibration_error import OF_CHANCE
from reprodx.metrics.estimation import difference
from reprodx.metrics.measured import measured
from reprodx.metrics.null_calibration import null_calibration
from tests.scored import asked, drawn, scored
from tests.settings import score_settings

CURVES = ("ici", "e50", "e90", "emax")
CASES = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 1.0])), min_size=1, max_size=40)


def test_breast_cancer(breast_cancer):
    found = {name: scored(name, asked(*breast_cancer)).value for name in CURVES}
    assert found["ici"] == pytest.approx(0.007980, abs=5e-7)
    assert found["e50"] < found["ici"] < found["e90"] < found["emax"]


def test_the_binned_error_is_the_mean_distance_over_equal_parts():
    probs = np.random.default_rng(0).random(100)
    is_positive = np.random.default_rng(1).random(100) < probs
    distances = [abs(is_positive[part].mean() - probs[part].mean()) for part in np.array_split(np.argsort(probs), 5)]
    found = scored("ece", asked(is_positive, probs), num_calibration_bins=5)
    assert found.value == pytest.approx(np.mean(distances))


@given(CASES, st.integers(1, 10), st.integers(0, 2**32 - 1))
def test_the_order_of_cases_does_not_matter(cases, num_bins, seed):
    is_positive, probs = np.array([case[0] for case in cases]), np.array([case[1] for case in cases])
    order = np.random.default_rng(seed).permutation(probs.size)
    one = scored("ece", asked(is_positive, probs), num_calibration_bins=num_bins)
    other = scored("ece", asked(is_positive[order], probs[order]), num_calibration_bins=num_bins)
    assert other.value == pytest.approx(one.value, abs=1e-12)
    assert 0 <= one.value <= 1


def test_distances_have_no_interval_and_say_why_in_differences_too():
    settings, pair = score_settings(), (drawn(View.BINARY), drawn(View.BINARY, seed=1))
    for name in ("ece", *CURVES):
        found = scored(name, pair[0])
        assert (found.ci_low, "biased upwards" in found.reason) == (None, True)
        between = difference(*(measured(metric_of(name), View.BINARY, [one], settings) for one in pair), settings)
        assert (between.p_value, between.estimate.ci_low) == (None, None)
        assert between.estimate.value == pytest.approx(found.value - scored(name, pair[1]).value)


def test_beside_each_stands_what_a_perfect_model_has():
    cases, settings = drawn(View.BINARY, num_patients=40), score_settings()
    expected = null_calibration(cases.is_positive, cases.positive_probs, settings, patients=cases.patients)
    for name in ("ece_null", "ici_null"):
        assert scored(name, cases) == expected[name]
        both = [measured(metric_of(name), View.BINARY, [one], settings) for one in (cases, drawn(View.BINARY, seed=1))]
        assert difference(*both, settings).estimate.reason == OF_CHANCE


@pytest.mark.parametrize(
    ("is_positive", "probs", "reason"),
    [
        ([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], "one class only: no positive case"),
        ([0, 1, 0, 1], [0.4, 0.4, 0.4, 0.4], TOO_EQUAL),
        ([0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 0.9], TOO_EQUAL),
    ],
)
def test_what_cannot_be_smoothed_has_a_reason(is_positive, probs, reason):
    cases = asked(is_positive, probs)
    assert {(scored(name, cases).value, scored(name, cases).reason) for name in (*CURVES, "ici_null")} == {
        (None, reason)
    }
    assert scored("ece", cases).value is not None


def test_no_cases():
    assert {scored(name, asked([], [])).reason for name in ("ece", "ici", "ece_null")} == {"no case"}

"""Distances between predicted probabilities and observed rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.calibration_error import (
    TOO_EQUAL,
    calibration_bins,
    expected_calibration_error,
    integrated_calibration_index,
    smoothed_rates,
)

CASES = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 1.0])), min_size=1, max_size=40)


def test_breast_cancer(breast_cancer):
    indices = integrated_calibration_index(*breast_cancer)
    assert indices["ici"].value == pytest.approx(0.007980, abs=5e-7)
    assert indices["e50"].value < indices["ici"].value < indices["e90"].value


def test_bins_without_ties_are_equal_parts_of_the_sorted_cases():
    probs = np.random.default_rng(0).random(100)
    is_positive = np.random.default_rng(1).random(100) < probs
    bins = calibration_bins(is_positive, probs, 5)
    parts = np.array_split(np.argsort(probs), 5)
    assert bins.num_cases.tolist() == [20] * 5
    assert bins.num_positives.tolist() == [is_positive[part].sum() for part in parts]
    np.testing.assert_allclose(bins.mean_probs, [probs[part].mean() for part in parts])
    distances = [abs(is_positive[part].mean() - probs[part].mean()) for part in parts]
    assert expected_calibration_error(is_positive, probs, num_bins=5).value == pytest.approx(np.mean(distances))


@given(CASES, st.integers(1, 10), st.integers(0, 2**32 - 1))
def test_the_order_of_cases_does_not_matter(cases, num_bins, seed):
    is_positive, probs = np.array([case[0] for case in cases]), np.array([case[1] for case in cases])
    order = np.random.default_rng(seed).permutation(probs.size)
    one = expected_calibration_error(is_positive, probs, num_bins=num_bins)
    other = expected_calibration_error(is_positive[order], probs[order], num_bins=num_bins)
    assert other.value == pytest.approx(one.value, abs=1e-12)
    assert 0 <= one.value <= 1
    bins = calibration_bins(is_positive, probs, num_bins)
    assert len(bins.num_cases) <= num_bins
    assert bins.num_cases.sum() == probs.size
    assert (bins.num_cases > 0).all()


def test_distances_have_no_interval_and_say_why(breast_cancer):
    estimates = [expected_calibration_error(*breast_cancer, num_bins=10)]
    estimates += integrated_calibration_index(*breast_cancer).values()
    assert {estimate.ci_low for estimate in estimates} == {None}
    assert all("biased upwards" in estimate.reason for estimate in estimates)


def test_true_probabilities_are_smoothed_onto_themselves():
    rng = np.random.default_rng(0)
    probs = rng.random(20000)
    smooth = smoothed_rates(rng.random(20000) < probs, probs)
    assert np.abs(smooth - probs).max() < 0.03


@pytest.mark.parametrize(
    ("is_positive", "probs", "reason"),
    [
        ([0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4], "one class only: no positive case"),
        ([0, 1, 0, 1], [0.4, 0.4, 0.4, 0.4], TOO_EQUAL),
        ([0, 1, 0, 1, 0, 1, 0, 1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 0.9], TOO_EQUAL),
    ],
)
def test_what_cannot_be_smoothed_has_a_reason(is_positive, probs, reason):
    indices = integrated_calibration_index(np.array(is_positive, dtype=bool), np.array(probs))
    assert {(estimate.value, estimate.reason) for estimate in indices.values()} == {(None, reason)}


def test_no_cases():
    estimate = expected_calibration_error(np.array([], dtype=bool), np.array([]), num_bins=10)
    assert (estimate.value, estimate.reason) == (None, "no case")

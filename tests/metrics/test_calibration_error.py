"""Outcomes beside predicted probabilities: in bins, and as a smooth curve."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reprodx.metrics.calibration_error import binned_distance, calibration_bins, smoothed_rates

PROBS = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 1.0]), min_size=1, max_size=40)


def test_bins_without_ties_are_equal_parts_of_the_sorted_cases():
    probs = np.random.default_rng(0).random(100)
    is_positive = np.random.default_rng(1).random(100) < probs
    bins = calibration_bins(is_positive, probs, 5)
    parts = np.array_split(np.argsort(probs), 5)
    assert bins.num_cases.tolist() == [20] * 5
    assert bins.num_positives.tolist() == [is_positive[part].sum() for part in parts]
    np.testing.assert_allclose(bins.mean_probs, [probs[part].mean() for part in parts])
    whole = binned_distance(is_positive, probs, 1)
    np.testing.assert_allclose(whole, abs(is_positive.mean() - probs.mean()))


@given(PROBS, st.integers(1, 10))
def test_equal_probabilities_share_a_bin(values, num_bins):
    probs = np.array(values)
    bins = calibration_bins(probs > 0.2, probs, num_bins)
    assert len(bins.num_cases) <= num_bins
    assert bins.num_cases.sum() == probs.size
    assert (bins.num_cases > 0).all()
    assert (np.diff(bins.mean_probs) > 0).all()


def test_true_probabilities_are_smoothed_onto_themselves():
    rng = np.random.default_rng(0)
    probs = rng.random(20000)
    smooth = smoothed_rates(rng.random(20000) < probs, probs)
    assert np.abs(smooth - probs).max() < 0.03

"""What a comparison could show."""

import math

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.power import NormalIndPower, normal_power

from reprodx.comparison.power import minimum_detectable, patients_needed, standard_error
from reprodx.metrics.difference import Difference
from reprodx.schemas import Estimate


def difference(low, high):
    return Difference(Estimate(0.0, low, high, 10, None, "made"), None, None)


def test_standard_error_is_read_from_a_wald_interval():
    half = norm.ppf(0.95) * 0.3
    assert standard_error(difference(0.1 - half, 0.1 + half), 0.9) == pytest.approx(0.3)


@pytest.mark.parametrize(("low", "high"), [(None, None), (0.0, 0.0)])
def test_no_interval_or_no_width_has_no_standard_error(low, high):
    assert standard_error(difference(low, high), 0.95) is None


@pytest.mark.parametrize(("alpha", "power"), [(0.05, 0.8), (0.05, 0.9), (0.01, 0.8)])
def test_a_minimum_detectable_difference_is_detected_with_its_power(alpha, power):
    detectable = minimum_detectable(1.0, alpha=alpha, power=power)
    # One-sided as Julious has it: what is significant on the other side counts as no success.
    assert normal_power(detectable, nobs=1, alpha=alpha / 2, alternative="larger") == pytest.approx(power)


def test_sample_size_is_that_of_statsmodels():
    """A difference of means of two groups of n has the variance 2 / n."""
    detectable = minimum_detectable(np.sqrt(2 / 100), alpha=0.05, power=0.9)
    expected = NormalIndPower().solve_power(0.2, alpha=0.05, power=0.9)
    assert patients_needed(100, detectable, 0.2) == math.ceil(expected) == 526


def test_patients_grow_with_the_square_and_are_rounded_up():
    assert patients_needed(100, 0.03, 0.02) == 225
    assert patients_needed(100, 0.03, -0.02) == 225
    assert patients_needed(101, 0.03, 0.02) == 228
    assert patients_needed(100, 0.03, 5.0) == 1


@pytest.mark.parametrize("wanted", [0.0, -0.0, 1e-200])
def test_no_number_shows_no_difference(wanted):
    assert patients_needed(100, 0.03, wanted) is None

"""What a comparison could show."""

import math

import numpy as np
import pytest
from scipy.stats import nct, norm
from scipy.stats import t as student
from statsmodels.stats.power import NormalIndPower, normal_power

from reprodx.comparison.power import minimum_detectable, precision, standard_error
from reprodx.metrics.difference import Difference
from reprodx.schemas import Estimate


def difference(low, high, **known):
    return Difference(Estimate(0.0, low, high, 10, None, "made"), None, None, **known)


def known(error, *, between=0.0, degrees=math.inf, num_patients=100, power=0.8):
    half = norm.ppf(0.975) * error
    given = difference(-half, half, standard_error=error, degrees_of_freedom=degrees, between=between)
    return precision(given, num_patients=num_patients, confidence_level=0.95, power=power)


def test_standard_error_is_the_differences_own_and_else_read_from_a_normal_interval():
    half = norm.ppf(0.95) * 0.3
    assert standard_error(difference(0.1 - half, 0.1 + half), 0.9) == pytest.approx(0.3)
    assert standard_error(difference(0.1 - half, 0.1 + half, standard_error=0.2), 0.9) == 0.2


@pytest.mark.parametrize(("low", "high"), [(None, None), (0.0, 0.0)])
def test_no_interval_or_no_width_has_no_standard_error(low, high):
    assert standard_error(difference(low, high, standard_error=0.1), 0.95) is None
    assert precision(difference(low, high), num_patients=9, confidence_level=0.95, power=0.8) is None


@pytest.mark.parametrize(("alpha", "power"), [(0.05, 0.8), (0.05, 0.9), (0.01, 0.8)])
def test_a_minimum_detectable_difference_is_detected_with_its_power(alpha, power):
    detectable = minimum_detectable(1.0, alpha=alpha, power=power)
    # One-sided as Julious has it: what is significant on the other side counts as no success.
    assert normal_power(detectable, nobs=1, alpha=alpha / 2, alternative="larger") == pytest.approx(power)


@pytest.mark.parametrize(("degrees", "tolerance"), [(2, 0.035), (6, 0.004), (30, 0.001)])
def test_so_it_is_by_t(degrees, tolerance):
    """By the non-central t, which the sum of two quantiles comes close to."""
    detectable = minimum_detectable(1.0, alpha=0.05, power=0.8, degrees_of_freedom=degrees)
    assert nct.sf(student.ppf(0.975, degrees), degrees, detectable) == pytest.approx(0.8, abs=tolerance)


def test_sample_size_is_that_of_statsmodels():
    """A difference of means of two groups of n has the variance 2 / n."""
    expected = NormalIndPower().solve_power(0.2, alpha=0.05, power=0.9)
    assert known(np.sqrt(2 / 100), power=0.9).patients_needed(0.2) == math.ceil(expected) == 526


def test_patients_grow_with_the_square_and_are_rounded_up():
    one = known(0.01)
    assert one.patients_needed(one.detectable) == 100
    assert one.patients_needed(one.detectable / 1.5) == 225
    assert known(0.01, num_patients=101).patients_needed(one.detectable / 1.5) == 228
    assert one.patients_needed(5.0) == 1
    assert one.floor == 0


@pytest.mark.parametrize("wanted", [0.0, 1e-200])
def test_no_number_shows_no_difference(wanted):
    assert known(0.01).patients_needed(wanted) is None


def test_what_seeds_add_does_not_shrink_with_patients():
    """Three seeds of each of two models: the variance is .0001 of patients and .00005 of seeds, by t on 36."""
    one = known(math.sqrt(0.00015), between=0.00005, degrees=36.0)
    assert one.detectable == pytest.approx((student.ppf(0.975, 36) + student.ppf(0.8, 36)) * math.sqrt(0.00015))
    # Without end only the seeds' variance is left, on the degrees of freedom that they have themselves.
    assert one.floor == pytest.approx((student.ppf(0.975, 4) + student.ppf(0.8, 4)) * math.sqrt(0.00005))
    wanted = 0.031
    assert one.floor < wanted < one.detectable
    needed = one.patients_needed(wanted)

    def detectable(num):
        variance = 0.0001 * 100 / num + 0.00005
        degrees = 36 * (variance / 0.00015) ** 2
        return (student.ppf(0.975, degrees) + student.ppf(0.8, degrees)) * math.sqrt(variance)

    assert detectable(needed) <= wanted < detectable(needed - 1)
    assert needed > 100 * (one.detectable / wanted) ** 2
    assert one.patients_needed(0.02) is None


def test_few_degrees_of_freedom_of_patients_grow_with_these():
    one = known(0.01, degrees=8.0)
    needed = one.patients_needed(one.detectable / 2)
    assert minimum_detectable(
        0.01 * math.sqrt(100 / needed), alpha=0.05, power=0.8, degrees_of_freedom=8 * needed / 100
    ) == pytest.approx(one.detectable / 2, rel=0.01)
    assert needed < 400
    seeds_too = known(0.01, between=1e-8, degrees=8.0)
    assert needed <= seeds_too.patients_needed(one.detectable / 2) < 420
    assert seeds_too.floor < 0.002


def test_the_patients_that_are_asked_for_keep_the_margin_with_the_wanted_power():
    """Five seeds of each of two equal models, whose variance each comparison has to estimate anew."""
    of_seed, sampling, seeds, draws, margin = 0.0001, 0.0001, 5, 100_000, 0.03
    between = 2 * of_seed / seeds
    degrees = (sampling + between) ** 2 / (2 * (of_seed / seeds) ** 2 / (seeds - 1))
    needed = known(math.sqrt(sampling + between), between=between, degrees=degrees).patients_needed(margin)
    assert needed > 100
    rng, left = np.random.default_rng(0), sampling * 100 / needed
    parts = of_seed / seeds * rng.chisquare(seeds - 1, (2, draws)) / (seeds - 1)
    variance = left + parts.sum(axis=0)
    degrees = variance**2 / ((parts**2).sum(axis=0) / (seeds - 1))
    low = rng.normal(0, math.sqrt(left + between), draws) - student.ppf(0.975, degrees) * np.sqrt(variance)
    assert (low > -margin).mean() == pytest.approx(0.8, abs=0.01)

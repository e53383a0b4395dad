"""One t distribution of a sum of variances that are known more or less well."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from scipy.stats import t as student

from reprodx.metrics.combined_t import degrees_of, quantile_of

VARIANCES = st.floats(1e-6, 1e3)
DEGREES = st.one_of(st.integers(1, 200).map(float), st.just(math.inf))


@given(st.lists(st.tuples(VARIANCES, DEGREES), min_size=1, max_size=4), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_quantile_lies_between_those_of_its_parts_and_its_t_has_it(parts, level):
    quantile = quantile_of(parts, level)
    of_each = [student.ppf((1 + level) / 2, degrees) for _, degrees in parts]
    assert min(of_each) * (1 - 1e-9) <= quantile <= max(of_each) * (1 + 1e-9)
    assert student.ppf((1 + level) / 2, degrees_of(quantile, level, parts)) == pytest.approx(quantile, rel=1e-5)


def test_two_of_cochran_and_cox():
    """Weighted by hand: 3 of 4 parts with t of 4 degrees of freedom, one with that of 9."""
    parts = [(3.0, 4.0), (1.0, 9.0)]
    assert quantile_of(parts, 0.95) == pytest.approx((3 * 2.776445 + 2.262157) / 4, abs=1e-6)


def test_parts_without_variance_count_for_nothing():
    parts = [(2.0, math.inf), (0.0, 1.0)]
    assert quantile_of(parts, 0.95) == pytest.approx(norm.ppf(0.975))
    assert degrees_of(quantile_of(parts, 0.95), 0.95, parts) == math.inf


def test_what_is_all_but_endless_is_z():
    parts = [(1.0, math.inf), (1e-14, 1.0)]
    assert degrees_of(quantile_of(parts, 0.95), 0.95, parts) == math.inf

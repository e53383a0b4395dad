"""Limits of a difference from those of both sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from reprodx.metrics.mover import mover

SIDES = st.tuples(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_of_wilsons_limits_it_is_newcombes(hits, misses, other_hits, other_misses):
    counts = (hits, hits + misses), (other_hits, other_hits + other_misses)
    limits = [proportion_confint(k, n, method="wilson") for k, n in counts]
    found = mover((hits / counts[0][1], other_hits / counts[1][1]), (limits[0], limits[1]), 0.0)
    expected = confint_proportions_2indep(*counts[0], *counts[1], compare="diff", method="newcomb")
    assert found == pytest.approx(expected, abs=1e-7)


@given(SIDES, SIDES, st.floats(-1, 1))
def test_it_turns_with_the_sides_and_symmetric_limits_give_the_variance_of_a_difference(one, other, correlation):
    values = one[0], other[0]
    limits = [(value - down, value + up) for value, down, up in (one, other)]
    low, high = mover(values, (limits[0], limits[1]), correlation)
    assert low - 1e-12 <= values[0] - values[1] <= high + 1e-12
    turned = mover(values[::-1], (limits[1], limits[0]), correlation)
    assert turned == pytest.approx((-high, -low))
    even = [(value - margin, value + margin) for value, margin, _ in (one, other)]
    low, high = mover(values, (even[0], even[1]), correlation)
    variance = one[1] ** 2 + other[1] ** 2 - 2 * correlation * one[1] * other[1]
    assert (high - low) / 2 == pytest.approx(np.sqrt(max(0, variance)), abs=1e-6)


def test_full_correlation_of_equal_sides_leaves_nothing():
    assert mover((0.9, 0.9), ((0.8, 0.95), (0.85, 1.0)), 1.0) == pytest.approx((0, 0), abs=1e-7)

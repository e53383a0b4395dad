"""Newcombe's intervals of differences of proportions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from reprodx.metrics.newcombe import paired_interval, square_and_add

TABLES = st.tuples(*[st.integers(0, 40)] * 4).filter(any)


def test_independent_published():
    """Newcombe, Stat Med 1998;17:873, table II (a), method 10."""
    found = square_and_add((56, 70), (48, 80), correlation=0, confidence_level=0.95)
    assert found == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found == pytest.approx(confint_proportions_2indep(56, 70, 48, 80, compare="diff", method="newcomb"))


@pytest.mark.parametrize(
    ("table", "limits"),
    [
        # Cavo et al. 2012, as printed by the R package contingencytables of Fagerland, Lydersen & Laake,
        # Statistical Analysis of Contingency Tables, 2017, chapter 8.
        ((59, 6, 16, 80), (-0.1186, -0.0046)),
    ],
)
def test_paired_published(table, limits):
    assert paired_interval(table, confidence_level=0.95) == pytest.approx(limits, abs=5e-5)


def test_correlation_is_corrected_where_it_is_positive_alone():
    """Of 1, 1, 7, 12 the excess 5 is below half of the 21 cases, so that phi is taken for 0."""
    as_independent = square_and_add((2, 21), (8, 21), correlation=0, confidence_level=0.95)
    assert paired_interval((1, 1, 7, 12), confidence_level=0.95) == as_independent
    phi = (2 * 3 - 8 * 9) / (10 * 12 * 11 * 11) ** 0.5
    expected = square_and_add((10, 22), (11, 22), correlation=phi, confidence_level=0.95)
    assert paired_interval((2, 8, 9, 3), confidence_level=0.95) == pytest.approx(expected)
    narrower = paired_interval((8, 2, 3, 9), confidence_level=0.95)
    assert narrower[0] > expected[0]
    assert narrower[1] < expected[1]


@given(TABLES, st.sampled_from([0.8, 0.95, 0.99]))
def test_interval_holds_the_difference_and_turns_with_the_models(table, level):
    both, first, second, neither = table
    low, high = paired_interval(table, confidence_level=level)
    value = (first - second) / sum(table)
    assert -1 <= low <= value + 1e-12
    assert value - 1e-12 <= high <= 1
    mirrored = paired_interval((both, second, first, neither), confidence_level=level)
    assert mirrored == pytest.approx((-high, -low), abs=1e-12)
    of_errors = paired_interval((neither, second, first, both), confidence_level=level)
    assert of_errors == pytest.approx((-high, -low), abs=1e-12)


@pytest.mark.simulation
@pytest.mark.parametrize("cells", [(0.7, 0.1, 0.1, 0.1), (0.8, 0.1, 0.05, 0.05), (0.5, 0.2, 0.1, 0.2)])
def test_coverage(cells):
    """Of the true difference, in 200 cases."""
    tables = np.random.default_rng(0).multinomial(200, cells, size=5000)
    truth = cells[1] - cells[2]
    limits = [paired_interval(tuple(table), confidence_level=0.95) for table in tables.tolist()]
    assert 0.93 <= np.mean([low <= truth <= high for low, high in limits]) <= 0.97

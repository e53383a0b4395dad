"""The rank correlation between attributions of trained and of random networks."""

import numpy as np
import pytest
from scipy.stats import rankdata

from reprodx.explanation.randomisation import network_seeds, randomisation, rank_correlation


def test_it_is_spearmans_correlation_of_absolute_values():
    rng = np.random.default_rng(0)
    trained, random = rng.normal(size=20), rng.normal(size=20)
    expected = np.corrcoef(rankdata(np.abs(trained)), rankdata(np.abs(random)))[0, 1]
    assert rank_correlation(trained, [random]) == pytest.approx(expected, rel=1e-5)
    assert rank_correlation(trained, [random, -trained]) == pytest.approx((expected + 1) / 2, rel=1e-5)


def test_attributions_that_follow_the_case_alone_have_a_correlation_of_one():
    case = np.array([0.1, 3.0, 0.5, 2.0])
    assert rank_correlation(case, [5 * case, -0.1 * case]) == 1.0


def test_parts_that_no_network_attributes_anything_to_do_not_make_networks_alike():
    trained, random = np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])
    padded = [np.concatenate([values, np.full(50, 1e-14)]) for values in (trained, random)]
    assert rank_correlation(padded[0], padded[1:]) == rank_correlation(trained, [random]) == -1.0


@pytest.mark.parametrize(
    ("trained", "random"), [([1.0, 2.0], [2.0, 1.0]), ([1.0, -1.0, 1.0], [1.0, 2.0, 3.0]), ([1.0, 2.0, 3.0], [0.0] * 3)]
)
def test_too_few_or_equal_numbers_have_no_ranks(trained, random):
    assert rank_correlation(np.array(trained), [np.array(random)]) is None


def test_the_mean_is_over_the_cases_that_have_one_and_its_absence_has_a_reason():
    found = randomisation([0.5, None, 0.25])
    assert (found.correlation, found.num_cases, found.num_networks, found.reason) == (0.375, 2, 3, None)
    absent = randomisation([None])
    assert absent.correlation is None
    assert "ranked" in (absent.reason or "")


def test_seeds_repeat_and_differ():
    assert network_seeds(0) == network_seeds(0) != network_seeds(1)
    assert len(set(network_seeds(4))) == 3

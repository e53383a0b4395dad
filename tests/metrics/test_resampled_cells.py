"""Counts of resampled patients against drawing them one by one."""

import numpy as np
import pytest

from reprodx.metrics.bootstrap import Bootstrap
from reprodx.metrics.resampled_cells import resampled_cells

BOOTSTRAP = Bootstrap(num_resamples=4000, seed=1, confidence_level=0.95)


@pytest.fixture
def cases():
    rng = np.random.default_rng(0)
    return rng.integers(0, 5, size=60), rng.random(60) < 0.4


def test_every_class_keeps_its_number_of_cases(cases):
    cells, targets = cases
    counts = resampled_cells(cells * 2 + targets, 10, targets, None, BOOTSTRAP).reshape(-1, 5, 2)
    assert set(counts[:, :, 1].sum(axis=1)) == {targets.sum()}
    assert set(counts[:, :, 0].sum(axis=1)) == {(~targets).sum()}


def test_independent_cases_spread_as_patients_of_one_case_each(cases):
    cells, targets = cases
    drawn, one_by_one = (resampled_cells(cells, 5, targets, each, BOOTSTRAP) for each in (None, np.arange(60)))
    np.testing.assert_allclose(drawn.mean(axis=0), np.bincount(cells), atol=0.3)
    np.testing.assert_allclose(drawn.std(axis=0), one_by_one.std(axis=0), rtol=0.06)


def test_patients_are_drawn_as_wholes_with_the_weights_of_the_bootstrap(cases):
    cells, targets = cases
    patients = np.arange(60) // 3
    expected = [
        np.bincount(cells, weights=row, minlength=5)
        for weights in BOOTSTRAP.weights(targets, patients)
        for row in weights
    ]
    np.testing.assert_array_equal(resampled_cells(cells, 5, targets, patients, BOOTSTRAP), expected)


def test_the_same_seed_draws_the_same(cases):
    cells, targets = cases
    once, again = (resampled_cells(cells, 5, targets, None, BOOTSTRAP) for _ in range(2))
    np.testing.assert_array_equal(once, again)

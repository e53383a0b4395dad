"""Distances to the nearest of many cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from reprodx.metrics.generation import nearest as nearest_file
from reprodx.metrics.generation.nearest import nearest


@given(st.integers(0, 999), st.integers(1, 12), st.integers(1, 30), st.sampled_from([np.float32, np.float64]))
def test_is_scipys(seed, num_queries, num_references, dtype):
    rng = np.random.default_rng(seed)
    queries = (1000 + rng.normal(size=(num_queries, 7))).astype(dtype)
    references = (1000 + rng.normal(size=(num_references, 7))).astype(dtype)
    distances, rows = nearest(queries, references)
    expected = cdist(queries, references)
    np.testing.assert_allclose(distances, expected.min(axis=1), rtol=1e-9)
    np.testing.assert_allclose(expected[np.arange(num_queries), rows], expected.min(axis=1), rtol=1e-9)


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    queries, references = rng.normal(size=(23, 5)), rng.normal(size=(31, 5))
    groups = (rng.integers(4, size=23), rng.integers(4, size=31))
    whole = nearest(queries, references, left_out=groups)
    monkeypatch.setattr(nearest_file, "BLOCK_ELEMENTS", 20)
    blocks = nearest(queries, references, left_out=groups)
    np.testing.assert_array_equal(whole.rows, blocks.rows)
    np.testing.assert_array_equal(whole.distances, blocks.distances)


def test_own_group_does_not_count():
    rng = np.random.default_rng(1)
    cases, groups = rng.normal(size=(40, 3)), np.arange(40) // 4
    distances, rows = nearest(cases, cases, left_out=(groups, groups))
    expected = np.where(groups[:, None] == groups, np.inf, cdist(cases, cases))
    np.testing.assert_allclose(distances, expected.min(axis=1))
    assert (groups[rows] != groups).all()


def test_nobody_else_is_infinitely_far():
    assert nearest(np.zeros((2, 1)), np.ones((3, 1)), left_out=(np.array([0, 1]), np.zeros(3, int))).distances == (
        pytest.approx([np.inf, 1])
    )


def test_equal_cases_have_distance_zero_exactly():
    pictures = np.random.default_rng(2).random((50, 3072), dtype=np.float32)
    assert (nearest(pictures[::5], pictures).distances == 0).all()
    np.testing.assert_array_equal(nearest(pictures[::5], pictures).rows, np.arange(0, 50, 5))

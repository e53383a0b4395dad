"""Sums over cells, and what is kept of many numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprodx.explanation.contributions import Contributions, as_grid, coarse_sums, rounded, strongest


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 16), st.integers(1, 16))
def test_cells_keep_the_sum_and_are_at_most_as_many_as_asked(rows, columns, most_rows, most_columns):
    values = np.random.default_rng(0).normal(size=(rows, columns))
    cells = coarse_sums(values, most_rows, most_columns)
    assert cells.shape == (min(rows, most_rows), min(columns, most_columns))
    assert cells.sum() == pytest.approx(values.sum(), abs=1e-9)


def test_cells_differ_by_one_in_size_at_most():
    sizes = coarse_sums(np.ones((1, 70)), 1, 32)
    assert set(sizes[0].tolist()) == {2.0, 3.0}


def test_the_strongest_are_kept_with_ties_in_their_order():
    values = np.array([0.5, -3.0, 3.0, *np.zeros(12)])
    found = strongest([f"f{index}" for index in range(15)], values)
    assert found[:4] == (("f1", -3.0), ("f2", 3.0), ("f0", 0.5), ("f3", 0.0))
    assert len(found) == 10


def test_numbers_are_rounded_to_six_digits():
    assert as_grid(np.array([[1.23456789e-7, -0.0]])) == ((1.23457e-7, 0.0),)
    assert str(rounded(-0.0)) == "0.0"


def test_all_numbers_stand_in_a_row():
    found = Contributions(np.array([1.0]), np.array([[2.0, 3.0], [4.0, 5.0]]), 0.0, None)
    assert found.flat.tolist() == [1, 2, 3, 4, 5]

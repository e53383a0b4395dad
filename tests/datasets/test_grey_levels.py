"""Numbers brought to 256 levels, whatever their range and whatever is missing."""

from __future__ import annotations

import numpy as np
import pytest

from reprodx.datasets.grey_levels import are_lost, scaled_to_8_bits, shares_to_8_bits
from reprodx.datasets.unreadable_image import UnreadableImageError


def test_equal_values_are_black() -> None:
    assert scaled_to_8_bits(np.full((2, 2), 7)).tolist() == [[0, 0], [0, 0]]


def test_what_is_missing_or_no_number_is_black_and_not_in_the_range() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, -9999.0], [0.0, 1.0, 2.0, 4.0]])
    shown = scaled_to_8_bits(values, values == -9999)
    assert shown.tolist() == [[0, 0, 0, 0], [0, 64, 128, 255]]


def test_a_pixel_that_is_missing_is_so_in_every_channel() -> None:
    values = np.array([[[9000, 0, 0], [10, 20, 30]]])
    assert scaled_to_8_bits(values, np.array([[True, False]])).tolist() == [[[0, 0, 0], [0, 128, 255]]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.dtype(">u2")])
def test_levels_that_are_looked_up_are_those_that_are_computed(dtype: type[np.integer]) -> None:
    info = np.iinfo(dtype)
    values = np.random.default_rng(0).integers(info.min, info.max, (9, 7), endpoint=True).astype(dtype)
    is_missing = values > info.max // 2
    for missing in (None, is_missing):
        assert np.array_equal(scaled_to_8_bits(values, missing), scaled_to_8_bits(values.astype(np.float64), missing))
    with pytest.raises(UnreadableImageError, match="without a pixel"):
        scaled_to_8_bits(values, np.ones((9, 7), bool))


def test_the_largest_numbers_there_are_have_a_range() -> None:
    largest = np.finfo(np.float64).max
    assert scaled_to_8_bits(np.array([-largest, 0.0, largest])).tolist() == [0, 128, 255]


@pytest.mark.parametrize("values", [np.full((2, 2), np.nan), np.zeros((0, 4))])
def test_a_picture_without_a_value_is_none(values: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    with pytest.raises(UnreadableImageError, match="without a pixel that has a value"):
        scaled_to_8_bits(values)


def test_shares_beyond_the_range_are_cut() -> None:
    assert shares_to_8_bits(np.array([-1.0, 0.5, 2.0])).tolist() == [0, 128, 255]


@pytest.mark.parametrize(
    ("values", "is_lost"),
    [
        (np.arange(4096), False),
        (np.array([*range(4096), 10**6]), True),
        (np.array([0.0, 65535.0]), False),
        (np.array([0.25, 0.5, 0.75, 1.0]), False),
        (np.append(np.linspace(0, 1, 200), 1e30), True),
        (np.append(np.linspace(0, 1, 200) ** 8, 1.2), False),
    ],
)
def test_levels_are_lost_where_one_value_sets_the_range(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], is_lost: bool
) -> None:
    assert are_lost(values, scaled_to_8_bits(values), np.zeros(values.shape, bool)) == is_lost
    is_far = values == values.max()
    assert not are_lost(values, scaled_to_8_bits(values, is_far), is_far)

"""Pictures on a page."""

from __future__ import annotations

import numpy as np

from reprodx.reporting.thumbnails import MAX_SIDE, made_small, side_by_side


def test_a_large_picture_is_averaged_and_a_small_one_left() -> None:
    images = np.zeros((2, 2 * MAX_SIDE, MAX_SIDE, 3), np.uint8)
    images[:, ::2] = 200
    assert made_small(images).shape == (2, MAX_SIDE, MAX_SIDE // 2, 3)
    assert (made_small(images) == 100).all()
    small = images[:, :MAX_SIDE]
    assert made_small(small) is small


def test_two_pictures_stand_side_by_side() -> None:
    found = side_by_side(np.zeros((2, 20, 10, 1), np.uint8), max_columns=2, title="t", description="d")
    assert found.source.startswith("data:image/png;base64,")
    assert found.width >= 20 > 10
    assert found.height < 40

"""Why a metric has no value."""

import numpy as np
import pytest

from reprodx.metrics.undefined import NO_CASE, NO_NEGATIVE, NO_POSITIVE, absent_classes, missing_class, ratio


@pytest.mark.parametrize(
    ("is_positive", "reason"),
    [([], NO_CASE), ([0, 0], NO_POSITIVE), ([1, 1], NO_NEGATIVE), ([0, 1], None)],
)
def test_missing_class(is_positive, reason):
    assert missing_class(np.array(is_positive, dtype=bool)) == reason


def test_absent_classes_are_counted():
    assert absent_classes(np.array([1, 0, 0])) == "2 of 3 classes have no case"
    assert absent_classes(np.array([1, 2, 3])) is None


def test_ratio_broadcasts_and_marks_division_by_zero():
    np.testing.assert_array_equal(ratio(np.array([[1.0], [2.0]]), np.array([2.0, 0.0])), [[0.5, np.nan], [1, np.nan]])

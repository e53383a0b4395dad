"""By how many grades calls miss."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error

from reprodx.metrics.asked import View
from tests.scored import classed, scored


def test_it_is_scikit_learns_with_an_interval_above_zero():
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 5, size=300)
    called = np.clip(targets + rng.integers(-2, 3, size=300), 0, 4)
    found = scored("mae", classed(targets, called, View.GRADES, size=5), View.GRADES)
    assert found.value == pytest.approx(mean_absolute_error(targets, called))
    assert 0 < found.ci_low < found.value < found.ci_high


def test_no_miss_has_no_interval_and_no_case_no_number():
    perfect = scored("mae", classed([0, 1, 2], [0, 1, 2], View.GRADES), View.GRADES)
    assert (perfect.value, perfect.ci_low) == (0, None)
    assert "not estimable" in perfect.reason
    assert scored("mae", classed([], [], View.GRADES), View.GRADES).reason == "no case"

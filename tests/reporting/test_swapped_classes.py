"""A model that ranks worse than chance may have its classes swapped."""

import pytest

from reprodx.reporting.swapped_classes import seem_swapped
from reprodx.schemas import Estimate


@pytest.mark.parametrize(
    ("value", "high", "expected"), [(0.4, 0.49, True), (0.4, 0.5, False), (0.0, None, True), (0.3, None, False)]
)
def test_the_upper_limit_decides_and_a_ranking_that_is_all_wrong(
    value: float, high: float | None, expected: bool
) -> None:
    low = None if high is None else 0.1
    assert seem_swapped(Estimate(value, low, high, 80, 40, "logit DeLong", None if high else "separated")) is expected

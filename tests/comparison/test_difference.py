"""A difference between two models with its test."""

from reprodx.metrics.difference import Difference
from reprodx.schemas import Estimate


def test_a_difference_that_has_no_test_holds_the_reason():
    difference = Difference(Estimate.undefined("one fold only", n=1), None, None)
    assert difference.estimate.reason == "one fold only"

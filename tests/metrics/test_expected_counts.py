"""What a call means for 1000 patients."""

import dataclasses

import pytest

from reprodx.metrics.expected_counts import expected_counts
from reprodx.schemas import Estimate


def test_expected_counts_of_a_thousand_patients_by_hand():
    sensitivity = Estimate(0.86, 0.75, 0.93, 50, 50, "Wilson")
    specificity = Estimate(0.9, 0.85, 0.94, 150, 0, "Wilson")
    counts = expected_counts(sensitivity, specificity, 0.12)
    values = {name: estimate.value for name, estimate in counts.items()}
    assert values == pytest.approx(
        {"true_positives": 103.2, "false_negatives": 16.8, "false_positives": 88, "true_negatives": 792}
    )
    assert (counts["true_positives"].ci_low, counts["true_positives"].ci_high) == pytest.approx((90, 111.6))
    assert (counts["false_positives"].ci_low, counts["false_positives"].ci_high) == pytest.approx((52.8, 132))
    undefined = Estimate.undefined("no positive case", n=0)
    without = expected_counts(undefined, specificity, 0.12)
    assert without["true_positives"].reason == "no positive case"
    assert without["false_positives"].value == pytest.approx(88)
    bare = expected_counts(dataclasses.replace(sensitivity, ci_low=None, ci_high=None), specificity, 0.12)
    assert bare["false_negatives"].ci_low is None

"""What a call means for 1000 patients, at a prevalence that is taken as known."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reprodx.schemas import Estimate

NUM_PATIENTS = 1000
"""Of whom expected counts are told."""
COUNTS = {
    "true_positives": ("sensitivity", True, False),
    "false_negatives": ("sensitivity", True, True),
    "false_positives": ("specificity", False, True),
    "true_negatives": ("specificity", False, False),
}
"""Of each expected count: the share it is made from, whether of the diseased, and whether of the share's complement."""


def expected_counts(sensitivity: Estimate, specificity: Estimate, prevalence: float) -> dict[str, Estimate]:
    """Return how many of `NUM_PATIENTS` patients are called how, at a prevalence that is taken as known.

    Args:
        sensitivity: With its interval, which is carried over.
        specificity: With its interval, which is carried over.
        prevalence: In [0, 1], of positives.

    Returns:
        `true_positives`, `false_negatives`, `false_positives` and `true_negatives`, in patients. Undefined where the
        share is that they are made from.
    """
    shares = {"sensitivity": sensitivity, "specificity": specificity}
    sizes = {True: NUM_PATIENTS * prevalence, False: NUM_PATIENTS * (1 - prevalence)}
    return {
        name: _scaled(shares[share], sizes[is_diseased], is_complement=is_complement)
        for name, (share, is_diseased, is_complement) in COUNTS.items()
    }


def _scaled(share: Estimate, size: float, *, is_complement: bool) -> Estimate:
    """Return a share, or what it lacks to 1, as a count of so many patients."""
    limits = [share.value, share.ci_low, share.ci_high]
    if is_complement:
        limits = [None if limit is None else 1 - limit for limit in (share.value, share.ci_high, share.ci_low)]
    value, low, high = (None if limit is None else size * limit for limit in limits)
    return dataclasses.replace(share, value=value, ci_low=low, ci_high=high)

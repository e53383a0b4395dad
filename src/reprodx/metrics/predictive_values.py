"""What a call is worth at a prevalence that is not that of the cases, and what it means for 1000 patients.

Sensitivity and specificity are carried over to the other prevalence by Bayes' theorem.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from scipy.special import expit, logit
from scipy.stats import norm

from reprodx.metrics.undefined import NO_NEGATIVE, NO_POSITIVE, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reprodx.metrics.confusion import ConfusionTable

NUM_PATIENTS = 1000
"""Of whom expected counts are told."""
NO_CALL = {True: "no case is predicted positive", False: "no case is predicted negative"}
EMPTY_CELL = "interval not estimable: a cell of the 2x2 table is empty"
COUNTS = {
    "true_positives": ("sensitivity", True, False),
    "false_negatives": ("sensitivity", True, True),
    "false_positives": ("specificity", False, True),
    "true_negatives": ("specificity", False, False),
}
"""Of each expected count: the share it is made from, whether of the diseased, and whether of the share's complement."""


def predictive_value_at(table: ConfusionTable, prevalence: float, *, is_positive_result: bool) -> Estimate:
    """Return the positive or negative predictive value at a prevalence that is taken as known.

    Args:
        table: Of two classes, the negative one first.
        prevalence: In (0, 1), of positives.
        is_positive_result: The positive predictive value if true, else the negative one.

    Returns:
        Undefined with one class only, or where no case is called so. The interval is symmetric in the logit; it needs
        a case in each cell that it is made from. With several cases a patient the bootstrap takes its place.

    Source: Mercaldo, Lau & Zhou, Stat Med 2007;26:2170: the logit of the value is a constant plus the logarithm of a
    likelihood ratio, whose variance is Simel's.
    """
    n, n_events = int(table.counts.sum()), int(table.counts[1].sum())
    column = int(is_positive_result)
    right, wrong = (int(table.counts[row, column]) for row in ((1, 0) if is_positive_result else (0, 1)))
    if reason := _undefined(n, n_events, right + wrong, is_positive_result=is_positive_result):
        return Estimate.undefined(reason, n=n, n_events=n_events)
    if table.is_clustered:
        return table.estimate(lambda tables: _values(tables, prevalence, column), n=n, n_events=n_events)
    value = float(_values(table.counts[None], prevalence, column)[0])
    # A class that is wholly called one way leaves its share without a spread.
    if not right or not wrong or not table.counts[:, 1 - column].all():
        return Estimate(value, None, None, n, n_events, "none", EMPTY_CELL)
    rights, wrongs = (n_events, n - n_events) if is_positive_result else (n - n_events, n_events)
    margin = float(norm.ppf((1 + table.bootstrap.confidence_level) / 2)) * math.sqrt(
        1 / right - 1 / rights + 1 / wrong - 1 / wrongs
    )
    low, high = (float(expit(logit(value) + shift)) for shift in (-margin, margin))
    return Estimate(value, low, high, n, n_events, "Mercaldo logit")


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


def _values(tables: NDArray[np.int64], prevalence: float, column: int) -> NDArray[np.float64]:
    """Return the predictive value of each table, NaN where it is undefined; shape (tables, 2, 2) to (tables,)."""
    shares = ratio(tables[:, :, column], tables.sum(axis=2))
    negative, positive = shares[:, 0] * (1 - prevalence), shares[:, 1] * prevalence
    return ratio(positive if column else negative, positive + negative)


def _undefined(n: int, n_events: int, num_called: int, *, is_positive_result: bool) -> str | None:
    if not n_events:
        return NO_POSITIVE
    if n_events == n:
        return NO_NEGATIVE
    return None if num_called else NO_CALL[is_positive_result]

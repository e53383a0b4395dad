"""The interval of a proportion of independent cases, and what clustered ones are worth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import ndtri, stdtrit

from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_PATIENTS = 20
"""Under so many an interval of clustered cases is an approximation."""
FEW_HITS = 5.0
"""Under so many that are hit, or missed, in what clustered cases are worth, it is one too."""
ProportionInterval = Literal["wilson", "clopper_pearson"]


def proportion(
    num_hits: int, n: int, *, n_events: int | None, confidence_level: float, interval: ProportionInterval
) -> Estimate:
    """Return a proportion of independent cases with its interval.

    Args:
        num_hits: The numerator.
        n: The denominator, at least 1.
        n_events: Handed on to the estimate.
        confidence_level: In (0, 1).
        interval: Wilson's score interval, or the exact one of Clopper and Pearson, which is wider.

    Returns:
        The proportion.

    Source: Newcombe, Stat Med 1998;17:857, methods 3 and 5.

    >>> estimate = proportion(81, 263, n_events=None, confidence_level=0.95, interval="wilson")
    >>> round(estimate.ci_low, 4), round(estimate.ci_high, 4)
    (0.2553, 0.3662)
    """
    from scipy.stats import binomtest

    is_wilson = interval == "wilson"
    limits = binomtest(num_hits, n).proportion_ci(confidence_level, "wilson" if is_wilson else "exact")
    name = "Wilson" if is_wilson else "Clopper-Pearson"
    return Estimate(num_hits / n, float(limits.low), float(limits.high), n, n_events, name)


def wilson_limits(value: float, n: float, quantile: float) -> tuple[float, float]:
    """Return the score interval of a proportion of a number of cases that need not be whole.

    Args:
        value: The proportion, in [0, 1].
        n: What the cases are worth, above 0.
        quantile: Of the normal distribution or of t.

    Returns:
        Lower and upper limit, in [0, 1].

    Source: Wilson, J Am Stat Assoc 1927;22:209, with the number of cases and the quantile of Korn & Graubard 1998.

    >>> [round(limit, 4) for limit in wilson_limits(81 / 263, 263, 1.959964)]
    [0.2553, 0.3662]
    """
    square = quantile**2 / n
    centre = (value + square / 2) / (1 + square)
    margin = math.sqrt(square * (value * (1 - value) + square / 4)) / (1 + square)
    return max(0.0, centre - margin), min(1.0, centre + margin)


@dataclass(frozen=True)
class Worth:
    """What clustered or repeated cases are worth, in independent ones."""

    cases: float
    """Above 0."""
    patients: float
    """As many of equal size would know as much: fewer where few have most of the cases."""
    quantile: float
    """Of t, with one fewer degrees of freedom; of the normal distribution where every case is a patient of its own."""
    doubt: str
    """What is added to the method where few patients carry the interval; else nothing."""


def worth(
    share: float, size: float, effect: float, patients: NDArray[np.int64] | None, *, confidence_level: float
) -> Worth:
    """Return what the cases of a proportion are worth.

    Args:
        share: The proportion, in [0, 1].
        size: Cases in the denominator.
        effect: The design effect, by which a variance between patients exceeds that of independent cases.
        patients: Shape (cases in the denominator,); None where every case is a patient of its own.
        confidence_level: In (0, 1).

    Returns:
        Where all are right, or none is, nothing tells how patients differ: each counts once.

    Source: Korn & Graubard, Surv Methodol 1998;24:193; Kish, Survey Sampling 1965, 8.2, for patients of unequal size.
    """
    tail = (1 + confidence_level) / 2
    if patients is None:
        return Worth(size if share in (0, 1) else size / effect, size, float(ndtri(tail)), "")
    sizes = np.bincount(patients)
    num_patients = float(sizes.sum() ** 2 / (sizes**2).sum())
    cases = float(np.count_nonzero(sizes)) if share in (0, 1) else size / effect
    quantile = float(stdtrit(max(1.0, num_patients - 1), tail))
    is_near_end = share not in (0, 1) and cases * min(share, 1 - share) < FEW_HITS
    is_few = num_patients < FEW_PATIENTS
    doubt = f"; an approximation, of {num_patients:.0f} patients (under {FEW_PATIENTS})" if is_few else ""
    near = "; an approximation, since few patients differ from the others" if is_near_end else ""
    return Worth(cases, num_patients, quantile, doubt or near)

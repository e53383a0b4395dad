"""What the same comparison could show: the smallest difference with these patients, the patients for a difference.

Both follow from the standard error of the difference, which falls with the square root of the number of patients.

Source: Julious, Stat Med 2004;23:1921, sections 4 and 5.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.special import ndtri

if TYPE_CHECKING:
    from reprodx.metrics.difference import Difference

MAX_PATIENTS = 10**9
"""More are not to be had."""


def standard_error(difference: Difference, confidence_level: float) -> float | None:
    """Return the standard error that an interval has if it is a normal one.

    Args:
        difference: With an interval of any kind.
        confidence_level: Of that interval, in (0, 1).

    Returns:
        Half the interval's width by its quantile; None without an interval, and where it has no width, since models
        that do not differ in any case say nothing of how they vary.
    """
    estimate = difference.estimate
    if estimate.ci_low is None or estimate.ci_high is None or estimate.ci_high <= estimate.ci_low:
        return None
    return (estimate.ci_high - estimate.ci_low) / (2 * float(ndtri((1 + confidence_level) / 2)))


def minimum_detectable(standard_error: float, *, alpha: float, power: float) -> float:
    """Return the smallest true difference that would be shown to be one with a wanted power.

    Args:
        standard_error: Of the difference.
        alpha: Two-sided level, in (0, 1).
        power: In (0, 1).

    Returns:
        In units of the metric, above 0. It is also the smallest margin that models which do not differ would be shown
        to keep, one-sided at half of alpha.

    Source: Julious 2004, equations 7 and 22, solved for the difference and for the margin.

    >>> round(minimum_detectable(0.01, alpha=0.05, power=0.8), 6)
    0.028016
    """
    return float(ndtri(1 - alpha / 2) + ndtri(power)) * standard_error


def patients_needed(num_patients: int, detectable: float, wanted: float) -> int | None:
    """Return how many patients of the same kind would show a difference.

    Args:
        num_patients: That `detectable` comes from.
        detectable: Smallest difference that they show, see `minimum_detectable`.
        wanted: Difference or margin that is to be shown, of either sign.

    Returns:
        At least 1, rounded up; None for no difference, or one so small that no number of people shows it.

    >>> patients_needed(100, 0.04, -0.02), patients_needed(100, 0.04, 0)
    (400, None)
    """
    share = detectable / abs(wanted) if wanted else math.inf
    needed = num_patients * share * share
    return max(1, math.ceil(needed)) if needed <= MAX_PATIENTS else None

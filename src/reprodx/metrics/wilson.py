"""The interval of a proportion of independent cases."""

from __future__ import annotations

import math
from typing import Literal

from reprodx.schemas import Estimate

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

"""Intervals and p values from resampled values, some of which may be undefined.

The p value is the one that agrees with the interval: under 0.05 where an interval of 95 % leaves 0 out. In simulations
of 200 cases it held its size as well as a normal approximation and a bootstrap centred on 0 did.

Few undefined resamples are counted beyond both limits, and for and against a difference alike: whatever they would
have been, the interval could only be narrower and the p value only smaller.

Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, 13.3 (percentiles); Davison & Hinkley, Bootstrap
Methods and their Application, 1997, 4.2.5 (why 1 is added to the counts of a p value).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.difference import Difference
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERATED_SHARE = 0.4
"""Of the resamples in one tail of the interval, how many may be undefined: 1 % of all at a level of 95 %."""
ROUNDING = 1e-12
"""Differences nearer to 0 than this are 0."""


def percentile_estimate(
    value: float,
    resampled: NDArray[np.float64],
    confidence_level: float,
    counts: tuple[int, int | None],
    method: str,
) -> Estimate:
    """Return a value with the percentiles of its resamples.

    Args:
        value: In all cases.
        resampled: Shape (resamples,), NaN where a resample leaves it undefined.
        confidence_level: In (0, 1).
        counts: Cases, and positive ones among these or None: handed on to the estimate.
        method: How resamples were drawn.

    Returns:
        The value, and its interval unless too many resamples leave it undefined or they do not differ. `method` says
        where undefined ones were counted.
    """
    tail = (1 - confidence_level) / 2
    num_undefined = int(np.isnan(resampled).sum())
    if num_undefined > TOLERATED_SHARE * tail * resampled.size:
        reason = f"interval not estimable: {num_undefined} of {resampled.size} resamples leave it undefined"
        return Estimate(value, None, None, *counts, method, reason)
    low = float(np.quantile(np.nan_to_num(resampled, nan=-np.inf), tail))
    high = float(np.quantile(np.nan_to_num(resampled, nan=np.inf), 1 - tail))
    if low == high:
        return Estimate(value, None, None, *counts, method, "interval not estimable: resamples do not differ")
    if num_undefined:
        method = f"{method}, {num_undefined} undefined ones counted beyond both limits"
    return Estimate(value, low, high, *counts, method)


def percentile_difference(
    value: float,
    resampled: NDArray[np.float64],
    confidence_level: float,
    counts: tuple[int, int | None],
    method: str,
) -> Difference:
    """Return a difference with the percentiles of its resamples and the p value that agrees with them.

    Args:
        value: In all cases.
        resampled: Shape (resamples,), the differences; NaN where a resample leaves one undefined.
        confidence_level: In (0, 1).
        counts: Cases, and positive ones among these or None: handed on to the estimate.
        method: How resamples were drawn.

    Returns:
        The difference; 0 with p = 1 where no resample differs. Without p value where the interval is undefined.
    """
    rounded = np.where(np.abs(resampled) < ROUNDING, 0.0, resampled)
    if abs(value) < ROUNDING and not rounded.any():
        return Difference(Estimate(0.0, 0.0, 0.0, *counts, method), None, 1.0)
    estimate = percentile_estimate(value, rounded, confidence_level, counts, method)
    return Difference(estimate, None, two_sided_p(rounded) if estimate.reason is None else None)


def two_sided_p(differences: NDArray[np.float64]) -> float:
    """Return twice the share of resamples on the rarer side of 0, in which 0 and what is undefined count as both.

    Args:
        differences: Shape (resamples,).

    Returns:
        In (0, 1], never under 2 / (resamples + 1).

    >>> two_sided_p(np.array([0.1, 0.2, 0.3, -0.1]))
    0.8
    """
    rarer = min(int((~(differences > 0)).sum()), int((~(differences < 0)).sum()))
    return min(1.0, 2 * (1 + rarer) / (differences.size + 1))

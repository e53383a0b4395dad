"""Intervals of differences of proportions that hold in small samples and near 0 and 1."""

from __future__ import annotations

import math

from reprodx.metrics.mover import mover
from reprodx.metrics.wilson import proportion


def paired_interval(table: tuple[int, int, int, int], *, confidence_level: float) -> tuple[float, float]:
    """Return the interval of a difference of two proportions of the same cases.

    Args:
        table: Cases that both models have right, the first alone, the second alone, and neither; at least one.
        confidence_level: In (0, 1).

    Returns:
        Limits of the first proportion less the second.

    Source: Newcombe, Stat Med 1998;17:2635, method 10: Wilson limits, squared and added with a correlation that is
    corrected where it is positive.

    >>> [round(limit, 4) for limit in paired_interval((59, 6, 16, 80), confidence_level=0.95)]
    [-0.1186, -0.0046]
    """
    both, first_alone, second_alone, _ = table
    first, second = (both + first_alone, sum(table)), (both + second_alone, sum(table))
    return square_and_add(first, second, correlation=_correlation(table), confidence_level=confidence_level)


def square_and_add(
    first: tuple[int, int], second: tuple[int, int], *, correlation: float, confidence_level: float
) -> tuple[float, float]:
    """Return the interval of a difference of two proportions from their Wilson limits.

    Args:
        first: Numerator and denominator.
        second: Numerator and denominator of what is subtracted.
        correlation: Between both, in [-1, 1]; 0 for independent cases.
        confidence_level: In (0, 1).

    Returns:
        Limits, in [-1, 1].

    Source: Newcombe, Stat Med 1998;17:2635, method 10; with correlation 0 that of Stat Med 1998;17:873, method 10.
    """
    limits = []
    for hits, n in (first, second):
        found = proportion(hits, n, n_events=None, confidence_level=confidence_level, interval="wilson")
        assert found.ci_low is not None, "Wilson's interval always exists"
        assert found.ci_high is not None, "Wilson's interval always exists"
        limits.append((found.ci_low, found.ci_high))
    low, high = mover((first[0] / first[1], second[0] / second[1]), (limits[0], limits[1]), correlation)
    return max(-1.0, low), min(1.0, high)


def _correlation(table: tuple[int, int, int, int]) -> float:
    """Return phi, corrected for continuity where it is positive; 0 where a proportion is 0 or 1."""
    both, first_alone, second_alone, neither = table
    margins = (both + first_alone, second_alone + neither, both + second_alone, first_alone + neither)
    if not min(margins):
        return 0.0
    excess: float = both * neither - first_alone * second_alone
    if excess > 0:
        excess = max(excess - sum(table) / 2, 0.0)
    return excess / math.sqrt(math.prod(margins))

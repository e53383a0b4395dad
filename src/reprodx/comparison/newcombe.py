"""Intervals of differences of proportions that hold in small samples and near 0 and 1."""

from __future__ import annotations

import math

from reprodx.metrics.proportions import proportion


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
    down, up = _wilson_distances(*first, confidence_level)
    other_down, other_up = _wilson_distances(*second, confidence_level)
    difference = first[0] / first[1] - second[0] / second[1]
    low = difference - _added(down, other_up, correlation)
    return max(-1.0, low), min(1.0, difference + _added(up, other_down, correlation))


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


def _wilson_distances(hits: int, n: int, confidence_level: float) -> tuple[float, float]:
    """Return how far a proportion is from its lower and from its upper limit."""
    limits = proportion(hits, n, n_events=None, confidence_level=confidence_level, interval="wilson")
    assert limits.ci_low is not None, "Wilson's interval always exists"
    assert limits.ci_high is not None, "Wilson's interval always exists"
    return hits / n - limits.ci_low, limits.ci_high - hits / n


def _added(one: float, other: float, correlation: float) -> float:
    # With full correlation the sum of squares may fall below 0 by a rounding error.
    return math.sqrt(max(0.0, one**2 - 2 * correlation * one * other + other**2))

"""MOVER: the limits of a difference from those of both sides, whose skew they keep.

Source: Zou & Donner, Stat Med 2008;27:1693, equation 9; Zou, Psychol Methods 2007;12:399, where both are correlated.
With Wilson's limits it is Newcombe's method 10, Stat Med 1998;17:873 and 2635.
"""

from __future__ import annotations

import math


def mover(
    estimates: tuple[float, float], limits: tuple[tuple[float, float], tuple[float, float]], correlation: float
) -> tuple[float, float]:
    """Return the limits of a difference from those of both sides.

    Args:
        estimates: Of the first, and of what is subtracted.
        limits: Lower and upper, of each.
        correlation: Between both estimates, in [-1, 1].

    Returns:
        Limits of the first less the second.
    """
    (low, high), (other_low, other_high) = limits
    down, up = estimates[0] - low, high - estimates[0]
    other_down, other_up = estimates[1] - other_low, other_high - estimates[1]
    value = estimates[0] - estimates[1]

    def added(one: float, other: float) -> float:
        # With full correlation the sum of squares may fall below 0 by a rounding error.
        return math.sqrt(max(0.0, one**2 - 2 * correlation * one * other + other**2))

    return value - added(down, other_up), value + added(up, other_down)

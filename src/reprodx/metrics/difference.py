"""A difference between two models with its test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reprodx.schemas import Estimate


@dataclass(frozen=True)
class Difference:
    """How far one model is from another, and how surprising that is if they are equal."""

    estimate: Estimate
    """First minus second; a reason where interval and test are undefined."""
    statistic: float | None
    """The test's statistic, z or t as `estimate.method` says."""
    p_value: float | None
    """Two-sided, in [0, 1]."""
    mid_p: float | None = None
    """Mid-p McNemar, beside the exact p; None for other tests."""
    discordant: tuple[int, int] | None = None
    """Cases that the first alone has right, and that the second alone has; None where they were not counted."""
    standard_error: float | None = None
    """Of the difference on its own scale, of patients and repetitions together; None where that is not estimable."""
    degrees_of_freedom: float = math.inf
    """Of its t test."""
    between: float = 0.0
    """The variance that repetitions add: more patients do not make it smaller."""
    margin_limits: tuple[float, float] | None = None
    """What a margin is judged by where the limits of `estimate` say too easily that a loss is excluded, since near the
    ceiling a difference is skewed; None where these judge it."""

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
    standard_error: float | None = None
    """Of the difference on its own scale, patients and repetitions together; None where only an interval is known."""
    degrees_of_freedom: float = math.inf
    """Of the t test; endless for z."""
    between: float = 0.0
    """The part of the variance that seeds and repetitions add, which does not shrink with more patients."""

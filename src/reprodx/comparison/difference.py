"""A difference between two models with its test."""

from __future__ import annotations

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

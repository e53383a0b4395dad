"""What a person may vary in how a model is scored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.metrics.bootstrap import Bootstrap

if TYPE_CHECKING:
    from reprodx.metrics.proportions import ProportionInterval


@dataclass(frozen=True)
class ScoreSettings:
    """How intervals are made and from how many cases a number is shown."""

    confidence_level: float
    """Of every interval, in (0, 1)."""
    num_resamples: int
    """Bootstrap resamples, for metrics that have no formula of their own."""
    bootstrap_seed: int
    min_group_size: int
    """Cases that a subgroup needs before its numbers are shown."""
    min_group_events: int
    """Cases of each class that a subgroup needs."""
    num_calibration_bins: int
    """Bins of equal mass in the calibration error and plot."""
    ordinal_cut: int
    """Of grades, the position of the first that is referable, from 0."""
    proportion_interval: ProportionInterval
    """For independent cases: "wilson" or "clopper_pearson"."""

    @property
    def bootstrap(self) -> Bootstrap:
        """How resamples are drawn and read."""
        return Bootstrap(self.num_resamples, self.bootstrap_seed, self.confidence_level)

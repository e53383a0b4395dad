"""What a person may vary in how a model is scored."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.metrics.bootstrap import Bootstrap

if TYPE_CHECKING:
    from reprodx.metrics.wilson import ProportionInterval


@dataclass(frozen=True)
class Intervals:
    """How intervals are made that need no resamples."""

    confidence_level: float
    """Of every interval, in (0, 1)."""
    proportion_interval: ProportionInterval
    """For independent cases: "wilson" or "clopper_pearson"."""


@dataclass(frozen=True)
class ScoreSettings(Intervals):
    """How intervals are made and from how many cases a number is shown."""

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
    prevalence: float | None
    """Of positives where the model will be used, for predictive values; None takes that of the cases."""
    conformal_coverage: float
    """Of each class by prediction sets, in (0, 1)."""
    num_null_draws: int
    """Simulated ideal models, for null bands."""
    num_failures: int
    """Worst false negatives and false positives that are listed."""

    def of_questions(self, num_questions: int) -> ScoreSettings:
        """Return the settings for each of some yes-or-no questions: one prevalence cannot hold for several."""
        return self if num_questions == 1 else dataclasses.replace(self, prevalence=None)

    @property
    def bootstrap(self) -> Bootstrap:
        """How resamples are drawn and read."""
        return Bootstrap(self.num_resamples, self.bootstrap_seed, self.confidence_level)

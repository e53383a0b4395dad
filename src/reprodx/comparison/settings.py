"""What a person may vary in how models are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reprodx.metrics.settings import ScoreSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


AS_GIVEN = "on the command line; whether it was fixed before the test split was opened is not known"
"""Where a threshold or margin comes from that no file carries."""


@dataclass(frozen=True)
class Margin:
    """How much worse than the reference is still taken for no worse."""

    value: float
    """At least 0, in units of the metric; 0 where nobody stated one, so that nothing is taken for no worse."""
    origin: str
    """Where it is stated, in words that follow "stated", such as "in the runs' configuration"."""
    is_configured: bool = False
    """Whether the runs' configuration states it, and it is not the default that nobody edited."""


@dataclass(frozen=True)
class ComparisonSettings(ScoreSettings):
    """How differences are measured and judged, and what metrics are taken at.

    Claims are tested at one less the confidence level, two-sided; non-inferiority at half of that, one-sided, so that
    the interval shown is the one that judges both.
    """

    metric: str
    """The primary one, of which verdicts are given; a name of `compared_metrics`."""
    margin: Margin
    power: float
    """In (0, 1): of the minimum detectable difference and the patients that would be needed."""
    decision_threshold: float | None
    """Probability at which net benefit is compared; None takes the reference's threshold, or 0.5 without one."""
    all_pairs: bool
    """Whether every pair is compared, not only each model with the reference."""

    @property
    def alpha(self) -> float:
        """The two-sided level of claims."""
        return 1 - self.confidence_level


DEFAULTS: Mapping[str, object] = {
    "metric": "auroc",
    "confidence_level": 0.95,
    "power": 0.8,
    "num_resamples": 2000,
    "bootstrap_seed": 0,
    "min_group_size": 20,
    "min_group_events": 5,
    "ordinal_cut": 2,
    "proportion_interval": "wilson",
    "num_calibration_bins": 10,
    "prevalence": None,
    "conformal_coverage": 0.9,
    "num_null_draws": 1000,
    "num_failures": 10,
    "decision_threshold": None,
    "all_pairs": False,
}
"""Of files that no configuration stands behind: the values of `conf/evaluation/default.yaml`."""

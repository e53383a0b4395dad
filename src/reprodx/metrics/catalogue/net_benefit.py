"""Net benefit: what acting on the model at one probability is worth, in true positives a case.

Source: Vickers & Elkin, Med Decis Making 2006;26:565, equation 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.metric import HIGHER, QUESTIONS, Metric, SmallSample
from reprodx.metrics.statistic import Statistic

if TYPE_CHECKING:
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings


def _net_benefit(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    threshold = cases.decision_threshold
    gains = np.where(cases.is_positive, 1.0, -threshold / (1 - threshold))
    benefit = np.where(cases.positive_probs >= threshold, gains, 0.0)
    return Statistic.share(benefit, cases.ones, n=cases.num_cases, n_events=cases.n_events)


METRICS = (
    Metric(
        name="net_benefit",
        label="Net benefit",
        place=60,
        views=dict.fromkeys(QUESTIONS, _net_benefit),
        better=HIGHER,
        hint="0 is treating no one",
        is_at_decision_threshold=True,
        small_sample=SmallSample.VARIANCE,
        few=20,
    ),
)

"""Net benefit: what acting on the model at one probability is worth, in true positives a case.

Source: Vickers & Elkin, Med Decis Making 2006;26:565, equation 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.metric import HIGHER, QUESTIONS, Formula, Metric, SmallSample
from reprodx.metrics.mover import mover
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import few_patients
from reprodx.metrics.wilson import wilson_limits, worth
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.metrics.metric import Counts
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import Intervals, ScoreSettings


def _net_benefit(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    threshold = cases.decision_threshold
    gains = np.where(cases.is_positive, 1.0, -threshold / (1 - threshold))
    benefit = np.where(cases.positive_probs >= threshold, gains, 0.0)
    return Statistic.share(benefit, cases.ones, n=cases.num_cases, n_events=cases.n_events)


@dataclass(frozen=True)
class _OfShares(Formula):
    """The interval of a weighted difference of two shares of the cases, from their Wilson limits.

    A false positive that costs 19 true ones is seldom seen, and a variance of none knows nothing of it.

    Source: Zou & Donner, Stat Med 2008;27:1693, equation 9, with the correlation of two cells of a multinomial.
    """

    def one(
        self, members: Sequence[ScoredCases], value: float, counts: Counts, variance: float | None, settings: Intervals
    ) -> Estimate:
        """Return the estimate; clustered cases count as many as they are worth."""
        cases, n = members[0], counts[0]
        weight = cases.decision_threshold / (1 - cases.decision_threshold)
        acted = [(one.positive_probs >= one.decision_threshold, one.is_positive) for one in members]
        hits, alarms = (
            float(np.mean([(is_called & (is_positive == truth)).mean() for is_called, is_positive in acted]))
            for truth in (True, False)
        )
        independent = (hits * (1 - hits) + weight**2 * alarms * (1 - alarms) + 2 * weight * hits * alarms) / n
        is_simple = cases.patients is None and len(members) == 1 and cases.design_strata is None
        effect = variance / independent if variance and variance > 0 and independent and not is_simple else 1.0
        level = settings.confidence_level
        known = [worth(share, n, effect, cases.patients, confidence_level=level) for share in (hits, alarms)]
        of_hits, of_alarms = (
            wilson_limits(share, one.cases, one.quantile) for share, one in zip((hits, alarms), known, strict=True)
        )
        apart = (1 - hits) * (1 - alarms)
        correlation = -math.sqrt(hits * alarms / apart) if apart else 0.0
        weighted = (weight * of_alarms[0], weight * of_alarms[1])
        low, high = mover((hits, weight * alarms), (of_hits, weighted), max(-1.0, correlation))
        rarest = cases.num_of_rarest(np.ones(cases.num_cases, dtype=np.bool_))
        method = "Wilson of true and false positives, MOVER" + ", clustered by patient" * (cases.patients is not None)
        return Estimate(
            value, low, high, *counts, method + (few_patients(rarest, FEW) or max(one.doubt for one in known))
        )


FEW = 20
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
        few=FEW,
        formula=_OfShares(),
    ),
)

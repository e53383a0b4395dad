"""By how many grades the called grade misses the true one in the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import View
from reprodx.metrics.metric import LOWER, Metric, Need, Scale, SmallSample
from reprodx.metrics.statistic import Statistic

if TYPE_CHECKING:
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings


def _mean_absolute_error(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    assert cases.calls is not None, "its absence is a reason"
    return Statistic.share(np.abs(cases.targets - cases.calls).astype(float), cases.ones, n=cases.num_cases)


METRICS = (
    Metric(
        name="mae",
        label="Mean absolute error, grades",
        place=5,
        views={View.GRADES: _mean_absolute_error},
        better=LOWER,
        needs=frozenset({Need.CALLS}),
        hint="distance to the true grade, 0 is perfect",
        scale=Scale.LOG,
        small_sample=SmallSample.VARIANCE,
        few=20,
    ),
)

"""How much a positive or a negative result changes the odds of disease.

LR+ = sensitivity / (1 - specificity), and LR- = (1 - sensitivity) / specificity.

Source: Simel, Samsa & Matchar, J Clin Epidemiol 1991;44:763: the interval is symmetric in the logarithm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.metric import HIGHER, LOWER, QUESTIONS, Metric, Need, Scale, SmallSample
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.metric import Make
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

NO_RESULT = "no case has this result"
INFINITE = "infinite: no case without the disease has this result"


def _likelihood_ratio(result: int) -> Make:
    def make(cases: ScoredCases, _: ScoreSettings) -> Statistic:
        assert cases.calls is not None, "its absence is a reason"
        has_result = np.equal(cases.calls, result).astype(np.float64)
        diseased, healthy = has_result * cases.positives, has_result * (1 - cases.positives)
        if not healthy.any():
            reason = INFINITE if diseased.any() else NO_RESULT
            return Statistic.undefined(reason, n=cases.num_cases, n_events=cases.n_events)
        columns = (diseased, cases.positives, healthy, 1 - cases.positives)
        return Statistic(columns, (), _ratio_of_shares, cases.num_cases, cases.n_events)

    return make


def _ratio_of_shares(
    diseased: NDArray[np.float64],
    positives: NDArray[np.float64],
    healthy: NDArray[np.float64],
    negatives: NDArray[np.float64],
) -> NDArray[np.float64]:
    return ratio(ratio(diseased, positives), ratio(healthy, negatives))


def _metric(name: str, label: str, place: int, result: int, better: str, hint: str) -> Metric:
    return Metric(
        name=name,
        label=label,
        place=place,
        views=dict.fromkeys(QUESTIONS, _likelihood_ratio(result)),
        better=better,
        needs=frozenset({Need.CALLS, Need.CLASSES}),
        scale=Scale.LOG,
        method="Simel's delta method",
        is_given_class=True,
        small_sample=SmallSample.NONE,
        chance=1.0,
        hint=hint,
        few=20,
    )


METRICS = (
    _metric("lr_positive", "Positive likelihood ratio", 120, 1, HIGHER, "1 says nothing, more is better"),
    _metric("lr_negative", "Negative likelihood ratio", 121, 0, LOWER, "1 says nothing, less is better"),
)

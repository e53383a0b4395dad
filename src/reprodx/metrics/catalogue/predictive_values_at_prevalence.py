"""Predictive values at a prevalence that is not that of the cases.

Sensitivity and specificity are carried over by Bayes' theorem; the prevalence is taken as known.

Source: Mercaldo, Lau & Zhou, Stat Med 2007;26:2170: the logit of the value is a constant plus the logarithm of a
likelihood ratio, whose variance is Simel's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import View
from reprodx.metrics.metric import HIGHER, Metric, Need, Scale, SmallSample
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.metric import Make
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

NO_CALL = ("no case is predicted negative", "no case is predicted positive")
NO_PREVALENCE = "no prevalence is stated (evaluation.prevalence)"


def _value_at_prevalence(result: int) -> Make:
    def make(cases: ScoredCases, settings: ScoreSettings) -> Statistic:
        assert cases.calls is not None, "its absence is a reason"
        has_result = np.equal(cases.calls, result).astype(np.float64)
        undefined = NO_PREVALENCE if settings.prevalence is None else None if has_result.any() else NO_CALL[result]
        if undefined or settings.prevalence is None:
            return Statistic.undefined(str(undefined), n=cases.num_cases, n_events=cases.n_events)
        shares = (1 - settings.prevalence, settings.prevalence)

        def value(
            diseased: NDArray[np.float64],
            positives: NDArray[np.float64],
            healthy: NDArray[np.float64],
            negatives: NDArray[np.float64],
        ) -> NDArray[np.float64]:
            of_healthy, of_diseased = shares[0] * ratio(healthy, negatives), shares[1] * ratio(diseased, positives)
            return ratio(of_diseased if result else of_healthy, of_healthy + of_diseased)

        negatives = 1 - cases.positives
        columns = (has_result * cases.positives, cases.positives, has_result * negatives, negatives)
        return Statistic(columns, (), value, cases.num_cases, cases.n_events)

    return make


def _metric(name: str, label: str, place: int, result: int) -> Metric:
    return Metric(
        name=name,
        label=label,
        place=place,
        views=dict.fromkeys((View.BINARY, View.REFERABLE), _value_at_prevalence(result)),
        better=HIGHER,
        needs=frozenset({Need.CALLS, Need.CLASSES}),
        is_asked_for=lambda settings: settings.prevalence is not None,
        taken_at=lambda settings: f"at prevalence {settings.prevalence:g}",
        scale=Scale.LOGIT,
        method="Mercaldo",
        is_given_class=True,
        small_sample=SmallSample.NONE,
        few=20,
    )


METRICS = (
    _metric("ppv_at_prevalence", "Positive predictive value, stated prevalence", 110, 1),
    _metric("npv_at_prevalence", "Negative predictive value, stated prevalence", 111, 0),
)

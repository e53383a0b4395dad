"""The Brier score, the mean squared distance of the probabilities from what was, and its scaled form.

Source: Brier, Mon Weather Rev 1950;78:1, halved as is usual with two classes; Steyerberg et al, Epidemiology
2010;21:128, for the share of the score of "everyone has the prevalence" that the model takes away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.asked import View
from reprodx.metrics.metric import CLASSES, HIGHER, LOWER, QUESTIONS, Metric, Need, Scale, SmallSample
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings


def _brier(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    return Statistic.share(cases.errors, cases.ones, n=cases.num_cases, n_events=cases.n_events)


def _scaled_brier(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    def value(errors: NDArray[np.float64], events: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
        prevalence = ratio(events, n)
        return 1 - ratio(ratio(errors, n), prevalence * (1 - prevalence))

    return Statistic((cases.errors, cases.positives, cases.ones), (), value, cases.num_cases, cases.n_events)


BRIER = Metric(
    name="brier",
    label="Brier score",
    place=30,
    views=dict.fromkeys((*QUESTIONS, *CLASSES, View.LABELS), _brier),
    better=LOWER,
    labels={View.LABELS: "Brier score, mean over labels"},
    hint="0 is perfect",
    hints=dict.fromkeys(CLASSES, "0 is perfect, 2 is worst"),
    scale=Scale.LOG,
    highest=dict.fromkeys((*QUESTIONS, View.LABELS), 1.0) | dict.fromkeys(CLASSES, 2.0),
    small_sample=SmallSample.VARIANCE,
    few=20,
    key_in=frozenset({View.BINARY, View.CLASSES, View.LABELS}),
    table_in=frozenset({View.LABEL}),
    hub_name="brier_score",
)
SCALED_BRIER = Metric(
    name="scaled_brier",
    label="Scaled Brier score",
    place=31,
    views=dict.fromkeys(QUESTIONS, _scaled_brier),
    better=HIGHER,
    needs=frozenset({Need.CLASSES}),
    hint="1 is perfect",
    scale=Scale.COMPLEMENT,
    few=30,
)
METRICS = (BRIER, SCALED_BRIER)

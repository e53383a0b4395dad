"""Agreement of called and true class beyond chance.

Source: Cohen, Educ Psychol Meas 1960;20:37, equation 1, and of grades, in which a disagreement weighs as the square of
its distance, Psychol Bull 1968;70:213, equation 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import View
from reprodx.metrics.metric import HIGHER, QUESTIONS, Metric, Need, Scale, SmallSample
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

ONE_ANSWER = "all cases have and are called one class"


def kappa(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    """Return the agreement beyond chance, in [-1, 1]: 0 where chance would agree as much; of grades the quadratic one.

    Undefined where all cases have and are called one class.
    """
    assert cases.calls is not None, "its absence is a reason"
    if np.unique([cases.targets, cases.calls]).size == 1:
        return Statistic.undefined(ONE_ANSWER, n=cases.num_cases, n_events=cases.n_events)
    places = np.arange(len(cases.classes))
    distances = np.subtract.outer(places, places)
    costs = distances**2 if cases.has_grades else (distances != 0).astype(np.int64)
    identity, size = np.eye(places.size), places.size
    columns = (*identity[:, cases.targets], *identity[:, cases.calls], costs[cases.targets, cases.calls].astype(float))

    def value(*sums: NDArray[np.float64]) -> NDArray[np.float64]:
        of_targets, of_called = np.stack(sums[:size]), np.stack(sums[size:-1])
        expected = (of_targets * (costs @ of_called)).sum(axis=0)
        return 1 - ratio(sums[-1] * of_targets.sum(axis=0), expected)

    return Statistic(columns, (), value, cases.num_cases, cases.n_events)


KAPPA = Metric(
    name="kappa",
    label="Cohen's kappa",
    place=195,
    views=dict.fromkeys((*QUESTIONS, View.CLASSES, View.GRADES), kappa),
    better=HIGHER,
    needs=frozenset({Need.CALLS}),
    labels={View.GRADES: "Quadratic weighted kappa"},
    hint="0 is chance",
    chance=0.0,
    scale=Scale.FISHER,
    small_sample=SmallSample.VARIANCE,
    few=20,
    key_in=frozenset({View.GRADES}),
    leads_in=frozenset({View.GRADES}),
    group_in=frozenset({View.GRADES}),
)
METRICS = (KAPPA,)

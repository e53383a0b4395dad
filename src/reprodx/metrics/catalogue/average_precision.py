"""Average precision: the area under the precision-recall curve, as steps; its chance level is the prevalence.

Source: the sum over thresholds of precision times the increment of recall, without interpolation (Davis & Goadrich,
ICML 2006, show why).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import View
from reprodx.metrics.metric import HIGHER, QUESTIONS, Metric, Need, Scale
from reprodx.metrics.ranked_cases import cumulated
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings


class WeightedAveragePrecision:
    """The average precision as a function of case weights, with the cases sorted once."""

    def __init__(self, is_positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> None:
        """Sort the cases.

        Args:
            is_positive: Shape (cases,).
            scores: Shape (cases,), finite; higher means more likely positive.
        """
        self.num_cases = is_positive.size
        self._scores = scores
        self._positives, self._negatives = (
            np.flatnonzero(mask)[np.argsort(-scores[mask])] for mask in (is_positive, ~is_positive)
        )
        self._num_positives, self._num_negatives = (
            np.searchsorted(-scores[members], -scores[self._positives], side="right")
            for members in (self._positives, self._negatives)
        )

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values, shape (resamples,), NaN where no positive case has weight; weights are (resamples, cases)."""
        of_positives = weights.take(self._positives, axis=1)
        true_positives = cumulated(of_positives).take(self._num_positives, axis=1)
        false_positives = cumulated(weights.take(self._negatives, axis=1)).take(self._num_negatives, axis=1)
        # Above the highest case that was drawn there is nothing, and 0 / 0 adds nothing to the sum.
        precision = np.nan_to_num(ratio(true_positives, true_positives + false_positives))
        return ratio((of_positives * precision).sum(axis=1), of_positives.sum(axis=1))

    def influence(self) -> NDArray[np.float64]:
        """Return the derivative by each case's weight, shape (cases,).

        A positive case adds its own precision, and raises that of the positive cases at or below it; a negative one
        lowers these.
        """
        num_called = self._num_positives + self._num_negatives
        precision, count = self._num_positives / num_called, self._positives.size
        influence = np.zeros(self.num_cases)
        influence[self._positives] = (precision - precision.mean()) / count
        for members, slopes in (
            (self._positives, self._num_negatives / num_called**2),
            (self._negatives, -self._num_positives / num_called**2),
        ):
            # By descending score, what lies at or below a case begins at its first equal.
            first = np.searchsorted(-self._scores[self._positives], -self._scores[members], side="left")
            below = np.append(np.cumsum(slopes[::-1])[::-1], 0.0)
            influence[members] += below[first] / count
        return influence


def _of_question(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    return Statistic.of_question(cases, WeightedAveragePrecision)


def _of_labels(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    return Statistic.of_each(cases, WeightedAveragePrecision)


AVERAGE_PRECISION = Metric(
    name="average_precision",
    label="Average precision",
    place=20,
    views=dict.fromkeys(QUESTIONS, _of_question),
    better=HIGHER,
    needs=frozenset({Need.CLASSES}),
    hint="1 is perfect",
    scale=Scale.LOGIT,
    is_by_rank=True,
    few=20,
    table_in=frozenset({View.LABEL}),
)
MACRO = Metric(
    name="average_precision_macro",
    label="Average precision, mean over labels",
    place=21,
    views={View.LABELS: _of_labels},
    better=HIGHER,
    needs=frozenset({Need.CLASSES}),
    hint="1 is perfect",
    scale=Scale.LOGIT,
    is_by_rank=True,
    few=20,
    key_in=frozenset({View.LABELS}),
)
METRICS = (AVERAGE_PRECISION, MACRO)

"""The area under the ROC curve: the chance that a positive case scores above a negative one.

Source of the logit interval: Pepe, The Statistical Evaluation of Medical Tests, 2003, 5.2.5. It covers where
diagnostic models live; the Wald interval does not.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from reprodx.metrics.asked import View
from reprodx.metrics.estimation import estimate
from reprodx.metrics.measured import measured
from reprodx.metrics.metric import CLASSES, HIGHER, QUESTIONS, Metric, Need, Scale
from reprodx.metrics.ranked_cases import cumulated
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.settings import Intervals
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import missing_class, ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.settings import ScoreSettings
    from reprodx.schemas import Estimate


class WeightedAuroc:
    """The AUROC as a function of case weights, with the cases sorted once."""

    def __init__(self, is_positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> None:
        """Sort the cases.

        Args:
            is_positive: Shape (cases,).
            scores: Shape (cases,), finite; higher means more likely positive. Never clipped: clipping makes ties.
        """
        self.num_cases = is_positive.size
        self._positives, self._negatives = (
            np.flatnonzero(mask)[np.argsort(scores[mask])] for mask in (is_positive, ~is_positive)
        )
        of_positives, of_negatives = scores[self._positives], scores[self._negatives]
        self._num_below, self._num_not_above = _below_and_not_above(of_negatives, of_positives)
        self._ordered = of_positives, of_negatives

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return areas, shape (resamples,), NaN where a class has no weight; weights are (resamples, cases)."""
        # Not by indexing, which is several times slower than take.
        of_positives, sums = weights.take(self._positives, axis=1), cumulated(weights.take(self._negatives, axis=1))
        below = sums.take(self._num_below, axis=1) + sums.take(self._num_not_above, axis=1)
        return ratio((of_positives * below).sum(axis=1) / 2, of_positives.sum(axis=1) * sums[:, -1])

    def influence(self) -> NDArray[np.float64]:
        """Return what each case moves the area by: its structural component less the area, as a share of its class.

        A component is the share of the other class that a case is ranked rightly against, ties counting one half.

        Source: DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837, equation 4; Sun & Xu, IEEE Signal Process Lett
        2014;21:1389 (from ranks, in O(n log n)).
        """
        influence = np.zeros(self.num_cases)
        positives, negatives = self._ordered
        if not (positives.size and negatives.size):
            return influence
        below, not_above = _below_and_not_above(positives, negatives)
        lost = (below + not_above) / (2 * positives.size)
        won = (self._num_below + self._num_not_above) / (2 * negatives.size)
        for rows, values in ((self._positives, won), (self._negatives, 1 - lost)):
            influence[rows] = (values - values.mean()) / values.size
        return influence


def _below_and_not_above(
    others: NDArray[np.float64], scores: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many of other scores, ascending, lie below each score, and how many do not lie above."""
    return np.searchsorted(others, scores, side="left"), np.searchsorted(others, scores, side="right")


class _Pooled:
    """The AUROC of all pairs of a case and a label, with one scale for all labels."""

    def __init__(self, cases: ScoredCases) -> None:
        self.num_cases, self._num_labels = cases.targets.shape
        self._of_pairs = WeightedAuroc(cases.targets.ravel() == 1, cases.probs.ravel())

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._of_pairs(np.repeat(weights, self._num_labels, axis=1))

    def influence(self) -> NDArray[np.float64]:
        of_cases: NDArray[np.float64] = self._of_pairs.influence().reshape(self.num_cases, -1).sum(axis=1)
        return of_cases


def hanley_mcneil_se(area: float, num_positives: int, num_negatives: int) -> float:
    """Return the standard error of an AUROC that is known only with its numbers of cases, as in a paper.

    Args:
        area: The AUROC, in [0, 1].
        num_positives: At least 1.
        num_negatives: At least 1.

    Returns:
        The standard error under exponential scores.

    Source: Hanley & McNeil, Radiology 1982;143:29, equation 1.

    >>> round(hanley_mcneil_se(0.8931710615, 51, 58), 7)
    0.0324866
    """
    both_positives_above = area / (2 - area)
    above_both_negatives = 2 * area**2 / (1 + area)
    variance = area * (1 - area)
    variance += (num_positives - 1) * (both_positives_above - area**2)
    variance += (num_negatives - 1) * (above_both_negatives - area**2)
    return math.sqrt(variance / (num_positives * num_negatives))


def _of_question(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    return Statistic.of_question(cases, WeightedAuroc)


def _of_each(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    return Statistic.of_each(cases, WeightedAuroc)


def _of_pairs(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    if reason := missing_class(cases.targets.ravel() == 1):
        return Statistic.undefined(reason, n=cases.num_cases)
    return Statistic.mean_of([_Pooled(cases)], n=cases.num_cases)


def _of_normal_scores(area: float, cases: ScoredCases) -> float:
    """Return the variance of an AUROC whose scores are normal in both classes, with one spread.

    Source: DeLong 1988, equation 4, with the components' variance by Gauss-Hermite quadrature.
    """
    at, weights = np.polynomial.hermite_e.hermegauss(64)
    components = ndtr(at + math.sqrt(2) * ndtri(area))
    mean = np.average(components, weights=weights)
    spread = float(np.average((components - mean) ** 2, weights=weights))
    num_positives = int(cases.is_positive.sum())
    return spread * (1 / num_positives + 1 / (cases.num_cases - num_positives))


AUROC = Metric(
    name="auroc",
    label="AUROC",
    place=10,
    views=dict.fromkeys((*QUESTIONS, View.CLASS), _of_question) | dict.fromkeys((*CLASSES, View.LABELS), _of_each),
    better=HIGHER,
    needs=frozenset({Need.CLASSES}),
    labels=dict.fromkeys(CLASSES, "AUROC, mean over classes") | {View.LABELS: "AUROC, mean over labels"},
    hint="0.5 is chance",
    chance=0.5,
    scale=Scale.LOGIT,
    method="DeLong",
    clustered_method="Obuchowski, clustered by patient",
    is_given_class=True,
    is_by_rank=True,
    few=10,
    doubtful=30,
    least_variance=_of_normal_scores,
    aliases=dict.fromkeys((*CLASSES, View.LABELS), "auroc_macro"),
    key_in=frozenset({View.BINARY, View.CLASSES, View.REFERABLE, View.LABELS}),
    leads_in=frozenset({View.BINARY, View.CLASSES, View.REFERABLE, View.LABELS}),
    group_in=frozenset({View.BINARY, View.CLASSES, View.LABELS}),
    table_in=frozenset({View.CLASS, View.LABEL}),
    hub_name="roc_auc",
)
MICRO = Metric(
    name="auroc_micro",
    label="AUROC, all pairs of case and label",
    place=11,
    views={View.LABELS: _of_pairs},
    better=HIGHER,
    hint="0.5 is chance",
    chance=0.5,
    scale=Scale.LOGIT,
    method="Obuchowski, pairs of a case clustered",
    clustered_method="Obuchowski, clustered by patient",
    is_by_rank=True,
    few=10,
    doubtful=30,
    key_in=frozenset({View.LABELS}),
)
METRICS = (AUROC, MICRO)


def auroc(
    is_positive: NDArray[np.bool_],
    scores: NDArray[np.float64],
    *,
    confidence_level: float,
    patients: NDArray[np.int64] | None = None,
) -> Estimate:
    """Return the area under the ROC curve of scores of any scale.

    Args:
        is_positive: Shape (cases,).
        scores: Shape (cases,), finite; higher means more likely positive. Never clipped, since clipping makes ties.
        confidence_level: In (0, 1).
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        Undefined with one class only; without interval where the variance cannot be estimated or the area is 0 or 1.

    >>> print(auroc(np.array([False, False, True]), np.array([0.1, 0.6, 0.5]), confidence_level=0.95).value)
    0.5
    """
    cases = ScoredCases.yes_or_no(is_positive, scores, patients)
    settings = Intervals(confidence_level, "wilson")
    return estimate(measured(AUROC, View.BINARY, [cases], settings), settings)

"""Average precision: the area under the precision-recall curve, as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.ranked_cases import cumulated
from reprodx.metrics.undefined import missing_class, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap


def average_precision(
    is_positive: NDArray[np.bool_],
    scores: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    patients: NDArray[np.int64] | None = None,
) -> Estimate:
    """Return the mean precision over the positive cases; its chance level is the prevalence.

    Args:
        is_positive: Shape (cases,).
        scores: Shape (cases,), finite; higher means more likely positive.
        bootstrap: How the interval is made.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        Undefined with one class only.

    Source: the sum over thresholds of precision times the increment of recall, without interpolation
    (Davis & Goadrich, ICML 2006, show why).
    """
    n, n_events = is_positive.size, int(is_positive.sum())
    if reason := missing_class(is_positive):
        return Estimate.undefined(reason, n=n, n_events=n_events)
    statistic = weighted_average_precision(is_positive, scores)
    return bootstrap.estimate(statistic, is_positive, patients, n_events=n_events)


def weighted_average_precision(
    is_positive: NDArray[np.bool_], scores: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the average precision as a function of case weights, with the cases sorted once.

    Args:
        is_positive: Shape (cases,).
        scores: Shape (cases,), finite; higher means more likely positive.

    Returns:
        A function of weights, shape (resamples, cases), to values, shape (resamples,); NaN where no positive case has
        weight.
    """
    positives, negatives = (np.flatnonzero(mask)[np.argsort(-scores[mask])] for mask in (is_positive, ~is_positive))
    num_positives, num_negatives = (
        np.searchsorted(-scores[members], -scores[positives], side="right") for members in (positives, negatives)
    )

    def values(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        of_positives = weights.take(positives, axis=1)
        true_positives = cumulated(of_positives).take(num_positives, axis=1)
        false_positives = cumulated(weights.take(negatives, axis=1)).take(num_negatives, axis=1)
        # Above the highest case that was drawn there is nothing, and 0 / 0 adds nothing to the sum.
        precision = np.nan_to_num(ratio(true_positives, true_positives + false_positives))
        return ratio((of_positives * precision).sum(axis=1), of_positives.sum(axis=1))

    return values

"""The area under the ROC curve with its interval.

Source of the logit interval: Pepe, The Statistical Evaluation of Medical Tests, 2003, 5.2.5. It covers where
diagnostic models live; the Wald interval does not, and stands beside it for parity with other tools.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import expit, logit, ndtri

from reprodx.metrics.ranked_cases import cumulated
from reprodx.metrics.structural_components import covariance, structural_components
from reprodx.metrics.undefined import NO_VARIANCE, PERFECT, TOO_FEW_CLUSTERS, missing_class, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def auroc(
    is_positive: NDArray[np.bool_],
    scores: NDArray[np.float64],
    *,
    confidence_level: float,
    patients: NDArray[np.int64] | None = None,
    interval: Literal["logit", "wald"] = "logit",
) -> Estimate:
    """Return the area under the ROC curve: the chance that a positive case scores above a negative one.

    Args:
        is_positive: Shape (cases,).
        scores: Shape (cases,), finite; higher means more likely positive. Never clipped, since clipping makes ties.
        confidence_level: In (0, 1).
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.
        interval: On the logit of the area, or on the area itself.

    Returns:
        Undefined with one class only; without interval where the variance cannot be estimated or the area is 0 or 1.

    >>> print(auroc(np.array([False, False, True]), np.array([0.1, 0.6, 0.5]), confidence_level=0.95).value)
    0.5
    """
    n, n_events = is_positive.size, int(is_positive.sum())
    method = f"{interval} {'DeLong' if patients is None else 'Obuchowski, clustered by patient'}"
    if reason := missing_class(is_positive):
        return Estimate.undefined(reason, n=n, n_events=n_events)
    of_positives, of_negatives = structural_components(is_positive, scores)
    area = float(of_positives.mean())
    variance = covariance(of_positives[None], of_negatives[None], is_positive, patients)
    known = None if variance is None else variance.item()
    without = Estimate(area, None, None, n, n_events, method)
    return with_interval(without, known, confidence_level=confidence_level, interval=interval)


def with_interval(
    area: Estimate, variance: float | None, *, confidence_level: float, interval: Literal["logit", "wald"] = "logit"
) -> Estimate:
    """Return an area with the interval that its variance gives.

    Args:
        area: With a value.
        variance: Of the area; None where it cannot be estimated.
        confidence_level: In (0, 1).
        interval: On the logit of the area, or on the area itself.

    Returns:
        Without interval where there is no variance, or the area is 0 or 1.
    """
    assert area.value is not None, "an area that is undefined has no variance"
    if reason := _no_interval(area.value, variance):
        return dataclasses.replace(area, reason=reason)
    assert variance is not None, "its absence is a reason"
    low, high = _interval(area.value, math.sqrt(variance), confidence_level, interval)
    return dataclasses.replace(area, ci_low=low, ci_high=high)


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


def weighted_auroc(
    is_positive: NDArray[np.bool_], scores: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the AUROC as a function of case weights, with the cases sorted once.

    Args:
        is_positive: Shape (cases,).
        scores: Shape (cases,), finite; higher means more likely positive.

    Returns:
        A function of weights, shape (resamples, cases), to areas, shape (resamples,); NaN where a class has no weight.
    """
    positives, negatives = (np.flatnonzero(mask)[np.argsort(scores[mask])] for mask in (is_positive, ~is_positive))
    num_below = np.searchsorted(scores[negatives], scores[positives], side="left")
    num_not_above = np.searchsorted(scores[negatives], scores[positives], side="right")

    def areas(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        # Not by indexing, which is several times slower than take.
        of_positives, sums = weights.take(positives, axis=1), cumulated(weights.take(negatives, axis=1))
        rightly = (of_positives * (sums.take(num_below, axis=1) + sums.take(num_not_above, axis=1))).sum(axis=1) / 2
        return ratio(rightly, of_positives.sum(axis=1) * sums[:, -1])

    return areas


def _no_interval(area: float, variance: float | None) -> str | None:
    if area in (0, 1):
        return PERFECT
    if variance is None:
        return TOO_FEW_CLUSTERS
    return None if variance > 0 else NO_VARIANCE


def _interval(area: float, se: float, confidence_level: float, interval: str) -> tuple[float, float]:
    z = float(ndtri((1 + confidence_level) / 2))
    if interval == "logit":
        margin = z * se / (area * (1 - area))
        centre = logit(area)
        return float(expit(centre - margin)), float(expit(centre + margin))
    return max(0.0, area - z * se), min(1.0, area + z * se)

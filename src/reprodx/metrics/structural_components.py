"""The structural components of AUROCs and their covariance, for independent and for clustered cases.

Source: DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837; Sun & Xu, IEEE Signal Process Lett 2014;21:1389 (the
same from ranks, in O(n log n)); Obuchowski, Biometrics 1997;53:567 (several cases of one patient).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def structural_components(
    is_positive: NDArray[np.bool_], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return, for each case, the share of the other class that it is ranked rightly against; ties count one half.

    Both means are the AUROC. Both classes must be present.

    Args:
        is_positive: Shape (cases,).
        scores: Shape (cases,), finite; higher means more likely positive.

    Returns:
        The components of the positive cases, shape (positives,), and of the negative ones, shape (negatives,).

    Source: Sun & Xu 2014, equations 5 to 8.

    >>> structural_components(np.array([False, False, True]), np.array([0.1, 0.6, 0.5]))
    (array([0.5]), array([1., 0.]))
    """
    order = np.argsort(scores)
    ordered = scores[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    num_tied = np.diff(starts, append=scores.size)
    num_tied_positives = np.add.reduceat(is_positive[order], starts, dtype=np.int64)
    num_positives = int(num_tied_positives.sum())
    above_negatives, above_positives = np.empty(scores.size), np.empty(scores.size)
    above_negatives[order] = np.repeat(_num_below(num_tied - num_tied_positives), num_tied)
    above_positives[order] = np.repeat(_num_below(num_tied_positives), num_tied)
    of_positives = above_negatives[is_positive] / (scores.size - num_positives)
    return of_positives, 1 - above_positives[~is_positive] / num_positives


def covariance(
    of_positives: NDArray[np.float64],
    of_negatives: NDArray[np.float64],
    is_positive: NDArray[np.bool_],
    patients: NDArray[np.int64] | None,
) -> NDArray[np.float64] | None:
    """Return the covariance of AUROCs, or of differences of AUROCs whose components were subtracted.

    Args:
        of_positives: Shape (k, positives), a row for each AUROC or difference.
        of_negatives: Shape (k, negatives).
        is_positive: Shape (cases,).
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        Shape (k, k); None where a class has fewer than two patients, which leaves nothing to estimate it from.

    Source: DeLong 1988, equation 4; Obuchowski 1997, equations 3 to 6, which is the same when cases are independent.
    """
    num_positives, num_negatives = of_positives.shape[1], of_negatives.shape[1]
    deviations = [values - values.mean(axis=1, keepdims=True) for values in (of_positives, of_negatives)]
    if patients is None:
        counts, sums = (num_positives, num_negatives), deviations
    else:
        members = (patients[is_positive], patients[~is_positive])
        counts = (np.unique(members[0]).size, np.unique(members[1]).size)
        num_patients = int(patients.max()) + 1
        sums = [_sums(values, group, num_patients) for values, group in zip(deviations, members, strict=True)]
    if min(counts) < 2:
        return None
    result: NDArray[np.float64] = _cross(sums[0], sums[0]) * _corrected(counts[0]) / num_positives**2
    result += _cross(sums[1], sums[1]) * _corrected(counts[1]) / num_negatives**2
    if patients is not None:
        between = _cross(sums[0], sums[1]) * _corrected(np.unique(patients).size) / (num_positives * num_negatives)
        result += between + between.T
    return result


def _num_below(num_tied: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how many cases lie below each score, half of those at it included; scores ascend."""
    num_below: NDArray[np.float64] = np.cumsum(num_tied) - num_tied / 2
    return num_below


def _sums(values: NDArray[np.float64], group: NDArray[np.int64], num_patients: int) -> NDArray[np.float64]:
    return np.stack([np.bincount(group, weights=row, minlength=num_patients) for row in values])


def _cross(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    # Not a matrix product: BLAS sums in an order that depends on the number of threads.
    products: NDArray[np.float64] = np.einsum("ip,jp->ij", left, right)
    return products


def _corrected(count: int) -> float:
    return count / (count - 1)

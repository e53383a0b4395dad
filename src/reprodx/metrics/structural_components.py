"""The structural components of AUROCs, of which their variance is made.

Source: DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837; Sun & Xu, IEEE Signal Process Lett 2014;21:1389 (the
same from ranks, in O(n log n)).
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


def _num_below(num_tied: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how many cases lie below each score, half of those at it included; scores ascend."""
    num_below: NDArray[np.float64] = np.cumsum(num_tied) - num_tied / 2
    return num_below

"""Cases in the order of their scores: what ROC, precision-recall and every choice of a threshold are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RankedCases(NamedTuple):
    """The distinct scores, descending, and how many cases lie at or above each; each of shape (ranks,)."""

    scores: NDArray[np.float64]
    true_positives: NDArray[np.int64]
    false_positives: NDArray[np.int64]

    @classmethod
    def of(cls, is_positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> RankedCases:
        """Rank cases of two classes; equal scores share one rank.

        Args:
            is_positive: Shape (cases,).
            scores: Shape (cases,), finite; higher means more likely positive. Any scale.

        Returns:
            The ranks.

        >>> ranked = RankedCases.of(np.array([False, True, True, False]), np.array([0.1, 0.4, 0.8, 0.4]))
        >>> ranked.true_positives.tolist(), ranked.false_positives.tolist()
        ([1, 2, 2], [0, 1, 2])
        """
        distinct, ranks = np.unique(-scores, return_inverse=True)
        true_positives = np.cumsum(np.bincount(ranks[is_positive], minlength=distinct.size))
        false_positives = np.cumsum(np.bincount(ranks[~is_positive], minlength=distinct.size))
        return cls(-distinct, true_positives, false_positives)


def cumulated(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return running sums with a leading 0, from shape (resamples, cases) to (resamples, cases + 1).

    >>> cumulated(np.array([[1.0, 2.0]]))
    array([[0., 1., 3.]])
    """
    sums = np.zeros((weights.shape[0], weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=sums[:, 1:])
    return sums

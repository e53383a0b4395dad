"""Every threshold that calls the cases differently, and what it calls.

Candidates lie halfway between neighbouring distinct probabilities, with 0 (everyone positive) and one above the
highest (no one positive).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprodx.errors import UndefinedMetricError
from reprodx.metrics.ranked_cases import RankedCases
from reprodx.metrics.undefined import missing_class

if TYPE_CHECKING:
    from numpy.typing import NDArray

ABOVE_ALL = float(np.nextafter(1.0, 2.0))
"""The least number that no probability reaches."""


class Candidates(NamedTuple):
    """Thresholds, descending, and how many cases of each class lie at or above them; each of shape (candidates,)."""

    thresholds: NDArray[np.float64]
    true_positives: NDArray[np.int64]
    false_positives: NDArray[np.int64]
    num_positives: int
    num_negatives: int

    @classmethod
    def of(cls, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> Candidates:
        """Return the candidates for cases of both classes.

        Args:
            is_positive: Shape (cases,).
            probs: Shape (cases,), of the positive class.

        Returns:
            The candidates.

        Raises:
            UndefinedMetricError: If a class is absent.
        """
        if reason := missing_class(is_positive):
            raise UndefinedMetricError(
                f"no threshold can be chosen on the validation split ({reason}): enlarge it, or fix the threshold"
            )
        ranked = RankedCases.of(is_positive, probs)
        upper = np.append(ABOVE_ALL, ranked.scores)
        lower = np.append(ranked.scores, 0.0)
        middle = lower + (upper - lower) / 2
        # Between neighbouring floats the middle rounds to one of them, and must not call the lower one positive.
        thresholds = np.where(middle > lower, middle, upper)
        thresholds[-1] = 0.0
        true_positives, false_positives = (np.append(0, counts) for counts in ranked[1:])
        return cls(thresholds, true_positives, false_positives, int(true_positives[-1]), int(false_positives[-1]))

    @property
    def sensitivities(self) -> NDArray[np.float64]:
        """Shape (candidates,), ascending."""
        return self.true_positives / self.num_positives

    @property
    def specificities(self) -> NDArray[np.float64]:
        """Shape (candidates,), descending."""
        return (self.num_negatives - self.false_positives) / self.num_negatives

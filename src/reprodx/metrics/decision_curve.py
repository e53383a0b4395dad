"""Net benefit: true positives less false positives, weighed by the odds of the threshold.

Source: Vickers & Elkin, Med Decis Making 2006;26:565, equation 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class DecisionCurve(NamedTuple):
    """Net benefit, in true positives a case, at each threshold; each of shape (thresholds,)."""

    model: NDArray[np.float64]
    treat_all: NDArray[np.float64]
    treat_none: NDArray[np.float64]
    """Zero everywhere."""


def decision_curve(
    is_positive: NDArray[np.bool_], probs: NDArray[np.float64], thresholds: NDArray[np.float64]
) -> DecisionCurve:
    """Return the net benefit of treating those at or above each threshold, everyone, or no one.

    Args:
        is_positive: Shape (cases,), at least one case.
        probs: Shape (cases,), of the positive class.
        thresholds: Shape (thresholds,), in (0, 1).

    Returns:
        The three strategies.

    >>> curve = decision_curve(np.array([True, False]), np.array([0.9, 0.2]), np.array([0.5]))
    >>> curve.model.tolist(), curve.treat_all.tolist()
    ([0.5], [0.0])
    """
    odds = thresholds / (1 - thresholds)
    true_positives = _share_at_or_above(probs[is_positive], thresholds, is_positive.size)
    false_positives = _share_at_or_above(probs[~is_positive], thresholds, is_positive.size)
    prevalence = is_positive.mean()
    return DecisionCurve(
        model=true_positives - false_positives * odds,
        treat_all=prevalence - (1 - prevalence) * odds,
        treat_none=np.zeros_like(thresholds),
    )


def _share_at_or_above(
    probs: NDArray[np.float64], thresholds: NDArray[np.float64], num_cases: int
) -> NDArray[np.float64]:
    return (probs.size - np.searchsorted(np.sort(probs), thresholds, side="left")) / num_cases

"""Outcomes beside predicted probabilities: in bins, and as a smooth curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOWESS_SPAN = 2 / 3
"""Share of the cases that each local line is fitted to."""
LOWESS_STEP = 0.001
"""Between fitted points the smooth is drawn straight, in shares of the range; moves the ICI by about 1e-9."""
TOO_EQUAL = "too many equal probabilities to smooth"
NO_INTERVAL = "interval not estimable: this distance is biased upwards, and resampling adds to the bias"


@dataclass(frozen=True)
class CalibrationBins:
    """Cases in bins of about equal size by predicted probability; equal probabilities share a bin.

    Each array has the shape (bins,).
    """

    mean_probs: NDArray[np.float64]
    num_cases: NDArray[np.int64]
    num_positives: NDArray[np.int64]


def calibration_bins(is_positive: NDArray[np.bool_], probs: NDArray[np.float64], num_bins: int) -> CalibrationBins:
    """Return the bins of equal mass.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.
        num_bins: The most bins there can be; fewer where cases are few or probabilities are equal.

    Returns:
        Bins by ascending probability, none empty. The order of the cases does not matter.

    >>> bins = calibration_bins(np.array([False, True, False, True]), np.array([0.1, 0.3, 0.6, 0.8]), 2)
    >>> bins.num_positives.tolist(), bins.num_cases.tolist()
    ([1, 1], [2, 2])
    """
    first_ranks = rankdata(probs, method="min").astype(np.int64) - 1
    _, bins = np.unique(first_ranks * num_bins // max(probs.size, 1), return_inverse=True)
    num_cases = np.bincount(bins)
    return CalibrationBins(
        mean_probs=np.bincount(bins, weights=probs) / num_cases,
        num_cases=num_cases,
        num_positives=np.bincount(bins, weights=is_positive).astype(np.int64),
    )


def binned_distance(is_positive: NDArray[np.bool_], probs: NDArray[np.float64], num_bins: int) -> float:
    """Return the mean distance between observed rate and mean probability over bins of equal mass, in [0, 1].

    Args:
        is_positive: Shape (cases,), at least one case.
        probs: Shape (cases,), of the positive class.
        num_bins: As for `calibration_bins`.

    Returns:
        The expected calibration error.

    Source: Nguyen & O'Connor, EMNLP 2015 (bins of equal mass); Naeini et al, AAAI 2015.
    """
    bins = calibration_bins(is_positive, probs, num_bins)
    return float(np.abs(bins.num_positives - bins.num_cases * bins.mean_probs).sum() / probs.size)


def is_too_equal(probs: NDArray[np.float64]) -> bool:
    """Return whether a window of the smooth can hold one probability alone, so that it has no width.

    >>> is_too_equal(np.array([0.1, 0.1, 0.1])), is_too_equal(np.array([0.1, 0.2, 0.3]))
    (True, False)
    """
    return bool(np.unique(probs, return_counts=True)[1].max() >= int(LOWESS_SPAN * probs.size))


def smoothed_rates(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the smoothed observed rate at each case's probability: the calibration curve.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.

    Returns:
        Shape (cases,), slightly outside [0, 1] at times; None where two thirds of the probabilities are equal.

    Source: Austin & Steyerberg, Stat Med 2014;33:517: lowess without robustness iterations, since outcomes are binary.
    """
    from statsmodels.nonparametric.smoothers_lowess import lowess

    if is_too_equal(probs):
        return None
    outcomes = is_positive.astype(np.float64)
    step = LOWESS_STEP * float(np.ptp(probs))
    smooth = lowess(outcomes, probs, frac=LOWESS_SPAN, it=0, delta=step, return_sorted=False)
    return np.asarray(smooth)

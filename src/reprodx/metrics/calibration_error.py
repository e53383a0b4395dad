"""How far smoothed or binned outcomes lie from the predicted probabilities.

These distances are above zero for a perfect model too, the more so the fewer the cases, and a bootstrap adds to that:
so they come without an interval, which would leave out the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from reprodx.metrics.undefined import NO_CASE, missing_class
from reprodx.schemas import Estimate

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


def expected_calibration_error(
    is_positive: NDArray[np.bool_], probs: NDArray[np.float64], *, num_bins: int
) -> Estimate:
    """Return the mean distance between observed rate and mean probability over bins of equal mass, in [0, 1].

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.
        num_bins: As for `calibration_bins`.

    Returns:
        Undefined without cases.

    Source: Nguyen & O'Connor, EMNLP 2015 (bins of equal mass); Naeini et al, AAAI 2015.
    """
    n, n_events = is_positive.size, int(is_positive.sum())
    if not n:
        return Estimate.undefined(NO_CASE, n=0, n_events=0)
    bins = calibration_bins(is_positive, probs, num_bins)
    distances = np.abs(bins.num_positives - bins.num_cases * bins.mean_probs)
    method = f"{num_bins} bins of equal mass"
    return Estimate(float(distances.sum() / n), None, None, n, n_events, method, NO_INTERVAL)


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


def integrated_calibration_index(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> dict[str, Estimate]:
    """Return mean, median, 90th percentile and maximum of the distance between calibration curve and probabilities.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.

    Returns:
        `ici`, `e50`, `e90` and `emax`, each in [0, 1]; undefined with one class only or without a curve.

    Source: Austin & Steyerberg, Stat Med 2019;38:4051; Harrell, Regression Modeling Strategies, for the maximum.
    """
    n, n_events = is_positive.size, int(is_positive.sum())
    reason = missing_class(is_positive)
    smooth = None if reason else smoothed_rates(is_positive, probs)
    if smooth is None:
        undefined = Estimate.undefined(reason or TOO_EQUAL, n=n, n_events=n_events)
        return dict.fromkeys(("ici", "e50", "e90", "emax"), undefined)
    distances = np.abs(smooth - probs)
    values = {
        "ici": distances.mean(),
        "e50": np.median(distances),
        "e90": np.quantile(distances, 0.9),
        "emax": distances.max(),
    }
    return {
        name: Estimate(float(value), None, None, n, n_events, "lowess", NO_INTERVAL) for name, value in values.items()
    }

"""The calibration curve as a sum over cases, so that all resamples of it are a few products of matrices.

The smooth is locally linear with tricube weights: lowess without robustness iterations. Windows are those of all cases;
within them a resample only weighs cases, in which the sums of a local line are linear.

Up to `MAX_CELLS` cases each probability is a cell of its own and nothing is approximated. Above, neighbouring cases
share cells; that moves the curve by less than 2e-4, a hundredth of the width of its interval with 10 000 cases.

Source: Cleveland, J Am Stat Assoc 1979;74:829; Austin & Steyerberg, Stat Med 2014;33:517, for calibration.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from reprodx.metrics.calibration_error import LOWESS_SPAN, is_too_equal
from reprodx.metrics.resampled_cells import resampled_cells
from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap

MAX_CELLS = 1000
"""Distinct places on the probability axis that are kept apart."""
NUM_GRID_POINTS = 101
"""Places of the curve near equally spaced probabilities; as many lie near quantiles of those of the cases."""
TOLERANCE = 1e-12
"""Below this share of its largest value, the spread of a window's probabilities counts as none."""


@dataclass(frozen=True)
class ProbabilityCells:
    """Cases by intervals of their probability, in ascending order; equal probabilities share a cell."""

    members: NDArray[np.int64]
    """Shape (cases,), the cell of each case."""
    mean_probs: NDArray[np.float64]
    """Shape (cells,)."""
    num_cases: NDArray[np.int64]
    """Shape (cells,)."""
    bins: NDArray[np.int64]
    """Shape (cells,), the number of the calibration bin that holds the cell."""

    @classmethod
    def of(cls, probs: NDArray[np.float64], num_bins: int) -> ProbabilityCells:
        """Return cells that nest in the bins of `calibration_error.calibration_bins`.

        Args:
            probs: Shape (cases,), of the positive class; at least one.
            num_bins: Of equal mass.

        Returns:
            One cell a probability for up to `MAX_CELLS` cases, else cells that hold at most two thousandths of the
            cases and of the range.
        """
        first_ranks = rankdata(probs, method="min").astype(np.int64) - 1
        slots = first_ranks
        if probs.size > MAX_CELLS:
            most = num_bins * math.ceil(MAX_CELLS / 2 / num_bins)
            # Both parts ascend with the probability, so that their sum tells apart what either does.
            steps = (probs - probs.min()) * (MAX_CELLS / 2 / max(np.ptp(probs), np.finfo(np.float64).tiny))
            slots = first_ranks * most // probs.size + steps.astype(np.int64)
        _, first, members = np.unique(slots, return_index=True, return_inverse=True)
        num_cases = np.bincount(members)
        # From the first case on, so that the mean of equal probabilities is theirs to the last bit.
        mean_probs = probs[first] + np.bincount(members, weights=probs - probs[first][members]) / num_cases
        return cls(members, mean_probs, num_cases, first_ranks[first] * num_bins // probs.size)


@dataclass(frozen=True)
class Smoother:
    """The local lines of some probabilities, into which counts by cell are put."""

    grid: NDArray[np.float64]
    """Shape (points,), ascending probabilities at which the curve is known."""
    kernels: NDArray[np.float64]
    """Shape (3, cells, points): tricube weight of a cell at a point, times powers of the distance in radii."""

    @classmethod
    def of(cls, probs: NDArray[np.float64], cells: ProbabilityCells) -> Smoother | None:
        """Return the smoother of a set of cases.

        Args:
            probs: Shape (cases,), of the positive class.
            cells: Of the same cases.

        Returns:
            None where two thirds of the probabilities are equal.
        """
        if is_too_equal(probs):
            return None
        even = np.linspace(probs.min(), probs.max(), NUM_GRID_POINTS)
        wanted = np.append(even, np.quantile(probs, np.linspace(0, 1, NUM_GRID_POINTS)))
        # At a probability that a case has there is a weight; between two, all of a window can lie on its edge.
        grid = cells.mean_probs[np.unique(np.searchsorted(cells.mean_probs[:-1], wanted))]
        # A radius can be the smallest number there is.
        with np.errstate(over="ignore"):
            distances = np.clip((cells.mean_probs[:, None] - grid) / _radii(np.sort(probs), grid), -1, 1)
        weights = (1 - np.abs(distances) ** 3) ** 3
        return cls(grid, np.stack([weights, weights * distances, weights * distances**2]))

    def rates(
        self, num_cases: NDArray[np.int64] | NDArray[np.float64], num_positives: NDArray[np.int64] | NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the smoothed rate of positives.

        Args:
            num_cases: Shape (cells,) or (resamples, cells).
            num_positives: Shape (cells,) or (resamples, cells).

        Returns:
            Shape (points,) or (resamples, points), slightly outside [0, 1] at times; NaN where a resample has no case
            near a point. Where all cases near it have one probability, their mean.
        """
        mass, slope, spread = (num_cases.astype(np.float64) @ kernel for kernel in self.kernels)
        hits, sloping_hits = (num_positives.astype(np.float64) @ kernel for kernel in self.kernels[:2])
        determinant = mass * spread - slope**2
        is_line = determinant > TOLERANCE * mass * spread
        line = ratio(spread * hits - slope * sloping_hits, np.where(is_line, determinant, 0))
        return np.where(is_line, line, ratio(hits, mass))


@dataclass(frozen=True)
class CalibrationCurve:
    """Smoothed observed rates with their pointwise interval, each of shape (points,)."""

    probs: NDArray[np.float64]
    rates: NDArray[np.float64]
    ci_low: NDArray[np.float64]
    """NaN where a resample leaves the rate undefined."""
    ci_high: NDArray[np.float64]


def calibration_curve(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    strata: NDArray[np.int64],
    patients: NDArray[np.int64] | None = None,
) -> CalibrationCurve | None:
    """Return the calibration curve with the percentile interval of resampled patients at each point.

    Args:
        is_positive: Shape (cases,), at least one case.
        probs: Shape (cases,), of the positive class.
        bootstrap: How the interval is made.
        strata: Shape (cases,), the class within which the design drew patients; all equal in a cohort.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        None where two thirds of the probabilities are equal.
    """
    cells = ProbabilityCells.of(probs, num_bins=1)
    smoother = Smoother.of(probs, cells)
    if smoother is None:
        return None
    by_answer = cells.members * 2 + is_positive
    num_cells = cells.num_cases.size
    num_positives = np.bincount(cells.members, weights=is_positive, minlength=num_cells)
    counts = resampled_cells(by_answer, 2 * num_cells, strata, patients, bootstrap).reshape(-1, num_cells, 2)
    resampled = smoother.rates(counts.sum(axis=2), counts[:, :, 1])
    tail = (1 - bootstrap.confidence_level) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    return CalibrationCurve(smoother.grid, smoother.rates(cells.num_cases, num_positives), low, high)


def _radii(ordered: NDArray[np.float64], grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance from each point to the farthest of its nearest two thirds of the cases."""
    size = min(max(int(LOWESS_SPAN * ordered.size + 1e-10), 2), ordered.size)
    # The window starts at the first case that is no farther from the point than the case after the window.
    low, high = np.zeros(grid.size, dtype=np.int64), np.full(grid.size, ordered.size - size)
    while (low < high).any():
        middle = (low + high) // 2
        is_right = grid > (ordered[middle] + ordered[np.minimum(middle + size, ordered.size - 1)]) / 2
        is_open = low < high
        low = np.where(is_open & is_right, middle + 1, low)
        high = np.where(is_open & ~is_right, middle, high)
    return np.maximum(grid - ordered[low], ordered[low + size - 1] - grid)

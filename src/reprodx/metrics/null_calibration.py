"""How far from calibrated a perfectly calibrated model looks with these probabilities and this many cases.

Outcomes are drawn from the model's own probabilities. Distances that lie within the range of the drawn ones are no
evidence against calibration.

Source: Vaicenavicius et al, AISTATS 2019 (consistency resampling); Broecker & Smith, Weather Forecast 2007;22:651.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.calibration_curve import ProbabilityCells, Smoother
from reprodx.metrics.calibration_error import TOO_EQUAL
from reprodx.metrics.undefined import NO_CASE, missing_class
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.settings import ScoreSettings

NO_SPREAD = "interval not estimable: all drawn outcomes are equal"
INDEPENDENT = "cases taken as independent"


def null_calibration(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    settings: ScoreSettings,
    *,
    patients: NDArray[np.int64] | None = None,
) -> dict[str, Estimate]:
    """Return what ECE and ICI would be if each case had its predicted probability of being positive.

    Args:
        is_positive: Shape (cases,); only counted.
        probs: Shape (cases,), of the positive class.
        settings: The number of draws and of bins, the seed, and the level of the range.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own. The
            draws take cases as independent in any event, and `method` then says so.

    Returns:
        `ece_null` and `ici_null`: the mean of the draws, and as limits the range that holds `confidence_level` of
        them. Undefined without cases; the ICI too where it is undefined itself.
    """
    n, n_events = is_positive.size, int(is_positive.sum())
    if not n:
        return dict.fromkeys(("ece_null", "ici_null"), Estimate.undefined(NO_CASE, n=0, n_events=0))
    cells = ProbabilityCells.of(probs, settings.num_calibration_bins)
    rng = np.random.default_rng(settings.bootstrap_seed)
    shape = (settings.num_null_draws, cells.num_cases.size)
    drawn = rng.binomial(cells.num_cases, cells.mean_probs, size=shape)
    unit = f"; {INDEPENDENT}" if patients is not None else ""
    method = f"range of {settings.num_null_draws} draws of outcomes from the probabilities{unit}"

    def described(values: NDArray[np.float64]) -> Estimate:
        tail = (1 - settings.confidence_level) / 2
        low, high = np.quantile(values, [tail, 1 - tail])
        if low == high:
            return Estimate(float(values.mean()), None, None, n, n_events, method, NO_SPREAD)
        return Estimate(float(values.mean()), float(low), float(high), n, n_events, method)

    smoother = Smoother.of(probs, cells)
    reason = missing_class(is_positive) or (TOO_EQUAL if smoother is None else None)
    if smoother is None or reason:
        curved = Estimate.undefined(str(reason), n=n, n_events=n_events)
    else:
        curved = described(_curve_distances(drawn, cells, smoother))
    return {"ece_null": described(_binned_distances(drawn, cells)), "ici_null": curved}


def _binned_distances(drawn: NDArray[np.int64], cells: ProbabilityCells) -> NDArray[np.float64]:
    """Return the ECE of each draw, shape (draws,)."""
    starts = np.flatnonzero(np.diff(cells.bins, prepend=-1))
    excess = np.add.reduceat(drawn - cells.num_cases * cells.mean_probs, starts, axis=1)
    distances: NDArray[np.float64] = np.abs(excess).sum(axis=1) / cells.num_cases.sum()
    return distances


def _curve_distances(drawn: NDArray[np.int64], cells: ProbabilityCells, smoother: Smoother) -> NDArray[np.float64]:
    """Return the ICI of each draw, shape (draws,)."""
    curves = smoother.rates(cells.num_cases, drawn)
    at_cells = curves @ _interpolation(smoother.grid, cells.mean_probs)
    distances: NDArray[np.float64] = np.abs(at_cells - cells.mean_probs) @ cells.num_cases / cells.num_cases.sum()
    return distances


def _interpolation(grid: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weights that draw straight lines between the points of the grid, shape (points, places)."""
    return np.array([np.interp(places, grid, point) for point in np.eye(grid.size)])

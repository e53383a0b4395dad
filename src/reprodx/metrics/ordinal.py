"""Agreement of grades: how far the called grade lies from the true one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.proportions import share_within
from reprodx.metrics.undefined import NO_CASE, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

ONE_GRADE = "all cases have and are called one grade"


def score_ordinal(cases: ScoredCases, settings: ScoreSettings) -> dict[str, Estimate]:
    """Return what only grades have; a case is called the most probable grade, the first among equals.

    Args:
        cases: Of an ordinal task.
        settings: How intervals are made.

    Returns:
        `kappa`, `mae` and `within_1`.
    """
    table = ConfusionTable.of(cases, None, settings.bootstrap)
    return {
        "kappa": quadratic_kappa(table),
        "mae": mean_absolute_error(table),
        "within_1": share_within(table, distance=1, interval=settings.proportion_interval),
    }


def quadratic_kappa(table: ConfusionTable) -> Estimate:
    """Return the agreement beyond chance, in which a disagreement weighs as the square of its distance.

    Args:
        table: Of grades in order.

    Returns:
        In [-1, 1], 0 where chance would agree as much; undefined where all cases have and are called one grade.

    Source: Cohen, Psychol Bull 1968;70:213, equation 5.
    """
    n = int(table.counts.sum())
    if not n:
        return Estimate.undefined(NO_CASE, n=0)
    if np.isnan(quadratic_kappas(table.counts[None])[0]):
        return Estimate.undefined(ONE_GRADE, n=n)
    return table.estimate(quadratic_kappas, n=n, n_events=None)


def mean_absolute_error(table: ConfusionTable) -> Estimate:
    """Return by how many grades the called grade misses the true one in the mean.

    Args:
        table: Of grades in order.

    Returns:
        In grades, 0 is perfect; undefined without cases.
    """
    n = int(table.counts.sum())
    if not n:
        return Estimate.undefined(NO_CASE, n=0)
    distances = np.abs(_steps(len(table.counts)))
    return table.estimate(
        lambda tables: ratio((tables * distances).sum(axis=(1, 2)), tables.sum(axis=(1, 2))), n=n, n_events=None
    )


def quadratic_kappas(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return 1 - observed / expected disagreement, NaN where none is expected; tables are (tables, grades, grades)."""
    distances = _steps(tables.shape[1]) ** 2
    expected = tables.sum(axis=2)[:, :, None] * tables.sum(axis=1)[:, None, :]
    observed = (tables * distances).sum(axis=(1, 2)) * tables.sum(axis=(1, 2))
    return 1 - ratio(observed, (expected * distances).sum(axis=(1, 2)))


def _steps(num_grades: int) -> NDArray[np.int64]:
    return np.subtract.outer(np.arange(num_grades), np.arange(num_grades))

"""Tables of true against predicted classes, with their resamples.

A resample of patients is drawn as numbers of patients with equal tables (a multinomial within each class), which is
the same as drawing the patients one by one and does not grow with their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.bootstrap import patient_strata

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.schemas import Estimate


@dataclass(frozen=True)
class ConfusionTable:
    """Counts of cases by true class (rows) and predicted class (columns); in a 2x2 table the negative one first."""

    counts: NDArray[np.int64]
    """Shape (classes, classes)."""
    resamples: NDArray[np.int64]
    """Shape (resamples, classes, classes): the same in resampled patients."""
    is_clustered: bool
    """Whether patients have several cases, so that formulas for independent cases do not hold."""
    bootstrap: Bootstrap

    @classmethod
    def of(cls, cases: ScoredCases, threshold: float | None, bootstrap: Bootstrap) -> ConfusionTable:
        """Count the cases and resample their patients.

        Args:
            cases: Of two classes or more.
            threshold: As for `ScoredCases.called`.
            bootstrap: How the resamples are drawn.

        Returns:
            The table, in the order of the classes.
        """
        num_classes = len(cases.classes)
        shape = (num_classes, num_classes)
        cells = cases.targets * num_classes + cases.called(threshold)
        counts = np.bincount(cells, minlength=num_classes**2).reshape(shape)
        patterns, strata, frequencies = _patient_patterns(cells, cases.targets, num_classes, cases.patients)
        resamples = _resampled(patterns, strata, frequencies, bootstrap).reshape(-1, *shape)
        return cls(counts, resamples, cases.patients is not None, bootstrap)

    def one_vs_rest(self, index: int) -> ConfusionTable:
        """Return the 2x2 table of one class against all others."""
        return ConfusionTable(
            _collapsed(self.counts, index), _collapsed(self.resamples, index), self.is_clustered, self.bootstrap
        )

    def estimate(
        self, statistic: Callable[[NDArray[np.int64]], NDArray[np.float64]], *, n: int, n_events: int | None
    ) -> Estimate:
        """Return a statistic of the table with its bootstrap interval.

        Args:
            statistic: From tables, shape (tables, classes, classes), to values, shape (tables,); defined for `counts`.
            n: Handed on to the estimate.
            n_events: Handed on to the estimate.

        Returns:
            The value, and its interval unless resamples leave it undefined or do not differ.
        """
        value = float(statistic(self.counts[None])[0])
        return self.bootstrap.percentile_estimate(
            value, statistic(self.resamples), n=n, n_events=n_events, is_clustered=self.is_clustered
        )


def _patient_patterns(
    cells: NDArray[np.int64], targets: NDArray[np.int64], num_classes: int, patients: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct flat tables of patients, the stratum of each, and how many patients have it."""
    num_cells = num_classes**2
    if patients is None:
        frequencies = np.bincount(cells, minlength=num_cells)
        return np.eye(num_cells, dtype=np.int64), np.arange(num_cells) // num_classes, frequencies
    strata = patient_strata(targets, patients)
    tables = np.bincount(patients * num_cells + cells, minlength=strata.size * num_cells).reshape(-1, num_cells)
    rows, frequencies = np.unique(np.column_stack([strata, tables]), axis=0, return_counts=True)
    return rows[:, 1:], rows[:, 0], frequencies


def _resampled(
    patterns: NDArray[np.int64], strata: NDArray[np.int64], frequencies: NDArray[np.int64], bootstrap: Bootstrap
) -> NDArray[np.int64]:
    """Return flat tables of resampled patients, shape (resamples, cells)."""
    rng = np.random.default_rng(bootstrap.seed)
    total = np.zeros((bootstrap.num_resamples, patterns.shape[1]), dtype=np.int64)
    for stratum in np.unique(strata):
        is_member = strata == stratum
        size = int(frequencies[is_member].sum())
        if size:
            draws = rng.multinomial(size, frequencies[is_member] / size, size=bootstrap.num_resamples)
            total += draws @ patterns[is_member]
    return total


def _collapsed(tables: NDArray[np.int64], index: int) -> NDArray[np.int64]:
    """Return 2x2 tables of one class against the rest, from shape (..., classes, classes) to (..., 2, 2)."""
    true_positives = tables[..., index, index]
    false_negatives = tables[..., index, :].sum(axis=-1) - true_positives
    false_positives = tables[..., :, index].sum(axis=-1) - true_positives
    true_negatives = tables.sum(axis=(-2, -1)) - true_positives - false_negatives - false_positives
    cells = [true_negatives, false_positives, false_negatives, true_positives]
    return np.stack(cells, axis=-1).reshape(*true_positives.shape, 2, 2)

"""Percentile intervals from resampled patients, for metrics that have no formula of their own.

Patients are drawn with replacement, all cases of a patient together: whatever their class in a cohort, where the number
of the diseased is random, and within their class where the design fixed these numbers. Equal seeds draw equal patients,
whatever the metric.

Source: Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

TOLERATED_SHARE = 0.4
"""Of the resamples in one tail of the interval, how many may be undefined: 1 % of all at a level of 95 %."""
CHUNK_ELEMENTS = 100_000
"""Weights held at a time (0.8 MB, which stays in the cache): as many resamples as fit are computed together."""


@dataclass(frozen=True)
class Bootstrap:
    """How resamples are drawn and read."""

    num_resamples: int
    seed: int
    confidence_level: float

    def estimate(
        self,
        statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        strata: NDArray[np.int64] | NDArray[np.bool_],
        patients: NDArray[np.int64] | None,
        *,
        n_events: int | None,
    ) -> Estimate:
        """Return a statistic of all cases with its percentile interval.

        Args:
            statistic: From case weights, shape (resamples, cases), to values, shape (resamples,). Defined where all
                weights are one.
            strata: Shape (cases,), the class within which is drawn; all equal in a cohort.
            patients: Shape (cases,), a number from 0 for each patient; None where every case is one of its own.
            n_events: Handed on to the estimate.

        Returns:
            The value, and its interval unless resamples leave it undefined or do not differ.
        """
        value = float(statistic(np.ones((1, strata.size)))[0])
        resampled = np.concatenate([statistic(weights) for weights in self.weights(strata, patients)])
        return self.percentile_estimate(
            value, resampled, n=strata.size, n_events=n_events, is_clustered=patients is not None
        )

    def percentile_estimate(
        self, value: float, resampled: NDArray[np.float64], *, n: int, n_events: int | None, is_clustered: bool
    ) -> Estimate:
        """Return a value with the percentiles of its resamples.

        Args:
            value: The value in all cases.
            resampled: Shape (resamples,), NaN where a resample leaves it undefined.
            n: Handed on to the estimate.
            n_events: Handed on to the estimate.
            is_clustered: Whether patients with several cases were drawn.

        Returns:
            The value, and its interval unless too many resamples leave it undefined or they do not differ. Few
            undefined ones are counted beyond both limits: whatever they would have been, it could only be narrower.
        """
        unit = "patients" if is_clustered else "cases"
        method = f"percentile bootstrap of {unit}, B = {self.num_resamples}"
        tail = (1 - self.confidence_level) / 2
        num_undefined = int(np.isnan(resampled).sum())
        if num_undefined > TOLERATED_SHARE * tail * resampled.size:
            reason = f"interval not estimable: {num_undefined} of {resampled.size} resamples leave it undefined"
            return Estimate(value, None, None, n, n_events, method, reason)
        low = float(np.quantile(np.nan_to_num(resampled, nan=-np.inf), tail))
        high = float(np.quantile(np.nan_to_num(resampled, nan=np.inf), 1 - tail))
        if low == high:
            return Estimate(value, None, None, n, n_events, method, "interval not estimable: resamples do not differ")
        if num_undefined:
            method = f"{method}, {num_undefined} undefined ones counted beyond both limits"
        return Estimate(value, low, high, n, n_events, method)

    def weights(
        self, strata: NDArray[np.int64] | NDArray[np.bool_], patients: NDArray[np.int64] | None
    ) -> Iterator[NDArray[np.float64]]:
        """Yield how often each case is drawn, shape (resamples, cases), in chunks.

        Args:
            strata: Shape (cases,), the class within which is drawn; all equal in a cohort.
            patients: Shape (cases,), a number from 0 for each patient; None where every case is one of its own.

        Yields:
            As many resamples at a time as stay in the cache.
        """
        rng = np.random.default_rng(self.seed)
        of_patients = patient_strata(strata, patients)
        members = [np.flatnonzero(of_patients == stratum) for stratum in np.unique(of_patients)]
        chunk = max(1, CHUNK_ELEMENTS // strata.size)
        for start in range(0, self.num_resamples, chunk):
            size = min(chunk, self.num_resamples - start)
            weights = np.empty((size, of_patients.size))
            for group in members:
                weights[:, group] = _draw_counts(rng, group.size, size)
            yield weights if patients is None else weights.take(patients, axis=1)


def patient_strata(
    strata: NDArray[np.int64] | NDArray[np.bool_], patients: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """Return the class that each patient is drawn within: the highest among his cases, so positive if any is.

    Args:
        strata: Shape (cases,), the class within which is drawn; all equal in a cohort.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        Shape (patients,).

    >>> patient_strata(np.array([0, 1, 0]), np.array([0, 0, 1])).tolist()
    [1, 0]
    """
    classes = strata.astype(np.int64)
    if patients is None:
        return classes
    of_patients = np.zeros(int(patients.max()) + 1, dtype=np.int64)
    np.maximum.at(of_patients, patients, classes)
    return of_patients


def _draw_counts(rng: np.random.Generator, num_patients: int, num_resamples: int) -> NDArray[np.int64]:
    """Return how often each of the patients is drawn, shape (resamples, patients)."""
    draws = (rng.integers(num_patients, size=num_patients) for _ in range(num_resamples))
    return np.stack([np.bincount(draw, minlength=num_patients) for draw in draws])

"""The variance of metrics, and of differences of metrics, from what each case contributes to them.

One rule for every metric: influences are added up by patient, and their squares over patients. In a cohort the number
of the diseased is random, and so its part of the variance counts; where the classes were fixed by design, or where the
metric conditions on the class, patients' sums are taken from their mean within the class.

Source: Efron 1982, chapter 6 (infinitesimal jackknife); DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837,
equation 4, and Obuchowski, Biometrics 1997;53:567, equations 3 to 6, which the same rule gives for AUROCs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def covariance(
    influences: NDArray[np.float64],
    patients: NDArray[np.int64] | None,
    strata: NDArray[np.int64] | None = None,
    *,
    rests_on: NDArray[np.bool_] | None = None,
    is_corrected: bool = True,
) -> NDArray[np.float64] | None:
    """Return the covariance of metrics of the same cases.

    Args:
        influences: Shape (metrics, cases), the derivative of each metric by each case's weight.
        patients: Shape (cases,), a number for each patient; None where every case is a patient of its own.
        strata: Shape (cases,), the class within which patients were drawn; None in a cohort.
        rests_on: Shape (cases,), which cases play a part; None where all do. A stratum without one does not matter.
        is_corrected: Whether sums are made unbiased by n / (n - 1); published formulas of ratios are not.

    Returns:
        Shape (metrics, metrics); None where a stratum that matters has one patient only, which leaves nothing to
        estimate its spread from.
    """
    groups = np.zeros(influences.shape[1], dtype=np.int64) if strata is None else strata
    sums, counts = [], []
    # Counting is quicker than sorting.
    for group in np.flatnonzero(np.bincount(groups if rests_on is None else groups[rests_on])):
        is_in = groups == group
        distinct, of_patients = _summed(influences[:, is_in], None if patients is None else patients[is_in])
        if distinct.size < 2:
            return None
        # Patients are what was drawn: a case's own deviation would take away how patients differ in their cases.
        of_patients -= of_patients.mean(axis=1, keepdims=True)
        sums.append((distinct, of_patients))
        counts.append(distinct.size)
    total = np.zeros((len(influences), len(influences)))
    for (_, values), count in zip(sums, counts, strict=True):
        total += _cross(values, values) * (count / (count - 1) if is_corrected else 1)
    if patients is not None:
        _add_between(total, sums, is_corrected=is_corrected)
    return total


def _add_between(
    total: NDArray[np.float64], sums: list[tuple[NDArray[np.int64], NDArray[np.float64]]], *, is_corrected: bool
) -> None:
    """Add what strata have in common: patients with cases in several of them."""
    for place, (one, of_one) in enumerate(sums):
        for other, of_other in sums[:place]:
            _, left, right = np.intersect1d(one, other, return_indices=True)
            if left.size:
                count = np.union1d(one, other).size
                between = _cross(of_one[:, left], of_other[:, right]) * (count / (count - 1) if is_corrected else 1)
                total += between + between.T


def _summed(
    values: NDArray[np.float64], patients: NDArray[np.int64] | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the distinct patients, and the sums over each one's cases: shape (metrics, patients)."""
    if patients is None:
        return np.arange(values.shape[1]), values
    distinct, places = np.unique(patients, return_inverse=True)
    return distinct, np.stack([np.bincount(places, weights=row, minlength=distinct.size) for row in values])


def _cross(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    # Not a matrix product: BLAS sums in an order that depends on the number of threads.
    products: NDArray[np.float64] = np.einsum("ip,jp->ij", left, right)
    return products

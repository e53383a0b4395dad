"""Why a metric has no value or no interval, in the same words everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_CASE = "no case"
NO_POSITIVE = "one class only: no positive case"
NO_NEGATIVE = "one class only: no negative case"
PERFECT = "interval not estimable: the classes are separated without error"
AT_AN_END = "interval not estimable: the value lies at the end of its range"
NO_VARIANCE = "interval not estimable: the variance is zero"
UNDEFINED_FIT = "undefined: a fit did not converge, or a denominator is 0"
TOO_FEW_CLUSTERS = "interval not estimable: a class has one case or one patient only"


def few_patients(number: int, few: int) -> str:
    """Return what is added to a method that few patients of the rarest class make an approximation; else nothing.

    >>> few_patients(1, 20), few_patients(20, 20)
    ('; an approximation, since the rarest class has 1 patient (under 20)', '')
    """
    if number >= few:
        return ""
    return f"; an approximation, since the rarest class has {number} patient{'s' * (number != 1)} (under {few})"


def missing_class(is_positive: NDArray[np.bool_]) -> str | None:
    """Return the reason why two classes cannot be told apart here, or None where both are present.

    >>> missing_class(np.array([True, True]))
    'one class only: no negative case'
    """
    if not is_positive.size:
        return NO_CASE
    if not is_positive.any():
        return NO_POSITIVE
    return NO_NEGATIVE if is_positive.all() else None


def absent_classes(num_cases: NDArray[np.int64]) -> str | None:
    """Return the reason why classes cannot be averaged over, or None where each of them has a case.

    >>> absent_classes(np.array([3, 0, 2]))
    '1 of 3 classes have no case'
    """
    num_absent = int((num_cases == 0).sum())
    return f"{num_absent} of {num_cases.size} classes have no case" if num_absent else None


def ratio(
    numerator: NDArray[np.int64] | NDArray[np.float64], denominator: NDArray[np.int64] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the quotient of arrays that broadcast, NaN where the denominator is 0.

    >>> ratio(np.array([1, 0]), np.array([2, 0]))
    array([0.5, nan])
    """
    quotient = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient

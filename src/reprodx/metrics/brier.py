"""The Brier score and its scaled form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.undefined import NO_CASE, missing_class, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap


def brier(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    patients: NDArray[np.int64] | None = None,
) -> Estimate:
    """Return the mean squared distance of the positive class's probability from what was, in [0, 1]; less is better.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.
        bootstrap: How the interval is made.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        Undefined without cases.

    Source: Brier, Mon Weather Rev 1950;78:1, halved as is usual with two classes.
    """
    if not is_positive.size:
        return Estimate.undefined(NO_CASE, n=0, n_events=0)
    errors = (probs - is_positive) ** 2
    return bootstrap.estimate(
        lambda weights: _mean(errors, weights), is_positive, patients, n_events=int(is_positive.sum())
    )


def scaled_brier(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    patients: NDArray[np.int64] | None = None,
) -> Estimate:
    """Return the share of the Brier score of "everyone has the prevalence" that the model takes away; 1 is perfect.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.
        bootstrap: How the interval is made.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        At most 1 and negative where the model is worse than the prevalence; undefined with one class only.

    Source: Steyerberg et al, Epidemiology 2010;21:128.
    """
    n_events = int(is_positive.sum())
    if reason := missing_class(is_positive):
        return Estimate.undefined(reason, n=is_positive.size, n_events=n_events)
    errors = (probs - is_positive) ** 2

    def values(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        prevalence = _mean(is_positive, weights)
        return 1 - ratio(_mean(errors, weights), prevalence * (1 - prevalence))

    return bootstrap.estimate(values, is_positive, patients, n_events=n_events)


def multiclass_brier(
    targets: NDArray[np.int64],
    probs: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    patients: NDArray[np.int64] | None = None,
) -> Estimate:
    """Return the mean over cases of the squared distances summed over classes, in [0, 2]; less is better.

    Args:
        targets: Shape (cases,), the index of the true class.
        probs: Shape (cases, classes).
        bootstrap: How the interval is made.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        Undefined without cases.

    Source: Brier, Mon Weather Rev 1950;78:1.
    """
    if not targets.size:
        return Estimate.undefined(NO_CASE, n=0)
    errors = ((probs - np.eye(probs.shape[1])[targets]) ** 2).sum(axis=1)
    return bootstrap.estimate(lambda weights: _mean(errors, weights), targets, patients, n_events=None)


def _mean(values: NDArray[np.float64] | NDArray[np.bool_], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return ratio((weights * values).sum(axis=1), weights.sum(axis=1))

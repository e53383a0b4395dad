"""AUROC with more than two classes: one against the rest, their mean, and the mean over pairs of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.auroc import weighted_auroc
from reprodx.metrics.undefined import absent_classes
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap

    Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def macro_auroc(
    targets: NDArray[np.int64],
    probs: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    patients: NDArray[np.int64] | None = None,
) -> Estimate:
    """Return the unweighted mean of the AUROCs of each class against the rest.

    Args:
        targets: Shape (cases,), the index of the true class.
        probs: Shape (cases, classes).
        bootstrap: How the interval is made.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        Undefined where a class has no case.
    """
    if reason := absent_classes(np.bincount(targets, minlength=probs.shape[1])):
        return Estimate.undefined(reason, n=targets.size)
    parts = [weighted_auroc(targets == index, probs[:, index]) for index in range(probs.shape[1])]
    return bootstrap.estimate(lambda weights: _mean(parts, weights), targets, patients, n_events=None)


def hand_till(
    targets: NDArray[np.int64],
    probs: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    patients: NDArray[np.int64] | None = None,
) -> Estimate:
    """Return Hand and Till's M: the mean AUROC over ordered pairs of classes, which no class's frequency changes.

    Args:
        targets: Shape (cases,), the index of the true class.
        probs: Shape (cases, classes).
        bootstrap: How the interval is made.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        Undefined where a class has no case.

    Source: Hand & Till, Mach Learn 2001;45:171, equation 7.
    """
    num_classes = probs.shape[1]
    if reason := absent_classes(np.bincount(targets, minlength=num_classes)):
        return Estimate.undefined(reason, n=targets.size)
    pairs = [(one, other) for one in range(num_classes) for other in range(num_classes) if one != other]
    parts = [_pairwise(targets, probs[:, one], one, other) for one, other in pairs]
    return bootstrap.estimate(lambda weights: _mean(parts, weights), targets, patients, n_events=None)


def _pairwise(targets: NDArray[np.int64], probs: NDArray[np.float64], one: int, other: int) -> Statistic:
    """Return A(one | other): the AUROC of one class against another, by the probability of the one."""
    rows = np.flatnonzero((targets == one) | (targets == other))
    areas = weighted_auroc(targets[rows] == one, probs[rows])
    return lambda weights: areas(weights[:, rows])


def _mean(parts: list[Statistic], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.mean([part(weights) for part in parts], axis=0)
    return mean

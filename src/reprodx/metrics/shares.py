"""The share of cases of which something is true, with an interval that knows of patients with several cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.proportions import proportion
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.undefined import NO_CASE, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.settings import ScoreSettings


def share(
    is_hit: NDArray[np.bool_], strata: NDArray[np.int64], patients: NDArray[np.int64] | None, settings: ScoreSettings
) -> Estimate:
    """Return the share of cases of which something is true.

    Args:
        is_hit: Shape (cases,).
        strata: Shape (cases,), the class of each case, from 0: resamples keep the classes in their numbers.
        patients: Shape (cases,), a number for each patient; None where every case is a patient of its own.
        settings: How intervals are made.

    Returns:
        The share; its interval is of independent proportions, or a patient bootstrap where patients have several
        cases. Undefined without cases.

    >>> from types import SimpleNamespace
    >>> settings = SimpleNamespace(confidence_level=0.95, proportion_interval="wilson")
    >>> print(share(np.array([True, False]), np.array([0, 1]), None, settings).value)
    0.5
    """
    if not is_hit.size:
        return Estimate.undefined(NO_CASE, n=0)
    numbers = renumbered(patients)
    if numbers is None:
        level, interval = settings.confidence_level, settings.proportion_interval
        return proportion(int(is_hit.sum()), is_hit.size, n_events=None, confidence_level=level, interval=interval)
    num_classes = max(2, int(strata.max()) + 1)
    called = np.eye(num_classes)[is_hit.astype(np.int64)]
    cases = ScoredCases(strata, called, numbers, tuple(map(str, range(num_classes))))
    table = ConfusionTable.of(cases, None, settings.bootstrap)
    return table.estimate(
        lambda tables: ratio(tables[:, :, 1].sum(axis=1), tables.sum(axis=(1, 2))), n=is_hit.size, n_events=None
    )


def renumbered(patients: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """Return the patients of some of the cases with numbers from 0 without gaps.

    Args:
        patients: Shape (cases,), a number for each patient; None where every case is a patient of its own.

    Returns:
        Shape (cases,); None where every one of these cases is a patient of its own.

    >>> renumbered(np.array([7, 3, 7])).tolist(), renumbered(np.array([7, 3]))
    ([1, 0, 1], None)
    """
    if patients is None:
        return None
    distinct, numbers = np.unique(patients, return_inverse=True)
    return None if distinct.size == patients.size else numbers.astype(np.int64)

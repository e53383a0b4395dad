"""The corrected resampled t test for scores of cross-validation, whose training sets overlap.

A plain paired t test takes folds for independent and rejects far too often.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from reprodx.errors import MetricError
from reprodx.metrics.difference import Difference
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "Nadeau-Bengio corrected resampled t"


def corrected_resampled_t(
    differences: NDArray[np.float64], *, num_train: int, num_test: int, confidence_level: float
) -> Difference:
    """Return the mean difference over folds with its corrected test.

    Args:
        differences: Shape (folds,), first model's score minus the second's, repetitions one after the other.
        num_train: Cases that each fold trained on, rounded where folds differ.
        num_test: Cases that each fold tested on.
        confidence_level: In (0, 1).

    Returns:
        The mean with its t interval; `n` counts folds. Where all differences are 0 it is 0 with p = 1.

    Raises:
        MetricError: If there is no fold or no training case.

    Source: Nadeau & Bengio, Mach Learn 2003;52:239, equation 8; Bouckaert & Frank, PAKDD 2004, for repetitions.

    >>> result = corrected_resampled_t(np.zeros(5), num_train=80, num_test=20, confidence_level=0.95)
    >>> result.p_value
    1.0
    """
    n = differences.size
    if not n or num_train < 1:
        raise MetricError(f"{n} folds and {num_train} training cases give no test: give at least one of each")
    value = float(differences.mean())
    if not differences.any():
        return Difference(Estimate(0.0, 0.0, 0.0, n, None, METHOD), 0.0, 1.0)
    variance = float(differences.var(ddof=1)) if n > 1 else 0.0
    if np.ptp(differences) == 0 or variance == 0:
        reason = "interval not estimable: folds do not differ" if n > 1 else "interval not estimable: one fold only"
        return Difference(Estimate(value, None, None, n, None, METHOD, reason), None, None)
    se = math.sqrt((1 / n + num_test / num_train) * variance)
    margin = float(student.ppf((1 + confidence_level) / 2, n - 1)) * se
    estimate = Estimate(value, value - margin, value + margin, n, None, METHOD)
    return Difference(estimate, value / se, float(2 * student.sf(abs(value / se), n - 1)))

"""The test that several models are equally good, by any metric.

Source: DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837, equation 5; Obuchowski, Biometrics 1997;53:567, when
patients have several cases; Hotelling, Ann Math Stat 1931;2:360, when there are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2
from scipy.stats import f as f_distribution

from reprodx.metrics.estimation import LEAST_ERROR, ROUNDING
from reprodx.metrics.measured import covariance_of
from reprodx.metrics.metric import SmallSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.metrics.measured import Measured


PATIENTS_A_MODEL = 5
"""Under so many patients of the rarest class a degree of freedom, chi-square finds differences by chance: with 3 to 4
in 10 to 16 % of equal models. With more it stays, as published."""


@dataclass(frozen=True)
class Contrast:
    """The test that several models have one value."""

    statistic: float
    """Chi-square."""
    degrees_of_freedom: int
    """Models that differ less one; 0 where all are alike."""
    p_value: float


def equality(found: Sequence[Measured]) -> Contrast | None:
    """Return the chi-square test of the differences to the first model.

    Args:
        found: A metric of every model.

    Returns:
        None where the metric is undefined or has no variance, and where members vary: the variance of few of them is
        too uncertain for a chi-square, and pairs are tested by t; where patients are too few for so many models.
    """
    if any(one.reason or one.metric.no_interval or one.between for one in found):
        return None
    influences = np.stack([one.influence for one in found])
    influences[np.abs(influences) < ROUNDING * np.abs(influences).max(initial=0.0)] = 0
    differences = np.array([one.value - found[0].value for one in found[1:]])
    variance = covariance_of(found[0], influences[1:] - influences[0], *found[1:])
    if variance is None:
        return None
    is_rounding = variance.diagonal() <= LEAST_ERROR**2
    variance[is_rounding] = variance[:, is_rounding] = 0
    # Models of which one follows from others make the covariance singular, and add no degree of freedom.
    degrees = int(np.linalg.matrix_rank(variance, hermitian=True, rtol=1e-9))
    if not degrees or not differences.any():
        return Contrast(0.0, degrees if differences.any() else 0, 1.0)
    statistic = float(differences @ np.linalg.pinv(variance, hermitian=True, rtol=1e-9) @ differences)
    p_value = _p_value(statistic, degrees, found)
    return None if p_value is None else Contrast(statistic, degrees, p_value)


def _p_value(statistic: float, degrees: int, found: Sequence[Measured]) -> float | None:
    """Return p by chi-square or, where patients are few for so many models, by F; None where they are too few."""
    carriers = min(one.num_carriers for one in found)
    if carriers >= PATIENTS_A_MODEL * degrees:
        return float(chi2.sf(statistic, degrees))
    is_of_rarest = found[0].metric.small_sample == SmallSample.T
    known = (carriers if is_of_rarest else found[0].cases.num_patients) - 1
    left = known - degrees + 1
    return float(f_distribution.sf(statistic * left / (known * degrees), degrees, left)) if left > 0 else None

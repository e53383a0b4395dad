"""AUROCs of models on the same cases: the paired DeLong test, its clustered form, and the contrast of several.

Source: DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837, equation 5; Obuchowski, Biometrics 1997;53:567, when
patients have several cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2, norm

from reprodx.comparison.difference import Difference
from reprodx.errors import UndefinedMetricError
from reprodx.metrics.structural_components import covariance, structural_components
from reprodx.metrics.undefined import NO_VARIANCE, TOO_FEW_CLUSTERS, missing_class
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Contrast:
    """The test that several AUROCs are equal."""

    statistic: float
    """Chi-square."""
    degrees_of_freedom: int
    """Models that differ in rank less one; 0 where all rank the cases alike."""
    p_value: float


class PairedAurocs:
    """AUROCs of models that scored the same cases.

    Attributes:
        areas: Shape (models,).
    """

    def __init__(
        self,
        is_positive: NDArray[np.bool_],
        scores: NDArray[np.float64],
        patients: NDArray[np.int64] | None = None,
    ) -> None:
        """Rank the cases by every model.

        Args:
            is_positive: Shape (cases,).
            scores: Shape (models, cases), finite; higher means more likely positive.
            patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

        Raises:
            UndefinedMetricError: If there is one class only.
        """
        if reason := missing_class(is_positive):
            raise UndefinedMetricError(f"AUROCs cannot be compared: {reason}")
        components = [structural_components(is_positive, row) for row in scores]
        self._of_positives = np.stack([of_positives for of_positives, _ in components])
        self._of_negatives = np.stack([of_negatives for _, of_negatives in components])
        self._is_positive = is_positive
        self._patients = patients
        self.areas: NDArray[np.float64] = self._of_positives.mean(axis=1)

    def covariance(self) -> NDArray[np.float64] | None:
        """Return the covariance of the areas, shape (models, models); None where a class has one patient only."""
        return covariance(self._of_positives, self._of_negatives, self._is_positive, self._patients)

    def difference(self, first: int, second: int, *, confidence_level: float) -> Difference:
        """Return how far the AUROC of one model is from another's.

        Args:
            first: Row of `scores`.
            second: Row of `scores`, which is subtracted.
            confidence_level: In (0, 1).

        Returns:
            The difference with a Wald interval and its z test. Where both rank every case alike it is 0 with p = 1.
        """
        n, n_events = self._is_positive.size, int(self._is_positive.sum())
        method = "paired DeLong, z" if self._patients is None else "paired Obuchowski, clustered by patient, z"
        value = float(self.areas[first] - self.areas[second])
        of_positives, of_negatives = self._subtracted([first], second)
        if not of_positives.any() and not of_negatives.any():
            return Difference(Estimate(0.0, 0.0, 0.0, n, n_events, method), 0.0, 1.0)
        variance = covariance(of_positives, of_negatives, self._is_positive, self._patients)
        if variance is None or variance.item() <= 0:
            reason = TOO_FEW_CLUSTERS if variance is None else NO_VARIANCE
            return Difference(Estimate(value, None, None, n, n_events, method, reason), None, None)
        se = math.sqrt(variance.item())
        margin = float(norm.ppf((1 + confidence_level) / 2)) * se
        estimate = Estimate(value, value - margin, value + margin, n, n_events, method)
        return Difference(estimate, value / se, float(2 * norm.sf(abs(value / se))))

    def equality(self) -> Contrast:
        """Return the test that all models have one AUROC.

        Returns:
            The chi-square test of the differences to the first model.

        Raises:
            UndefinedMetricError: If a class has one patient only.
        """
        others = list(range(1, len(self.areas)))
        of_positives, of_negatives = self._subtracted(others, 0)
        variance = covariance(of_positives, of_negatives, self._is_positive, self._patients)
        if variance is None:
            raise UndefinedMetricError("AUROCs cannot be compared: a class has one case or one patient only")
        differences = self.areas[1:] - self.areas[0]
        # Models that rank alike make the covariance singular, and add no degree of freedom.
        degrees = int(np.linalg.matrix_rank(variance, hermitian=True))
        if not degrees:
            return Contrast(0.0, 0, 1.0)
        statistic = float(differences @ np.linalg.pinv(variance, hermitian=True) @ differences)
        return Contrast(statistic, degrees, float(chi2.sf(statistic, degrees)))

    def _subtracted(self, rows: list[int], reference: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the components less those of the reference: exactly zero where two models rank alike."""
        return (
            self._of_positives[rows] - self._of_positives[reference],
            self._of_negatives[rows] - self._of_negatives[reference],
        )

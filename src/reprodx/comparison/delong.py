"""AUROCs of models on the same cases: the paired DeLong test, its clustered form, and the contrast of several.

A model may have several members, such as runs that differ in their seed alone: it then stands for the mean of their
areas, and what members differ by is added to the variance, slightly too wide where cases decide which member wins.

Source: DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837, equation 5; Obuchowski, Biometrics 1997;53:567, when
patients have several cases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2
from scipy.stats import t as student

from reprodx.comparison.difference import Difference
from reprodx.errors import UndefinedMetricError
from reprodx.metrics.auroc import with_interval
from reprodx.metrics.structural_components import covariance, structural_components
from reprodx.metrics.undefined import NO_VARIANCE, TOO_FEW_CLUSTERS, missing_class
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ROUNDING = 1e-12
"""Components that differ by less are equal: members that are averaged in another order differ by rounding."""


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
        areas: Shape (models,); of a model with several members their mean.
        member_areas: By model, the area of each member.
    """

    def __init__(
        self,
        is_positive: NDArray[np.bool_],
        scores: Sequence[NDArray[np.float64]] | NDArray[np.float64],
        patients: NDArray[np.int64] | None = None,
    ) -> None:
        """Rank the cases by every model.

        Args:
            is_positive: Shape (cases,).
            scores: By model, shape (cases,) or (members, cases), finite; higher means more likely positive.
            patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

        Raises:
            UndefinedMetricError: If there is one class only.
        """
        if reason := missing_class(is_positive):
            raise UndefinedMetricError(f"AUROCs cannot be compared: {reason}")
        components = [_mean_components(is_positive, np.atleast_2d(rows)) for rows in scores]
        self._of_positives = np.stack([of_positives for of_positives, _, _ in components])
        self._of_negatives = np.stack([of_negatives for _, of_negatives, _ in components])
        self._is_positive = is_positive
        self._patients = patients
        self.areas: NDArray[np.float64] = self._of_positives.mean(axis=1)
        self.member_areas: tuple[NDArray[np.float64], ...] = tuple(areas for _, _, areas in components)

    def covariance(self) -> NDArray[np.float64] | None:
        """Return the covariance of the areas, shape (models, models); None where a class has one patient only."""
        between = [self._between_members(model) for model in range(len(self.areas))]
        return self._with_members(self._of_positives, self._of_negatives, np.diag(between))

    def estimate(self, model: int, *, confidence_level: float) -> Estimate:
        """Return the AUROC of a model with its logit interval, as `metrics.auroc` does for one member.

        Args:
            model: Row of `scores`.
            confidence_level: In (0, 1).

        Returns:
            Without interval where the variance cannot be estimated or the area is 0 or 1.
        """
        rows = slice(model, model + 1)
        between = np.array([[self._between_members(model)]])
        variance = self._with_members(self._of_positives[rows], self._of_negatives[rows], between)
        name = "logit DeLong" if self._patients is None else "logit Obuchowski, clustered by patient"
        num_members = self.member_areas[model].size
        if num_members > 1:
            name += f"; mean of {num_members} repetitions, variance between them added"
        n, n_events = self._is_positive.size, int(self._is_positive.sum())
        area = Estimate(float(self.areas[model]), None, None, n, n_events, name)
        known = None if variance is None else variance.item()
        return with_interval(area, known, confidence_level=confidence_level)

    def difference(self, first: int, second: int, *, confidence_level: float) -> Difference:
        """Return how far the AUROC of one model is from another's.

        Args:
            first: Row of `scores`.
            second: Row of `scores`, which is subtracted.
            confidence_level: In (0, 1).

        Returns:
            The difference with a Wald interval and its test: z, or t where members vary, of which few say little of
            how much. Where both rank every case alike it is 0 with p = 1.

        Source: Satterthwaite, Biometrics Bull 1946;2:110, for the degrees of freedom of a sum of variances.
        """
        n, n_events = self._is_positive.size, int(self._is_positive.sum())
        value = float(self.areas[first] - self.areas[second])
        of_positives, of_negatives = self._subtracted([first], second)
        if not of_positives.any() and not of_negatives.any():
            return Difference(Estimate(0.0, 0.0, 0.0, n, n_events, self._method(first, second)), 0.0, 1.0)
        between = np.array([[self._between_members(first) + self._between_members(second)]])
        variance = self._with_members(of_positives, of_negatives, between)
        if reason := _untestable(of_positives, of_negatives, variance):
            method = self._method(first, second)
            return Difference(Estimate(value, None, None, n, n_events, method, reason), None, None)
        assert variance is not None, "its absence is a reason"
        se, degrees = (math.sqrt(variance.item()), self._degrees_of_freedom(first, second, variance.item()))
        margin = float(student.ppf((1 + confidence_level) / 2, degrees)) * se
        estimate = Estimate(value, value - margin, value + margin, n, n_events, self._method(first, second, degrees))
        p_value = float(2 * student.sf(abs(value / se), degrees))
        return Difference(estimate, value / se, p_value, se, degrees, float(between.item()))

    def equality(self) -> Contrast:
        """Return the test that all models have one AUROC.

        Returns:
            The chi-square test of the differences to the first model.

        Raises:
            UndefinedMetricError: If a class has one patient only.
        """
        distinct = self._distinct()
        others = distinct[1:]
        if not others:
            return Contrast(0.0, 0, 1.0)
        of_positives, of_negatives = self._subtracted(others, 0)
        between = np.diag([self._between_members(model) for model in others]) + self._between_members(0)
        variance = self._with_members(of_positives, of_negatives, between)
        if variance is None:
            raise UndefinedMetricError("AUROCs cannot be compared: a class has one case or one patient only")
        differences = self.areas[others] - self.areas[0]
        # Models of which one follows from others make the covariance singular, and add no degree of freedom.
        degrees = int(np.linalg.matrix_rank(variance, hermitian=True))
        if not degrees:
            return Contrast(0.0, 0, 1.0)
        statistic = float(differences @ np.linalg.pinv(variance, hermitian=True) @ differences)
        return Contrast(statistic, degrees, float(chi2.sf(statistic, degrees)))

    def _degrees_of_freedom(self, first: int, second: int, variance: float) -> float:
        """Return those of the variance of a difference: endless but for what is estimated from few members."""
        spent = 0.0
        for model in (first, second):
            if between := self._between_members(model):
                spent += between**2 / (self.member_areas[model].size - 1)
        return variance**2 / spent if spent else math.inf

    def _method(self, first: int, second: int, degrees: float = math.inf) -> str:
        test = "z" if math.isinf(degrees) else f"t on {degrees:.0f} degrees of freedom"
        name = (
            f"paired DeLong, {test}" if self._patients is None else f"paired Obuchowski, clustered by patient, {test}"
        )
        sizes = (self.member_areas[first].size, self.member_areas[second].size)
        if max(sizes) == 1:
            return name
        return f"{name}; means of {sizes[0]} and {sizes[1]} repetitions, variance between them added"

    def _between_members(self, model: int) -> float:
        """Return what the variance between its members adds to that of their mean: 0 with one."""
        areas = self.member_areas[model]
        return float(areas.var(ddof=1)) / areas.size if areas.size > 1 else 0.0

    def _with_members(
        self, of_positives: NDArray[np.float64], of_negatives: NDArray[np.float64], between: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        between_cases = covariance(of_positives, of_negatives, self._is_positive, self._patients)
        return None if between_cases is None else between_cases + between

    def _subtracted(self, rows: list[int], reference: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the components less those of the reference: exactly zero where two models rank alike."""
        return (
            _rounded(self._of_positives[rows] - self._of_positives[reference]),
            _rounded(self._of_negatives[rows] - self._of_negatives[reference]),
        )

    def _distinct(self) -> list[int]:
        """Return the models that no earlier one ranks like, the first included."""
        distinct: list[int] = []
        for model in range(len(self.areas)):
            if not any(self._ranks_like(model, earlier) for earlier in distinct):
                distinct.append(model)
        return distinct

    def _ranks_like(self, model: int, other: int) -> bool:
        of_positives, of_negatives = self._subtracted([model], other)
        return not of_positives.any() and not of_negatives.any()


def _mean_components(
    is_positive: NDArray[np.bool_], scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the structural components, averaged over members, and the area of each member."""
    of_positives, of_negatives = structural_components(is_positive, scores[0])
    areas = [of_positives.mean()]
    for row in scores[1:]:
        more_positives, more_negatives = structural_components(is_positive, row)
        of_positives, of_negatives = (of_positives + more_positives, of_negatives + more_negatives)
        areas.append(more_positives.mean())
    return of_positives / len(scores), of_negatives / len(scores), np.array(areas)


def _rounded(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    differences[np.abs(differences) < ROUNDING] = 0
    return differences


def _untestable(
    of_positives: NDArray[np.float64], of_negatives: NDArray[np.float64], variance: NDArray[np.float64] | None
) -> str | None:
    if variance is None:
        return TOO_FEW_CLUSTERS
    is_constant = max(np.ptp(of_positives), np.ptp(of_negatives)) < ROUNDING
    return NO_VARIANCE if is_constant or variance.item() <= 0 else None

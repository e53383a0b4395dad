"""How far the model's performance in a group is from that among all other cases, and whether that may be chance."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.answered_cases import AnsweredCases, proportion_cells, table_metric
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.groups import GROUP_METRICS, grouped_rows, too_few
from reprodx.metrics.multiplicity import holm
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.structural_components import structural_components
from reprodx.metrics.undefined import NO_VARIANCE, PERFECT, TOO_FEW_CLUSTERS
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.settings import ScoreSettings

AUROC = "auroc"


@dataclass(frozen=True)
class RestDifference:
    """A metric of a group less that of all other cases."""

    column: str
    """`site` or a `group_*` column."""
    group: str
    metric: str
    """One of `GROUP_METRICS`."""
    estimate: Estimate
    """The difference."""
    p_value: float | None
    """Two-sided, that there is none; None where the difference or its test is undefined."""
    p_holm: float | None = None
    """Adjusted over the groups of the column by Holm's method."""


def rest_differences(predictions: Predictions, settings: ScoreSettings) -> list[RestDifference]:
    """Return how each group differs from the rest in each of the metrics of its task.

    AUROCs are compared on the logit by DeLong's variances of the group and of the rest, with what they have in common
    where a patient has cases in both; proportions by Newcombe's hybrid interval and the pooled z test; kappa, and all
    that is called of patients with several cases, by a bootstrap of patients.

    Args:
        predictions: Of one split.
        settings: How intervals are made, and from how many cases on.

    Returns:
        In the order of `score_by_group`, for each metric; none for a column that all cases share one value of.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.

    Source: DeLong et al., Biometrics 1988;44:837; Obuchowski, Biometrics 1997;53:567; Zou & Donner, Stat Med
    2008;27:1693, equation 9, and Zou, Psychol Methods 2007;12:399, where correlated (the limits of a difference from
    those of both, MOVER); Newcombe, Stat Med 1998;17:873, method 10; Holm, Scand J Stat 1979;6:65.
    """
    groups = grouped_rows(predictions.table)
    if not groups:
        return []
    cases = AnsweredCases.of(predictions, settings.ordinal_cut)
    found = []
    for column, group, rows in groups:
        is_member = np.zeros(cases.strata.size, dtype=bool)
        is_member[rows] = True
        if not is_member.all():
            contrast = _Contrast(cases, is_member, settings)
            found += [
                RestDifference(column, group, name, *contrast.of(name)) for name in GROUP_METRICS[predictions.task]
            ]
    return _adjusted(found)


def _adjusted(found: list[RestDifference]) -> list[RestDifference]:
    adjusted: dict[tuple[str, str, str], float | None] = {}
    for column, metric in dict.fromkeys((one.column, one.metric) for one in found):
        family = [one for one in found if (one.column, one.metric) == (column, metric)]
        # Of two groups each is the rest of the other: one question, asked twice.
        p_values = [one.p_value for one in family]
        if len(family) > 2:
            p_values = list(holm(p_values))
        adjusted |= {(column, metric, one.group): p for one, p in zip(family, p_values, strict=True)}
    return [dataclasses.replace(one, p_holm=adjusted[one.column, one.metric, one.group]) for one in found]


class _Contrast:
    """A group against the rest."""

    def __init__(self, cases: AnsweredCases, is_member: NDArray[np.bool_], settings: ScoreSettings) -> None:
        self._cases = cases
        self._is_member = is_member
        self._settings = settings
        self._resampled: NDArray[np.int64] | None = None

    def of(self, metric: str) -> tuple[Estimate, float | None]:
        """Return a metric's difference and its p-value."""
        for part, is_part in (("", self._is_member), ("the rest has ", ~self._is_member)):
            if reason := too_few(self._cases.answers[:, is_part], self._settings):
                return self._undefined(reason.replace("too few: ", f"too few: {part}")), None
        if metric == AUROC:
            return self._of_areas()
        if self._cases.cells is None:
            return self._undefined(self._cases.not_called), None
        cells = proportion_cells(metric, self._cases.num_classes)
        if cells is not None and self._cases.patients is None:
            return self._of_proportions(*cells)
        return self._of_tables(metric)

    def _undefined(self, reason: str) -> Estimate:
        return Estimate.undefined(reason, n=self._is_member.size)

    def _of_areas(self) -> tuple[Estimate, float | None]:
        n, patients = self._is_member.size, self._cases.patients
        method = "logit DeLong, MOVER" if patients is None else "logit Obuchowski, clustered by patient, MOVER"
        areas, deviations = np.empty(2), np.zeros((2, n))
        for part, is_part in enumerate((self._is_member, ~self._is_member)):
            areas[part], deviations[part, is_part] = self._area(is_part)
        value = float(areas[0] - areas[1])
        if patients is not None:
            deviations = np.stack([np.bincount(patients, weights=row) for row in deviations])
        if reason := _no_interval(areas, deviations):
            return Estimate(value, None, None, n, None, method, reason), None
        (low, high), p_value = _logit_test(areas, deviations, self._settings.confidence_level)
        return Estimate(value, low, high, n, None, method), p_value

    def _area(self, is_part: NDArray[np.bool_]) -> tuple[float, NDArray[np.float64]]:
        """Return the mean AUROC over the questions, and by how much each case moves it; NaN with too few patients."""
        scores, patients = self._cases.scores[:, is_part], self._cases.patients
        members = np.arange(scores.shape[1]) if patients is None else patients[is_part]
        areas, deviations = [], np.zeros(scores.shape[1])
        for is_positive, row in zip(self._cases.answers[:, is_part] == 1, scores, strict=True):
            components = structural_components(is_positive, row)
            areas.append(float(components[0].mean()))
            for mask, values in zip((is_positive, ~is_positive), components, strict=True):
                num_patients = np.unique(members[mask]).size
                if num_patients < 2:
                    deviations[:] = np.nan
                else:
                    unbiased = math.sqrt(num_patients / (num_patients - 1)) / values.size
                    deviations[mask] += (values - values.mean()) * unbiased / len(scores)
        return float(np.mean(areas)), deviations

    def _of_proportions(self, hits: NDArray[np.bool_], of: NDArray[np.bool_]) -> tuple[Estimate, float]:
        from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

        (group, group_n), (rest, rest_n) = (
            (int(table[hits].sum()), int(table[of].sum())) for table in self._tables_of_parts()
        )
        low, high = confint_proportions_2indep(
            group, group_n, rest, rest_n, method="newcomb", compare="diff", alpha=1 - self._settings.confidence_level
        )
        value, method = group / group_n - rest / rest_n, "Newcombe, pooled z"
        # Where all are right, or none is, the test has nothing to go by.
        is_constant = group + rest in (0, group_n + rest_n)
        p_value = 1.0 if is_constant else float(proportions_ztest([group, rest], [group_n, rest_n])[1])
        return Estimate(value, float(low), float(high), group_n + rest_n, None, method), p_value

    def _tables_of_parts(self) -> NDArray[np.int64]:
        assert self._cases.cells is not None, "its absence is a reason"
        size = self._cases.num_classes
        cells = self._cases.cells + size**2 * ~self._is_member
        return np.bincount(cells, minlength=2 * size**2).reshape(2, size, size).astype(np.int64)

    def _of_tables(self, metric: str) -> tuple[Estimate, float | None]:
        bootstrap, n = self._settings.bootstrap, self._is_member.size
        values = table_metric(metric, self._tables_of_parts())
        if np.isnan(values).any():
            return self._undefined("undefined in the group or the rest"), None
        size, resamples = self._cases.num_classes, self._resamples()
        resampled = table_metric(metric, resamples[:, :size, :size]) - table_metric(metric, resamples[:, size:, size:])
        is_clustered = self._cases.patients is not None
        estimate = bootstrap.percentile_estimate(
            float(values[0] - values[1]), resampled, n=n, n_events=None, is_clustered=is_clustered
        )
        if estimate.ci_low is None:
            return estimate, None
        tail = min(int((resampled <= 0).sum()), int((resampled >= 0).sum()))
        return estimate, min(1.0, 2 * (1 + tail) / (1 + resampled.size))

    def _resamples(self) -> NDArray[np.int64]:
        """Return tables whose first classes are those of the group and whose last are those of the rest."""
        if self._resampled is None:
            assert self._cases.cells is not None, "its absence is a reason"
            size = self._cases.num_classes
            true, called = np.divmod(self._cases.cells, size)
            shift = size * (~self._is_member).astype(np.int64)
            names = tuple(map(str, range(2 * size)))
            blocks = ScoredCases(true + shift, np.eye(2 * size)[called + shift], self._cases.patients, names)
            self._resampled = ConfusionTable.of(blocks, None, self._settings.bootstrap).resamples
        return self._resampled


def _no_interval(areas: NDArray[np.float64], deviations: NDArray[np.float64]) -> str | None:
    if np.isin(areas, (0, 1)).any():
        return PERFECT
    if np.isnan(deviations).any():
        return TOO_FEW_CLUSTERS
    return None if deviations.any(axis=1).all() else NO_VARIANCE


def _logit_test(
    areas: NDArray[np.float64], deviations: NDArray[np.float64], level: float
) -> tuple[tuple[float, float], float]:
    """Return the limits of the difference of two areas and the p-value that there is none.

    On the logit, since near 1 a standard error of the area itself is too small and finds differences by chance.
    """
    from scipy.special import expit, logit
    from scipy.stats import norm

    slopes = areas * (1 - areas)
    variances, covariance = np.square(deviations).sum(axis=1) / slopes**2, np.prod(deviations, axis=0).sum()
    covariance /= slopes.prod()
    z = norm.ppf((1 + level) / 2)
    lows, highs = (expit(logit(areas) + side * z * np.sqrt(variances)) for side in (-1, 1))
    below, above = areas - lows, highs - areas
    correlation = covariance / np.sqrt(variances.prod())
    low, high = (
        math.sqrt(max(0.0, one**2 + other**2 - 2 * correlation * one * other))
        for one, other in ((below[0], above[1]), (above[0], below[1]))
    )
    value = float(areas[0] - areas[1])
    statistic = np.diff(logit(areas)).item() / math.sqrt(max(variances.sum() - 2 * covariance, np.finfo(float).tiny))
    return (value - low, value + high), float(2 * norm.sf(abs(statistic)))

"""How far the model's performance in a group is from that among all other cases, and whether that may be chance."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from reprodx.metrics.asked import main_view
from reprodx.metrics.catalogue.proportions import Share
from reprodx.metrics.estimation import estimate
from reprodx.metrics.groups import grouped_cases, too_few
from reprodx.metrics.measured import cautious_variance, measured, sampling_variance
from reprodx.metrics.mover import mover
from reprodx.metrics.multiplicity import holm
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.groups import GroupedCases
    from reprodx.metrics.measured import Measured
    from reprodx.metrics.metric import Metric
    from reprodx.metrics.settings import ScoreSettings


@dataclass(frozen=True)
class RestDifference:
    """A metric of a group less that of all other cases."""

    column: str
    """`site` or a `group_*` column."""
    group: str
    metric: str
    """The name of one of `group_metrics`."""
    estimate: Estimate
    """The difference."""
    p_value: float | None
    """Two-sided, that there is none; None where the difference or its test is undefined."""
    p_holm: float | None = None
    """Adjusted over the groups of the column by Holm's method."""


def rest_differences(predictions: Predictions, settings: ScoreSettings) -> list[RestDifference]:
    """Return how each group differs from the rest in each of the metrics of its task.

    Both sides are estimated as where they stand alone, and their limits give those of the difference (MOVER), with what
    they have in common where a patient has cases in both. The test is taken on the metric's own scale, since near its
    end a standard error of the metric itself is too small and finds differences by chance.

    Args:
        predictions: Of one split.
        settings: How intervals are made, and from how many cases on.

    Returns:
        In the order of `score_by_group`, for each metric; none for a column that all cases share one value of.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.

    Source: Zou & Donner, Stat Med 2008;27:1693, equation 9, and Zou, Psychol Methods 2007;12:399, where correlated;
    Holm, Scand J Stat 1979;6:65.
    """
    grouped = grouped_cases(predictions, settings)
    found = []
    for column, group, rows in grouped.groups:
        is_member = np.zeros(grouped.cases.num_cases, dtype=np.bool_)
        is_member[rows] = True
        if not is_member.all():
            found += [
                RestDifference(column, group, one.name, *_contrast(one, is_member, grouped, settings))
                for one in grouped.metrics
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


def _contrast(
    metric: Metric, is_member: NDArray[np.bool_], grouped: GroupedCases, settings: ScoreSettings
) -> tuple[Estimate, float | None]:
    """Return a metric's difference and its p-value."""
    n = is_member.size
    for part, is_part in (("", is_member), ("the rest has ", ~is_member)):
        if reason := too_few(grouped.answers[:, is_part], settings):
            return Estimate.undefined(reason.replace("too few: ", f"too few: {part}"), n=n), None
    rows = [np.flatnonzero(is_part) for is_part in (is_member, ~is_member)]
    view = main_view(grouped.cases.task)
    sides = [measured(metric, view, [grouped.cases.select(part)], settings) for part in rows]
    one, other = (estimate(side, settings) for side in sides)
    if one.value is None or other.value is None:
        return Estimate.undefined(one.reason or other.reason or "undefined in the group or the rest", n=n), None
    value = one.value - other.value
    if one.ci_low is None or one.ci_high is None or other.ci_low is None or other.ci_high is None:
        return Estimate(value, None, None, n, None, one.method, one.reason or other.reason), None
    common = _common_variance(sides, rows, grouped.cases.patients)
    spread = math.prod(sampling_variance(side)[0] for side in sides)
    # Where all are right in one of them, its variance is 0, and what they have in common is error of rounding.
    correlation = common / math.sqrt(spread) if spread else 0.0
    limits = (one.ci_low, one.ci_high), (other.ci_low, other.ci_high)
    low, high = mover((one.value, other.value), limits, correlation)
    method = f"{one.method.partition(';')[0]}, MOVER"
    return Estimate(value, low, high, n, None, method), _p_value(sides, common)


def _common_variance(sides: list[Measured], rows: list[NDArray[np.int64]], patients: NDArray[np.int64] | None) -> float:
    """Return the covariance of group and rest: 0 unless a patient has cases in both."""
    if patients is None:
        return 0.0
    size = int(patients.max()) + 1
    sums = [
        np.bincount(patients[part], weights=side.influence, minlength=size)
        for side, part in zip(sides, rows, strict=True)
    ]
    return float((sums[0] * sums[1]).sum())


def _p_value(sides: list[Measured], common: float) -> float | None:
    """Return the p-value that both sides are alike, on the metric's scale; None at the ends of its range.

    The variance of a proportion is the one that both sides have if they are alike.
    """
    scale, (one, other) = sides[0].metric.scale, sides
    if isinstance(one.metric.formula, Share) and one.cases.patients is None and other.cases.patients is None:
        return _pooled_p(one, other)
    places = [scale.to(side.value) for side in sides]
    if not np.isfinite(places).all():
        return None
    slopes = [scale.slope(side.value) for side in sides]
    found = [cautious_variance(side) if side.doubt else sampling_variance(side) for side in sides]
    spreads = [variance * slope**2 for (variance, _), slope in zip(found, slopes, strict=True)]
    total = sum(spreads) - 2 * common * math.prod(slopes)
    spent = sum(spread**2 / degrees for spread, (_, degrees) in zip(spreads, found, strict=True))
    degrees = sum(spreads) ** 2 / spent if spent else math.inf
    if total <= 0:
        return None
    return float(2 * student.sf(abs(places[0] - places[1]) / math.sqrt(total), degrees))


def _pooled_p(one: Measured, other: Measured) -> float:
    from statsmodels.stats.proportion import proportions_ztest

    hits = [round(side.value * side.n) for side in (one, other)]
    # Where all are right, or none is, the test has nothing to go by.
    is_constant = sum(hits) in (0, one.n + other.n)
    return 1.0 if is_constant else float(proportions_ztest(hits, [one.n, other.n])[1])

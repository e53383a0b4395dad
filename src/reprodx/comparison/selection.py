"""The best of several models, without the luck of being the best.

Where runs kept validation cases, the winner is chosen on them and scored once on test. Where only out-of-fold
predictions exist, the choice is repeated in every resample of patients: the winner among the patients that were drawn
is scored on those that were not, and the mean of these scores is what a winner is worth.

Source: Tsamardinos, Greasidou & Borboudakis, Mach Learn 2018;107:1895, algorithm 5 (bootstrap bias-corrected
cross-validation); its intervals are somewhat wide, since the patients that were not drawn are about a third.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.asked_members import asked_members, decision_thresholds
from reprodx.comparison.metric_comparisons import metric_comparisons, metric_named
from reprodx.comparison.resamples import drawn_shares, over_resamples
from reprodx.comparison.result import Selection
from reprodx.errors import UndefinedMetricError
from reprodx.metrics.statistic import StatisticTable
from reprodx.schemas import Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.result import ComparedMetric
    from reprodx.comparison.settings import ComparisonSettings

ON_VALIDATION, ON_COMPARED = "validation", "the compared cases themselves"


def select(cases: ComparedCases, settings: ComparisonSettings) -> Selection:
    """Return the best contender by the primary metric, the first among equals.

    Args:
        cases: With one contender or more.
        settings: The primary metric, and how resamples are drawn.

    Returns:
        Chosen on validation where every contender has validation cases that define the metric; else corrected.

    Raises:
        ConfigError: If the task has no metric of the primary one's name.
        UndefinedMetricError: If the metric is undefined for every contender.
    """
    metric = metric_named(settings.metric, cases.task, cases.classes)
    apparent = _estimates(cases, metric, settings, decision_thresholds(cases, settings))
    validation = _validation_estimates(cases, metric, settings)
    if validation is None:
        return _corrected(cases, metric, settings, apparent)
    winner = _best(metric, validation)
    return Selection(
        winner, len(cases.contenders), ON_VALIDATION, validation, apparent[winner], apparent[winner], optimism=None
    )


def best(cases: ComparedCases, settings: ComparisonSettings) -> int:
    """Return the position of the contender that `select` takes for the winner, without what it is worth.

    Args:
        cases: With one contender or more.
        settings: The primary metric.

    Returns:
        On validation where every contender has it, else on the compared cases; the first among equals.

    Raises:
        ConfigError: If the task has no metric of the primary one's name.
        UndefinedMetricError: If the metric is undefined for every contender.
    """
    metric = metric_named(settings.metric, cases.task, cases.classes)
    chosen_by = _validation_estimates(cases, metric, settings)
    return _best(metric, chosen_by or _estimates(cases, metric, settings, decision_thresholds(cases, settings)))


def _validation_estimates(
    cases: ComparedCases, metric: ComparedMetric, settings: ComparisonSettings
) -> tuple[Estimate, ...] | None:
    """Return what each contender has on validation; None where one lacks the cases, or the metric in them."""
    thresholds = decision_thresholds(cases, settings)
    estimates: list[Estimate] = []
    for contender in cases.contenders:
        if contender.validation is None:
            return None
        estimates += _estimates(contender.validation, metric, settings, thresholds)
    return None if any(estimate.value is None for estimate in estimates) else tuple(estimates)


def _estimates(
    cases: ComparedCases, metric: ComparedMetric, settings: ComparisonSettings, thresholds: Mapping[str, float]
) -> tuple[Estimate, ...]:
    return metric_comparisons(cases, [metric], [], settings, thresholds=thresholds)[0].estimates


def _best(metric: ComparedMetric, estimates: Sequence[Estimate]) -> int:
    values = np.array([np.nan if one.value is None else one.value for one in estimates])
    if np.isnan(values).all():
        reason = estimates[0].reason
        raise UndefinedMetricError(f"no contender can be chosen by {metric.name} ({reason}): choose another metric")
    return int(np.nanargmax(metric.metric.merit(values)))


def _corrected(
    cases: ComparedCases, metric: ComparedMetric, settings: ComparisonSettings, apparent: tuple[Estimate, ...]
) -> Selection:
    winner = _best(metric, apparent)
    asked = asked_members(cases, settings)
    tables = [
        [StatisticTable([metric.metric.statistic(one[metric.asked], metric.asked.view, settings)]) for one in members]
        for members in asked
    ]
    shares = drawn_shares(cases, settings)

    def out_of_bag(weights: NDArray[np.float64], rows: slice) -> NDArray[np.float64]:
        drawn = [share[:, rows] for share in shares]
        values = [mean_of_members(*of_one, weights) for of_one in zip(tables, drawn, strict=True)]
        winners = _winners(metric.metric.merit(np.stack(values)))
        scores, left_out = np.full(len(weights), np.nan), (weights == 0).astype(np.float64)
        for one in np.unique(winners[winners >= 0]):
            chosen = np.flatnonzero(winners == one)
            scores[chosen] = mean_of_members(tables[one], drawn[one][:, chosen], left_out[chosen])
        return scores

    drawn_cases = asked[0][0][metric.asked]
    if metric.metric.is_given_class and drawn_cases.task == Task.BINARY:
        # Of a metric that conditions on the class a resample without one says nothing.
        drawn_cases = drawn_cases.with_fixed_classes()
    resampled = over_resamples(out_of_bag, drawn_cases, settings)
    score, value = _corrected_estimate(resampled, apparent[winner], settings, cases), apparent[winner].value
    assert value is not None, "the winner has a value"
    optimism = None
    if score.value is not None:
        apparently, really = metric.metric.merit(np.array([value, score.value])).tolist()
        optimism = apparently - really
    return Selection(winner, len(cases.contenders), ON_COMPARED, apparent, score, apparent[winner], optimism)


def mean_of_members(
    tables: Sequence[StatisticTable], shares: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of a contender's members: one with no share adds nothing, even where it is undefined.

    Args:
        tables: Of each member, the metric alone.
        shares: Shape (members, resamples), adding up to 1 in each resample.
        weights: Shape (resamples, cases).

    Returns:
        Shape (resamples,).
    """
    values = [table(weights)[0] for table in tables]
    return sum(
        (np.where(share > 0, share * value, 0.0) for value, share in zip(values, shares, strict=True)),
        np.zeros(len(weights)),
    )


def _winners(merits: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the best contender of each resample, -1 where none has a value: from shape (contenders, resamples)."""
    known = np.nan_to_num(merits, nan=-np.inf)
    return np.where(np.isneginf(known).all(axis=0), -1, known.argmax(axis=0))


def _corrected_estimate(
    resampled: NDArray[np.float64], apparent: Estimate, settings: ComparisonSettings, cases: ComparedCases
) -> Estimate:
    """Return the mean over resamples with their percentiles."""
    method = f"bootstrap bias-corrected, the choice repeated in each of B = {settings.num_resamples} resamples"
    known = resampled[np.isfinite(resampled)]
    if not known.size:
        reason = "not estimable: no resample leaves out what the metric needs"
        return Estimate.undefined(reason, n=apparent.n, n_events=apparent.n_events, method=method)
    found = settings.bootstrap.percentile_estimate(
        float(known.mean()),
        resampled,
        n=apparent.n,
        n_events=apparent.n_events,
        is_clustered=cases.patients is not None,
    )
    return dataclasses.replace(found, method=method)

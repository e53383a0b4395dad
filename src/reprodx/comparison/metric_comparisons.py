"""Every metric of every contender and the differences of pairs, each by the metric's own method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reprodx.comparison.asked_members import asked_members, threshold_in_words
from reprodx.comparison.result import ComparedMetric, MetricComparison, PairedDifference
from reprodx.errors import ConfigError
from reprodx.metrics.asked import EACH, TOGETHER, Asked, Key, View, main_view, written_names
from reprodx.metrics.catalogue import metrics_in
from reprodx.metrics.estimation import difference, estimate
from reprodx.metrics.measured import measured
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.settings import ComparisonSettings
    from reprodx.metrics.measured import Measured
    from reprodx.metrics.scored_cases import ScoredCases

    AskedMembers = Sequence[Sequence[Mapping[Asked, ScoredCases]]]


def compared_metrics(cases: ComparedCases, settings: ComparisonSettings) -> tuple[ComparedMetric, ...]:
    """Return what models are compared by on these cases, the primary metric first.

    Args:
        cases: Of one task.
        settings: The primary metric, and what metrics are taken at.

    Returns:
        Every metric that `evaluate` gives, with what it was taken at.

    Raises:
        ConfigError: If the task has no metric of the primary one's name or its prevalence is not stated, or the
            threshold is not a probability.
    """
    primary = metric_named(settings.metric, cases.task, cases.classes)
    if not primary.metric.is_asked_for(settings):
        raise ConfigError(f"metric {settings.metric!r} is taken at a prevalence, and none is stated: give --prevalence")
    found = [
        ComparedMetric(
            metric,
            asked,
            name,
            threshold_in_words(cases, settings, asked)
            if metric.is_at_decision_threshold
            else metric.taken_at(settings),
        )
        for (metric, asked), name in _named(cases.task, cases.classes).items()
        if metric.is_asked_for(settings)
    ]
    return tuple(sorted(found, key=lambda one: one.key != primary.key))


def metric_named(name: str, task: Task, classes: Sequence[str]) -> ComparedMetric:
    """Return a metric by the name under which it is written.

    Args:
        name: As in `metrics.json`.
        task: What is predicted.
        classes: Names of classes or labels; each has metrics of its own.

    Returns:
        The metric.

    Raises:
        ConfigError: If the task has no metric of that name.
    """
    found = _named(task, classes)
    for (metric, asked), written in found.items():
        if name in (written, metric.aliases.get(asked.view)):
            return ComparedMetric(metric, asked, written)
    raise ConfigError(
        f"metric {name!r} is not compared where the task is {task}: choose one of {', '.join(found.values())}"
    )


def _named(task: Task, classes: Sequence[str]) -> dict[tuple[Any, Asked], str]:
    """Return the metrics of a task with what they ask and the names under which they are written."""
    asked = [Asked(main_view(task))]
    if task == Task.ORDINAL:
        asked.append(Asked(View.REFERABLE))
    if task in TOGETHER:
        asked += [Asked(EACH[task], name) for name in classes]
    pairs = [(metric, one) for one in asked for metric in metrics_in(one.view)]
    keys = {(metric, one): Key(metric.name, one) for metric, one in pairs}
    aliases = [Key(metric.aliases[one.view], one) for metric, one in pairs if one.view in metric.aliases]
    names = written_names([*keys.values(), *aliases])
    return {pair: names[key] for pair, key in keys.items()}


def metric_comparisons(
    cases: ComparedCases,
    metrics: Sequence[ComparedMetric],
    pairs: Sequence[tuple[int, int]],
    settings: ComparisonSettings,
    *,
    thresholds: Mapping[str, float] | None = None,
) -> list[MetricComparison]:
    """Return every metric of every contender and the differences of pairs.

    Args:
        cases: That all contenders answered.
        metrics: Of the cases' task.
        pairs: Positions of contenders, the second being subtracted.
        settings: The level, and what metrics are taken at.
        thresholds: Probabilities at which net benefit is taken; None asks `decision_thresholds`.

    Returns:
        A comparison for each metric, in order. A metric that all cases leave undefined says why, and so does a
        difference of which one side is undefined.

    Raises:
        ConfigError: If `ordinal_cut` or the stated threshold has no meaning here.
    """
    asked = asked_members(cases, settings, thresholds=thresholds)
    return [_comparison(one, measured_by(one, asked, settings), pairs, settings) for one in metrics]


def measured_by(one: ComparedMetric, asked: AskedMembers, settings: ComparisonSettings) -> list[Measured]:
    """Return a metric of every contender, before intervals are made of it."""
    return [
        measured(one.metric, one.asked.view, [member[one.asked] for member in members], settings) for members in asked
    ]


def _comparison(
    one: ComparedMetric, found: Sequence[Measured], pairs: Sequence[tuple[int, int]], settings: ComparisonSettings
) -> MetricComparison:
    return MetricComparison(
        one,
        tuple(estimate(contender, settings) for contender in found),
        tuple(contender.spread for contender in found),
        tuple(
            PairedDifference(first, second, difference(found[first], found[second], settings))
            for first, second in pairs
        ),
    )

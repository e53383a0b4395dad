"""What the mean probability over the members of a contender scores: shown beside the contender, never in its claims."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.catalogue import metric_named
from reprodx.comparison.compared_cases import Contender, Member
from reprodx.comparison.paired_aurocs import auroc_comparison, has_auroc_formula
from reprodx.comparison.paired_bootstrap import bootstrap_comparisons
from reprodx.comparison.result import Ensemble
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.result import ComparedMetric
    from reprodx.comparison.settings import ComparisonSettings
    from reprodx.schemas import Estimate

METRICS = {
    Task.BINARY: ("auroc", "brier"),
    Task.MULTICLASS: ("auroc", "brier", "accuracy", "kappa"),
    Task.ORDINAL: ("auroc", "brier", "accuracy", "kappa"),
    Task.MULTILABEL: ("auroc", "brier"),
}
"""By task: none that needs a threshold, since nobody chose one for the mean probability."""


def ensembles(cases: ComparedCases, settings: ComparisonSettings) -> tuple[Ensemble, ...]:
    """Return the ensembles of all contenders with two members or more.

    Args:
        cases: That the contenders answered.
        settings: How intervals are made.

    Returns:
        In the order of the contenders, each with `METRICS` of the task; intervals cover other patients alone.
    """
    positions = [place for place, contender in enumerate(cases.contenders) if len(contender.members) > 1]
    if not positions:
        return ()
    averaged = tuple(_averaged(cases.contenders[position], cases.task) for position in positions)
    metrics = [metric_named(name, cases.task, cases.classes) for name in METRICS[cases.task]]
    scores = _scores(dataclasses.replace(cases, contenders=averaged), metrics, settings)
    return tuple(
        Ensemble(position, len(cases.contenders[position].members), {name: found[at] for name, found in scores.items()})
        for at, position in enumerate(positions)
    )


def _scores(
    cases: ComparedCases, metrics: Sequence[ComparedMetric], settings: ComparisonSettings
) -> dict[str, tuple[Estimate, ...]]:
    by_formula = [metric for metric in metrics if has_auroc_formula(cases, metric.name)]
    others = [metric for metric in metrics if metric not in by_formula]
    found = [auroc_comparison(cases, metric, [], settings) for metric in by_formula]
    found += bootstrap_comparisons(cases, others, [], settings)
    return {one.metric.name: one.estimates for one in found}


def _averaged(contender: Contender, task: Task) -> Contender:
    probs = np.mean([member.probs for member in contender.members], axis=0)
    has_thresholds = task in (Task.BINARY, Task.MULTILABEL)
    called = None if has_thresholds else probs.argmax(axis=1)
    return Contender(contender.name, (Member(probs, called, None, (None,), None, 0, ()),), contender.num_train)

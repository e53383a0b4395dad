"""What the mean probability over the members of a contender scores: shown beside the contender, never in its claims."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.compared_cases import Contender, Member
from reprodx.comparison.metric_comparisons import compared_metrics, metric_comparisons
from reprodx.comparison.result import Ensemble
from reprodx.metrics.asked import main_view
from reprodx.metrics.metric import Need
from reprodx.schemas import Task

if TYPE_CHECKING:
    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.result import ComparedMetric
    from reprodx.comparison.settings import ComparisonSettings


def ensembles(cases: ComparedCases, settings: ComparisonSettings) -> tuple[Ensemble, ...]:
    """Return the ensembles of all contenders with two members or more.

    Args:
        cases: That the contenders answered.
        settings: How intervals are made.

    Returns:
        In the order of the contenders, each with the task's numbers to be seen at a glance but for
        those that need a threshold, which nobody chose for the mean probability; intervals cover other patients alone.
    """
    positions = [place for place, contender in enumerate(cases.contenders) if len(contender.members) > 1]
    if not positions:
        return ()
    averaged = tuple(_averaged(cases.contenders[position], cases.task) for position in positions)
    among = dataclasses.replace(cases, contenders=averaged)
    metrics = [one for one in compared_metrics(cases, settings) if _is_shown(one, cases.task)]
    scores = {one.metric.name: one.estimates for one in metric_comparisons(among, metrics, [], settings)}
    return tuple(
        Ensemble(position, len(cases.contenders[position].members), {name: found[at] for name, found in scores.items()})
        for at, position in enumerate(positions)
    )


def _is_shown(one: ComparedMetric, task: Task) -> bool:
    view = main_view(task)
    has_calls = task not in (Task.BINARY, Task.MULTILABEL)
    return one.asked.view == view and view in one.metric.key_in and (has_calls or Need.CALLS not in one.metric.needs)


def _averaged(contender: Contender, task: Task) -> Contender:
    probs = np.mean([member.probs for member in contender.members], axis=0)
    has_thresholds = task in (Task.BINARY, Task.MULTILABEL)
    called = None if has_thresholds else probs.argmax(axis=1)
    return Contender(contender.name, (Member(probs, called, None, (None,), None, 0, ()),), contender.num_train)

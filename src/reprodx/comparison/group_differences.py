"""Differences of contenders within sites and subgroups: for whom one is better.

A difference within a group is adjusted for how many groups there are; so is the test whether it is another one than
among the other cases (interaction), which is what a claim about a group needs.

Source: Altman & Bland, BMJ 2003;326:219, for the interaction.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from reprodx.comparison.metric_comparisons import metric_comparisons
from reprodx.comparison.power import standard_error
from reprodx.comparison.result import GroupDifference
from reprodx.comparison.subset import subset
from reprodx.metrics.difference import Difference
from reprodx.metrics.groups import grouped_rows, too_few
from reprodx.metrics.multiplicity import holm
from reprodx.schemas import Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.result import ComparedMetric
    from reprodx.comparison.settings import ComparisonSettings

    Pairs = Sequence[tuple[int, int]]


def group_differences(
    cases: ComparedCases, metric: ComparedMetric, pairs: Pairs, settings: ComparisonSettings
) -> tuple[GroupDifference, ...]:
    """Return a row for each pair and each value of `site` and of every `group_*` column, missing ones included.

    Args:
        cases: That are compared on.
        metric: The primary one.
        pairs: Positions of contenders; the second of each is subtracted.
        settings: The level, and from how many cases on a number is shown.

    Returns:
        Pair by pair, sites first. Groups that are too small say so. There is no interaction where the other cases are
        too few, and where a patient has cases inside and outside the group.
    """
    groups = [
        (column, group, _compared(cases, rows, metric, pairs, settings))
        for column, group, rows in grouped_rows(cases.table)
    ]
    return tuple(
        row
        for index, pair in enumerate(pairs)
        for row in _adjusted([_row(*pair, column, group, found[index]) for column, group, found in groups])
    )


@dataclasses.dataclass(frozen=True)
class _Found:
    """A pair within a group."""

    n: int
    n_events: int | None
    estimates: tuple[Estimate, Estimate]
    difference: Difference
    interaction_p: float | None


def _compared(
    cases: ComparedCases,
    rows: NDArray[np.int64],
    metric: ComparedMetric,
    pairs: Pairs,
    settings: ComparisonSettings,
) -> list[_Found]:
    """Return the pairs within a group."""
    inside = subset(cases, rows)
    n, n_events = rows.size, _num_events(inside, settings)
    if reason := too_few(_answers(inside, settings), settings):
        undefined = Estimate.undefined(reason, n=n, n_events=n_events)
        return [_Found(n, n_events, (undefined, undefined), Difference(undefined, None, None), None)] * len(pairs)
    within = metric_comparisons(inside, [metric], pairs, settings)[0]
    others = _others(cases, rows, settings)
    outside = [None] * len(pairs) if others is None else metric_comparisons(others, [metric], pairs, settings)[0].pairs
    return [
        _Found(
            n,
            n_events,
            (within.estimates[one.first], within.estimates[one.second]),
            one.difference,
            None if other is None else interaction(one.difference, other.difference, settings.confidence_level),
        )
        for one, other in zip(within.pairs, outside, strict=True)
    ]


def _others(cases: ComparedCases, rows: NDArray[np.int64], settings: ComparisonSettings) -> ComparedCases | None:
    """Return the cases outside a group; None where they are too few or share a patient with it."""
    is_outside = np.ones(len(cases.targets), dtype=bool)
    is_outside[rows] = False
    outside = np.flatnonzero(is_outside)
    if cases.patients is not None and np.intersect1d(cases.patients[rows], cases.patients[outside]).size:
        return None
    others = subset(cases, outside)
    return None if too_few(_answers(others, settings), settings) else others


def interaction(inside: Difference, outside: Difference, confidence_level: float) -> float | None:
    """Return the p value that a difference is the same in two sets of patients.

    Args:
        inside: With a normal interval.
        outside: Of other patients.
        confidence_level: Of both intervals, in (0, 1).

    Returns:
        Two-sided; 1 where neither set has a difference in any case; None without an interval.

    Source: Altman & Bland 2003, by t with Satterthwaite's degrees of freedom where seeds vary.
    """
    one, other = inside.estimate, outside.estimate
    if one.value is None or other.value is None or one.ci_low is None or other.ci_low is None:
        return None
    both = (inside, outside)
    variances = [(standard_error(difference, confidence_level) or 0.0) ** 2 for difference in both]
    if not any(variances):
        return 1.0 if one.value == other.value else None
    spent = sum(part**2 / each.degrees_of_freedom for part, each in zip(variances, both, strict=True))
    degrees = sum(variances) ** 2 / spent if spent else math.inf
    return float(2 * student.sf(abs(one.value - other.value) / math.sqrt(sum(variances)), degrees))


def _answers(cases: ComparedCases, settings: ComparisonSettings) -> list[NDArray[np.int64]]:
    """Return the true answers to each yes-or-no question of the task."""
    targets = cases.targets
    if cases.task == Task.MULTILABEL:
        return list(targets.T)
    if cases.task == Task.MULTICLASS:
        return [(targets == index).astype(np.int64) for index in range(len(cases.classes))]
    return [targets if cases.task == Task.BINARY else (targets >= settings.ordinal_cut).astype(np.int64)]


def _num_events(cases: ComparedCases, settings: ComparisonSettings) -> int | None:
    has_events = cases.task in (Task.BINARY, Task.ORDINAL)
    return int(_answers(cases, settings)[0].sum()) if has_events else None


def _row(first: int, second: int, column: str, group: str, found: _Found) -> GroupDifference:
    return GroupDifference(
        first,
        second,
        column,
        group,
        found.n,
        found.n_events,
        found.estimates,
        found.difference,
        interaction_p=found.interaction_p,
    )


def _adjusted(rows: list[GroupDifference]) -> list[GroupDifference]:
    """Return the rows of a pair, adjusted for their number."""
    claimed = holm([row.difference.p_value for row in rows])
    interactions = holm([row.interaction_p for row in rows])
    return [
        dataclasses.replace(row, p_holm=p_holm, interaction_p=interaction_p)
        for row, p_holm, interaction_p in zip(rows, claimed, interactions, strict=True)
    ]

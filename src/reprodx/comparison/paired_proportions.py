"""Sensitivity, specificity and accuracy of contenders and their differences, by formula.

Their denominators are the same cases in every model, so that a case is right or wrong in both. Formulas hold for
independent cases and one member a contender; `has_proportion_formula` says so, and else the bootstrap compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.difference import Difference
from reprodx.comparison.mcnemar import mcnemar
from reprodx.comparison.newcombe import paired_interval
from reprodx.comparison.result import MetricComparison, PairedDifference
from reprodx.errors import MetricError
from reprodx.metrics.chosen_threshold import NO_THRESHOLD
from reprodx.metrics.proportions import PROPORTIONS, proportion
from reprodx.metrics.referable import REFERABLE
from reprodx.schemas import Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases, Member
    from reprodx.comparison.result import ComparedMetric
    from reprodx.comparison.settings import ComparisonSettings

ACCURACY, SENSITIVITY, SPECIFICITY = "accuracy", "sensitivity", "specificity"
METHOD = "exact McNemar, Newcombe paired interval, z"


def has_proportion_formula(cases: ComparedCases, metric_name: str) -> bool:
    """Return whether `proportion_comparison` can compare by a metric.

    Args:
        cases: That are compared on.
        metric_name: As in `metrics.json`.

    Returns:
        False for other metrics, and where patients have several cases or a contender several members.
    """
    is_independent = cases.patients is None and all(len(contender.members) == 1 for contender in cases.contenders)
    return is_independent and _is_asked(cases, *_parts(metric_name))


def proportion_comparison(
    cases: ComparedCases, metric: ComparedMetric, pairs: Sequence[tuple[int, int]], settings: ComparisonSettings
) -> MetricComparison:
    """Return a proportion of every contender with Wilson's interval, and differences by McNemar and Newcombe.

    Args:
        cases: That are compared on.
        metric: One that `has_proportion_formula`.
        pairs: Positions of contenders; the second of each is subtracted.
        settings: The level, and of grades the cut.

    Returns:
        Undefined without cases to count, and where a contender has no threshold.

    Raises:
        MetricError: If the metric has no formula here.
    """
    if not has_proportion_formula(cases, metric.name):
        raise MetricError(f"{metric.name} of these cases has no formula: compare it by the bootstrap")
    level, cut = settings.confidence_level, settings.ordinal_cut
    counts = [_Count.of(cases, metric.name, contender.members[0], cut) for contender in cases.contenders]
    return MetricComparison(
        metric,
        tuple(count.estimate(level) for count in counts),
        (None,) * len(counts),
        tuple(_paired(first, second, counts[first], counts[second], level) for first, second in pairs),
    )


@dataclass(frozen=True)
class _Count:
    """The cases of a denominator, and which of them a contender has right."""

    is_right: NDArray[np.bool_]
    """Shape (n,); without meaning where there is a reason."""
    n_events: int | None
    reason: str | None
    """Why the proportion is undefined."""

    @classmethod
    def of(cls, cases: ComparedCases, metric_name: str, member: Member, cut: int) -> _Count:
        kind, question = _parts(metric_name)
        targets, called = _answers(cases, question, member, cut)
        is_counted = np.ones(targets.size, dtype=bool) if kind == ACCURACY else targets == (kind == SENSITIVITY)
        counted = targets[is_counted]
        reason = NO_THRESHOLD if called is None else None
        right = np.zeros(counted.size, dtype=bool) if called is None else called[is_counted] == counted
        is_of_classes = not question and cases.task != Task.BINARY
        n_events = None if is_of_classes else int(counted.sum())
        return cls(right, n_events, reason if counted.size else PROPORTIONS[kind].empty)

    @property
    def undefined(self) -> Estimate | None:
        if self.reason is None:
            return None
        return Estimate.undefined(self.reason, n=self.is_right.size, n_events=self.n_events)

    def estimate(self, confidence_level: float) -> Estimate:
        num_right, n = int(self.is_right.sum()), self.is_right.size
        return self.undefined or proportion(
            num_right, n, n_events=self.n_events, confidence_level=confidence_level, interval="wilson"
        )


def _paired(first: int, second: int, one: _Count, other: _Count, confidence_level: float) -> PairedDifference:
    if undefined := one.undefined or other.undefined:
        return PairedDifference(first, second, Difference(undefined, None, None))
    both, first_alone, second_alone, neither = np.bincount(2 * ~one.is_right + ~other.is_right, minlength=4).tolist()
    test, n = mcnemar(first_alone, second_alone), one.is_right.size
    low, high = paired_interval((both, first_alone, second_alone, neither), confidence_level=confidence_level)
    estimate = Estimate((first_alone - second_alone) / n, low, high, n, one.n_events, METHOD)
    difference = Difference(estimate, test.z, test.exact_p)
    return PairedDifference(first, second, difference, mid_p=test.mid_p, discordant=(first_alone, second_alone))


def _parts(metric_name: str) -> tuple[str, str]:
    """Return which proportion a metric is, and of the answers to which question."""
    kind, _, question = metric_name.partition("_")
    return kind, question


def _is_asked(cases: ComparedCases, kind: str, question: str) -> bool:
    if kind not in (ACCURACY, SENSITIVITY, SPECIFICITY):
        return False
    if cases.task == Task.BINARY:
        return not question
    if cases.task == Task.MULTILABEL:
        return question in cases.classes
    is_referable = cases.task == Task.ORDINAL and question == REFERABLE
    return is_referable or (kind == ACCURACY and not question)


def _answers(
    cases: ComparedCases, question: str, member: Member, cut: int
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Return what is true of each case, and what a member calls it, None without a threshold."""
    if cases.task == Task.MULTILABEL:
        index = cases.classes.index(question)
        return cases.targets[:, index], None if member.called is None else member.called[:, index]
    if question == REFERABLE:
        return (cases.targets >= cut).astype(np.int64), member.called_referable
    return cases.targets, member.called

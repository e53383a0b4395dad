"""The compared metrics of contenders and of their members, as functions of case weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.catalogue import BINARY, decision_threshold
from reprodx.comparison.statistics.binary_statistics import Answers, binary_statistic
from reprodx.comparison.statistics.class_statistics import ClassAnswers, class_statistic
from reprodx.comparison.statistics.label_statistics import LabelAnswers, label_statistic
from reprodx.comparison.statistics.weighted_statistic import Statistic, StatisticTable
from reprodx.metrics.calibration import NOT_CONVERGED
from reprodx.metrics.labelled_cases import LabelledCases
from reprodx.metrics.referable import REFERABLE, referable_cases
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases, Member
    from reprodx.comparison.settings import ComparisonSettings


class ContenderStatistics:
    """Metrics of several contenders, each the mean over its members."""

    def __init__(
        self, cases: ComparedCases, names: Sequence[str], settings: ComparisonSettings, *, threshold: float | None
    ) -> None:
        """Sort and score the cases once.

        Args:
            cases: That the contenders answered.
            names: Metrics of the task; see `catalogue.metric_named`.
            settings: What net benefit and grades are taken at.
            threshold: Probability at which net benefit is taken; None asks `catalogue.decision_threshold`.

        Raises:
            ConfigError: If `ordinal_cut` or the stated threshold has no meaning here.
        """
        at = decision_threshold(cases, settings) if threshold is None else threshold
        self._tables = [
            [
                member_statistics(names, cases, member, decision_threshold=at, ordinal_cut=settings.ordinal_cut)
                for member in contender.members
            ]
            for contender in cases.contenders
        ]
        weights = np.ones((1, len(cases.targets)))
        self._of_members = [np.stack([table(weights)[:, 0] for table in tables]) for tables in self._tables]

    def values(
        self, weights: NDArray[np.float64], shares: Sequence[NDArray[np.float64]], position: int | None = None
    ) -> NDArray[np.float64]:
        """Return all metrics of all contenders, or of one.

        Args:
            weights: Of the cases, shape (resamples, cases).
            shares: Of each contender's members in their mean, each of shape (members, resamples).
            position: Of the only contender that is wanted; None wants all.

        Returns:
            Shape (contenders, metrics, resamples); NaN where undefined.
        """
        wanted = range(len(self._tables)) if position is None else [position]
        return np.stack([_mean([table(weights) for table in self._tables[at]], shares[at]) for at in wanted])

    def all_cases(self) -> NDArray[np.float64]:
        """Return the metrics when each case counts once, shape (contenders, metrics); NaN where undefined."""
        return np.stack([values.mean(axis=0) for values in self._of_members])

    def spreads(self, row: int) -> tuple[float | None, ...]:
        """Return the standard deviation of a metric over the members of each contender, None where it has none."""
        of_members = [values[:, row] for values in self._of_members]
        return tuple(float(one.std(ddof=1)) if one.size > 1 and np.isfinite(one).all() else None for one in of_members)

    def first(self, position: int, row: int) -> Statistic:
        """Return a metric of a contender's first member."""
        return self._tables[position][0].statistics[row]

    def reason(self, position: int, row: int) -> str | None:
        """Return why all cases leave a metric of a contender undefined, None where they do not."""
        for table, values in zip(self._tables[position], self._of_members[position], strict=True):
            if np.isnan(values[row]):
                return table.statistics[row].reason or NOT_CONVERGED
        return None


def member_statistics(
    names: Sequence[str], cases: ComparedCases, member: Member, *, decision_threshold: float, ordinal_cut: int
) -> StatisticTable:
    """Return metrics of a member as functions of case weights.

    Args:
        names: Metrics of the task; see `catalogue.metric_named`.
        cases: That the member answered.
        member: Of one of their contenders.
        decision_threshold: Probability, in (0, 1), at which net benefit is taken.
        ordinal_cut: Of grades, the position of the first that is referable, from 0.

    Returns:
        The statistics, in the order of the names.

    Raises:
        ConfigError: If the cut does not leave a grade on both sides.
    """
    make = _MAKERS[cases.task](cases, member, decision_threshold, ordinal_cut)
    return StatisticTable([make(name) for name in names])


def case_strata(cases: ComparedCases) -> NDArray[np.int64]:
    """Return the stratum of each case, within which resamples are drawn, as where one model is scored.

    Args:
        cases: Of any task.

    Returns:
        Shape (cases,): the true class, or with several labels the rarest that a case has.
    """
    if cases.task != Task.MULTILABEL:
        return cases.targets
    return LabelledCases(cases.targets, cases.contenders[0].members[0].probs, cases.patients, cases.classes).strata


def _mean(values: Sequence[NDArray[np.float64]], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of members, to which one with no share adds nothing even where it is undefined."""
    return sum(
        (np.where(share > 0, share * value, 0.0) for value, share in zip(values, shares, strict=True)),
        np.zeros(values[0].shape),
    )


def _binary(cases: ComparedCases, member: Member, threshold: float, _: int) -> Callable[[str], Statistic]:
    answers = Answers(cases.targets == 1, member.probs[:, 1], member.called, threshold)
    return lambda name: binary_statistic(name, answers)


def _classes(cases: ComparedCases, member: Member, _: float, __: int) -> Callable[[str], Statistic]:
    answers = ClassAnswers(cases.targets, member.probs, member.called, has_grades=False, classes=cases.classes)
    return lambda name: class_statistic(name, answers)


def _grades(cases: ComparedCases, member: Member, threshold: float, cut: int) -> Callable[[str], Statistic]:
    answers = ClassAnswers(cases.targets, member.probs, member.called, has_grades=True, classes=cases.classes)
    graded = referable_cases(ScoredCases(cases.targets, member.probs, cases.patients, cases.classes), cut)
    referable = Answers(graded.is_positive, graded.positive_probs, member.called_referable, threshold)

    def make(name: str) -> Statistic:
        base = name.removesuffix(f"_{REFERABLE}")
        is_referable = base != name and base in BINARY
        return binary_statistic(base, referable) if is_referable else class_statistic(name, answers)

    return make


def _labels(cases: ComparedCases, member: Member, _: float, __: int) -> Callable[[str], Statistic]:
    answers = LabelAnswers(LabelledCases(cases.targets, member.probs, cases.patients, cases.classes))
    return lambda name: label_statistic(name, answers)


_MAKERS = {Task.BINARY: _binary, Task.MULTICLASS: _classes, Task.ORDINAL: _grades, Task.MULTILABEL: _labels}

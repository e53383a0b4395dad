"""The metrics of several labels as functions of case weights."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.statistics.weighted_statistic import Statistic, blockwise, mean_of
from reprodx.metrics.auroc import weighted_auroc
from reprodx.metrics.precision_recall import weighted_average_precision
from reprodx.metrics.undefined import NO_CASE, missing_class

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.comparison.statistics.weighted_statistic import Function
    from reprodx.metrics.labelled_cases import LabelledCases


class LabelAnswers:
    """What one model said of cases of several labels."""

    def __init__(self, cases: LabelledCases) -> None:
        """Keep the cases."""
        self.cases = cases

    @cached_property
    def areas(self) -> list[Function]:
        """The AUROC of each label."""
        return [blockwise(weighted_auroc(targets == 1, probs)) for targets, probs in self.columns]

    @property
    def columns(self) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
        """Targets and probabilities of each label, each of shape (cases,)."""
        return list(zip(self.cases.targets.T, self.cases.probs.T, strict=True))


def label_statistic(name: str, answers: LabelAnswers) -> Statistic:
    """Return a metric of all labels, or of one.

    Args:
        name: A key of `catalogue.MULTILABEL`, or `auroc_<label>`.
        answers: Of one model.

    Returns:
        The metric, undefined where all cases leave it so.
    """
    cases = answers.cases
    n = len(cases.targets)
    if not n:
        return Statistic.undefined(NO_CASE, n=0)
    if name == "brier":
        return Statistic.mean(((cases.probs - cases.targets) ** 2).mean(axis=1), np.ones(n))
    if name == "auroc_micro":
        return _micro_auroc(cases)
    if name in ("auroc", "average_precision_macro"):
        return _mean_over_labels(name, answers)
    return _label_auroc(cases.labels.index(name.removeprefix("auroc_")), answers)


def _label_auroc(index: int, answers: LabelAnswers) -> Statistic:
    is_positive = answers.cases.targets[:, index] == 1
    n, n_events = is_positive.size, int(is_positive.sum())
    if reason := missing_class(is_positive):
        return Statistic.undefined(reason, n=n, n_events=n_events)
    return Statistic.of_function(answers.areas[index], n=n, n_events=n_events)


def _mean_over_labels(name: str, answers: LabelAnswers) -> Statistic:
    n = len(answers.cases.targets)
    if reason := answers.cases.undefined_label:
        return Statistic.undefined(reason, n=n)
    if name == "auroc":
        return mean_of(answers.areas, n=n)
    return mean_of(
        [blockwise(weighted_average_precision(targets == 1, probs)) for targets, probs in answers.columns], n=n
    )


def _micro_auroc(cases: LabelledCases) -> Statistic:
    n, num_labels = cases.targets.shape
    is_positive = cases.targets.ravel() == 1
    if reason := missing_class(is_positive):
        return Statistic.undefined(reason, n=n)
    areas = weighted_auroc(is_positive, cases.probs.ravel())
    return Statistic.of_function(blockwise(lambda weights: areas(np.repeat(weights, num_labels, axis=1))), n=n)

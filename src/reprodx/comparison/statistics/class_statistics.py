"""The metrics of several classes or grades together as functions of case weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.statistics.weighted_statistic import Statistic, blockwise, mean_of
from reprodx.metrics.auroc import weighted_auroc
from reprodx.metrics.chosen_threshold import NO_THRESHOLD
from reprodx.metrics.undefined import NO_CASE, absent_classes, missing_class, ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

ONE_ANSWER = "all cases have and are called one class"
OF_ONE_CLASS = "auroc_"
"""Before the name of a class."""


@dataclass(frozen=True)
class ClassAnswers:
    """What one model said of cases of several classes."""

    targets: NDArray[np.int64]
    """Shape (cases,), the index of the true class."""
    probs: NDArray[np.float64]
    """Shape (cases, classes)."""
    called: NDArray[np.int64] | None
    """Shape (cases,), the index of the class that each case is called; None where it is called none."""
    has_grades: bool
    """Whether the classes have an order, in which a disagreement weighs as the square of its distance."""
    classes: tuple[str, ...] = ()
    """Their names, which the AUROC of one of them against the rest is asked for by."""

    @cached_property
    def ones(self) -> NDArray[np.float64]:
        """The column whose weighted sum is the weight of all cases."""
        return np.ones(self.targets.size)

    @property
    def num_classes(self) -> int:
        """Columns of `probs`."""
        return int(self.probs.shape[1])

    def distances(self) -> NDArray[np.int64]:
        """Return by how many places the called class misses the true one, shape (cases,)."""
        assert self.called is not None, "its absence is a reason"
        distances: NDArray[np.int64] = np.abs(self.targets - self.called)
        return distances


def class_statistic(name: str, answers: ClassAnswers) -> Statistic:
    """Return a metric of several classes together, or of one against the rest.

    Args:
        name: A key of `catalogue.MULTICLASS`, or of `catalogue.ORDINAL` without suffix; or `auroc_<class>`.
        answers: Of one model.

    Returns:
        The metric, undefined where all cases leave it so.
    """
    n = answers.targets.size
    if name.startswith(OF_ONE_CLASS):
        return _class_auroc(answers.classes.index(name.removeprefix(OF_ONE_CLASS)), answers)
    if reason := _undefined(name, answers):
        return Statistic.undefined(reason, n=n)
    if name == "auroc":
        return _macro_auroc(answers)
    if name == "brier":
        errors = ((answers.probs - np.eye(answers.num_classes)[answers.targets]) ** 2).sum(axis=1)
        return Statistic.mean(errors, answers.ones)
    if name == "kappa":
        assert answers.called is not None, "its absence is a reason"
        return kappa(answers.targets, answers.called, answers.num_classes, is_quadratic=answers.has_grades)
    distances = answers.distances()
    column = {"mae": distances, "within_1": distances <= 1, "accuracy": distances == 0}[name]
    return Statistic.mean(column.astype(np.float64), answers.ones)


def kappa(
    targets: NDArray[np.int64],
    called: NDArray[np.int64],
    num_classes: int,
    *,
    is_quadratic: bool,
    n_events: int | None = None,
) -> Statistic:
    """Return the agreement beyond chance of called and true class.

    Args:
        targets: Shape (cases,), the index of the true class.
        called: Shape (cases,), the index of the called class.
        num_classes: Classes.
        is_quadratic: Whether a disagreement weighs as the square of its distance; else all weigh the same.
        n_events: Handed on.

    Returns:
        In [-1, 1], 0 where chance would agree as much; NaN where none of the weight disagrees by chance.

    Source: Cohen, Educ Psychol Meas 1960;20:37, equation 1, and Psychol Bull 1968;70:213, equation 5.
    """
    places = np.arange(num_classes)
    distances = np.subtract.outer(places, places) ** 2 if is_quadratic else (places[:, None] != places).astype(int)
    identity = np.eye(num_classes)
    columns = (*identity[:, targets], *identity[:, called], distances[targets, called].astype(np.float64))

    def value(*sums: NDArray[np.float64]) -> NDArray[np.float64]:
        of_targets, of_called = np.stack(sums[:num_classes]), np.stack(sums[num_classes:-1])
        expected = (of_targets * (distances @ of_called)).sum(axis=0)
        return 1 - ratio(sums[-1] * of_targets.sum(axis=0), expected)

    return Statistic(columns, (), value, targets.size, n_events)


def _undefined(name: str, answers: ClassAnswers) -> str | None:
    if not answers.targets.size:
        return NO_CASE
    if name == "auroc":
        return absent_classes(np.bincount(answers.targets, minlength=answers.num_classes))
    if name == "brier":
        return None
    if answers.called is None:
        return NO_THRESHOLD
    return ONE_ANSWER if name == "kappa" and np.unique([answers.targets, answers.called]).size == 1 else None


def _class_auroc(index: int, answers: ClassAnswers) -> Statistic:
    is_positive = answers.targets == index
    n, n_events = is_positive.size, int(is_positive.sum())
    if reason := missing_class(is_positive):
        return Statistic.undefined(reason, n=n, n_events=n_events)
    area = blockwise(weighted_auroc(is_positive, answers.probs[:, index]))
    return Statistic.of_function(area, n=n, n_events=n_events)


def _macro_auroc(answers: ClassAnswers) -> Statistic:
    areas = [
        blockwise(weighted_auroc(answers.targets == index, answers.probs[:, index]))
        for index in range(answers.num_classes)
    ]
    return mean_of(areas, n=answers.targets.size)

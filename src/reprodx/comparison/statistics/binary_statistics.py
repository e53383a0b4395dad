"""The metrics of a yes-or-no question as functions of case weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reprodx.comparison.statistics.class_statistics import ONE_ANSWER, kappa
from reprodx.comparison.statistics.weighted_recalibration import weighted_calibration_in_the_large, weighted_slope
from reprodx.comparison.statistics.weighted_statistic import Statistic, blockwise
from reprodx.metrics.auroc import weighted_auroc
from reprodx.metrics.calibration import CONSTANT, EXTREME_PROB, SEPARATED
from reprodx.metrics.chosen_threshold import NO_THRESHOLD
from reprodx.metrics.precision_recall import weighted_average_precision
from reprodx.metrics.undefined import NO_CASE, absent_classes, missing_class, ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

NEEDS_BOTH = ("auroc", "average_precision", "scaled_brier", "calibration_slope", "calibration_in_the_large")
"""What is undefined with one class only."""
NEEDS_CALLS = ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "kappa")


@dataclass(frozen=True)
class Answers:
    """What one model said to a yes-or-no question."""

    is_positive: NDArray[np.bool_]
    """Shape (cases,)."""
    probs: NDArray[np.float64]
    """Shape (cases,), of the positive answer."""
    called: NDArray[np.int64] | None
    """Shape (cases,), 1 where called positive; None without a threshold."""
    decision_threshold: float
    """In (0, 1): of net benefit."""

    @property
    def n_events(self) -> int:
        """Positive cases."""
        return int(self.is_positive.sum())

    @cached_property
    def ones(self) -> NDArray[np.float64]:
        """The column whose weighted sum is the weight of all cases."""
        return np.ones(self.is_positive.size)

    @cached_property
    def positives(self) -> NDArray[np.float64]:
        """1 where positive."""
        return self.is_positive.astype(np.float64)

    @cached_property
    def negatives(self) -> NDArray[np.float64]:
        """1 where negative."""
        return 1 - self.positives

    @cached_property
    def true_positives(self) -> NDArray[np.float64]:
        """1 where positive and called so."""
        return self.positives * self._called

    @cached_property
    def true_negatives(self) -> NDArray[np.float64]:
        """1 where negative and called so."""
        return self.negatives * (1 - self._called)

    @cached_property
    def errors(self) -> NDArray[np.float64]:
        """Squared distances of the probabilities from what was."""
        return (self.probs - self.positives) ** 2

    @property
    def _called(self) -> NDArray[np.int64]:
        assert self.called is not None, "its absence is a reason"
        return self.called


def binary_statistic(name: str, answers: Answers) -> Statistic:
    """Return a metric of a yes-or-no question.

    Args:
        name: A key of `catalogue.BINARY`.
        answers: To the question.

    Returns:
        The metric, undefined where all cases leave it so.
    """
    n, n_events = answers.is_positive.size, answers.n_events
    if reason := _undefined(name, answers):
        return Statistic.undefined(reason, n=n, n_events=n_events)
    return _STATISTICS[name](answers)


def _undefined(name: str, answers: Answers) -> str | None:
    if not answers.is_positive.size:
        return NO_CASE
    if name in NEEDS_BOTH:
        return missing_class(answers.is_positive) or (_no_slope(answers) if name == "calibration_slope" else None)
    if name not in NEEDS_CALLS:
        return None
    if answers.called is None:
        return NO_THRESHOLD
    return _undefined_calls(name, answers.is_positive.astype(np.int64), answers.called)


def _undefined_calls(name: str, targets: NDArray[np.int64], called: NDArray[np.int64]) -> str | None:
    num_negatives, num_positives = np.bincount(targets, minlength=2)
    if name == "sensitivity" and not num_positives:
        return "no positive case"
    if name == "specificity" and not num_negatives:
        return "no negative case"
    if name == "balanced_accuracy":
        return absent_classes(np.array([num_negatives, num_positives]))
    return ONE_ANSWER if name == "kappa" and np.unique([targets, called]).size == 1 else None


def _no_slope(answers: Answers) -> str | None:
    probs = np.clip(answers.probs, EXTREME_PROB, 1 - EXTREME_PROB)
    if np.ptp(probs) == 0:
        return CONSTANT
    positives, negatives = probs[answers.is_positive], probs[~answers.is_positive]
    is_separated = positives.min() >= negatives.max() or positives.max() <= negatives.min()
    return SEPARATED if is_separated else None


def _scaled_brier(a: Answers) -> Statistic:
    """Source: Steyerberg et al, Epidemiology 2010;21:128."""

    def value(errors: NDArray[np.float64], events: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
        prevalence = ratio(events, n)
        return 1 - ratio(ratio(errors, n), prevalence * (1 - prevalence))

    return Statistic((a.errors, a.positives, a.ones), (), value, a.ones.size, a.n_events)


def _net_benefit(a: Answers) -> Statistic:
    """Source: Vickers & Elkin, Med Decis Making 2006;26:565, equation 1."""
    odds = a.decision_threshold / (1 - a.decision_threshold)
    benefit = np.where(a.probs >= a.decision_threshold, np.where(a.is_positive, 1.0, -odds), 0.0)
    return Statistic.mean(benefit, a.ones, a.n_events)


def _balanced_accuracy(a: Answers) -> Statistic:
    """Source: Brodersen et al, ICPR 2010, equation 6."""
    columns = (a.true_positives, a.positives, a.true_negatives, a.negatives)
    return Statistic(columns, (), lambda tp, p, tn, n: (ratio(tp, p) + ratio(tn, n)) / 2, a.ones.size, a.n_events)


def _of_ranks(
    weighted: Callable[[NDArray[np.bool_], NDArray[np.float64]], Callable[[NDArray[np.float64]], NDArray[np.float64]]],
) -> Callable[[Answers], Statistic]:
    return lambda a: Statistic.of_function(
        blockwise(weighted(a.is_positive, a.probs)), n=a.ones.size, n_events=a.n_events
    )


_STATISTICS: dict[str, Callable[[Answers], Statistic]] = {
    "auroc": _of_ranks(weighted_auroc),
    "average_precision": _of_ranks(weighted_average_precision),
    "brier": lambda a: Statistic.mean(a.errors, a.ones, a.n_events),
    "scaled_brier": _scaled_brier,
    "calibration_slope": lambda a: Statistic.of_function(
        weighted_slope(a.is_positive, a.probs), n=a.ones.size, n_events=a.n_events
    ),
    "calibration_in_the_large": lambda a: Statistic.of_function(
        weighted_calibration_in_the_large(a.is_positive, a.probs), n=a.ones.size, n_events=a.n_events
    ),
    "net_benefit": _net_benefit,
    "sensitivity": lambda a: Statistic((a.true_positives, a.positives), (), ratio, a.n_events, a.n_events),
    "specificity": lambda a: Statistic((a.true_negatives, a.negatives), (), ratio, a.ones.size - a.n_events, 0),
    "accuracy": lambda a: Statistic(
        (a.true_positives, a.true_negatives, a.ones), (), lambda tp, tn, n: ratio(tp + tn, n), a.ones.size, a.n_events
    ),
    "balanced_accuracy": _balanced_accuracy,
    "kappa": lambda a: kappa(a.is_positive.astype(np.int64), a._called, 2, is_quadratic=False, n_events=a.n_events),
}

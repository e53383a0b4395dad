"""A metric of one model with what each patient contributes to it: all that intervals and differences are made of.

A model may have several members, runs that differ in their seed alone: it then stands for the mean of their values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.metric import SmallSample
from reprodx.metrics.undefined import UNDEFINED_FIT, few_patients
from reprodx.metrics.variance import covariance
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.asked import View
    from reprodx.metrics.metric import Metric
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import Intervals


FEW_HARD, MANY = 1.5, 150
"""Where patients of the rarest class, times what an AUROC lacks to 1, are no more than the first, and fewer than the
second, DeLong's intervals cover .90 to .92: the hard case that would have widened them is seldom among them."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A metric of one model, before an interval is made of it."""

    metric: Metric
    view: View
    members: tuple[ScoredCases, ...]
    values: tuple[float, ...]
    """By member; empty where undefined."""
    influence: NDArray[np.float64]
    """Shape (cases,), the mean over members; without meaning where there is no interval."""
    rests_on: NDArray[np.bool_]
    """Shape (cases,): which cases play a part, in one member or more."""
    n: int
    n_events: int | None
    reason: str | None
    """Why there is no value."""

    @property
    def value(self) -> float:
        """The mean over members."""
        return float(np.mean(self.values))

    @property
    def between(self) -> float:
        """What the variance between its members adds to that of their mean: 0 with one."""
        return float(np.var(self.values, ddof=1)) / len(self.values) if len(self.values) > 1 else 0.0

    @property
    def spread(self) -> float | None:
        """The standard deviation over members; None with one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else None

    @property
    def cases(self) -> ScoredCases:
        """What the first member said."""
        return self.members[0]

    @cached_property
    def num_carriers(self) -> int:
        """Patients of the rarest class among those that the metric rests on."""
        return self.cases.num_of_rarest(self.rests_on)

    @property
    def doubt(self) -> str:
        """What is said of an interval that is an approximation: few patients, or few for a value near its end."""
        few = few_patients(self.num_carriers, max(self.metric.few, self.metric.doubtful))
        is_near_end = self.num_carriers < MANY and self.num_carriers * (1 - self.value) <= FEW_HARD
        if few or not (self.metric.doubtful and is_near_end):
            return few
        return f"; an approximation, since {self.value:.3f} is near the end for {self.num_carriers} patients of a class"

    @property
    def strata(self) -> NDArray[np.int64] | None:
        """Shape (cases,): the class that the variance is taken within; None where its numbers are random."""
        is_given = self.metric.is_given_class and self.cases.task == Task.BINARY
        return self.cases.targets if is_given else self.cases.design_strata


def measured(metric: Metric, view: View, members: Sequence[ScoredCases], settings: Intervals) -> Measured:
    """Return a metric of a model.

    Args:
        metric: Any.
        view: What is asked; one of the metric's views.
        members: What each run of the model said of the same cases, at least one.
        settings: What the metric is taken at.

    Returns:
        Undefined where one member is.
    """
    num_cases = members[0].num_cases
    values, influence, rests_on = [], np.zeros(num_cases), np.zeros(num_cases, dtype=np.bool_)
    for cases in members:
        statistic = metric.statistic(cases, view, settings)
        counts = statistic.n, statistic.n_events
        value = np.nan if statistic.reason else statistic.of_all()
        if np.isnan(value):
            reason = statistic.reason or UNDEFINED_FIT
            return Measured(metric, view, tuple(members), (), influence, rests_on, *counts, reason)
        values.append(value)
        rests_on = rests_on | statistic.rests_on()
        if metric.no_interval is None:
            influence = influence + statistic.influence()
    influence /= len(members)
    return Measured(metric, view, tuple(members), tuple(values), influence, rests_on, *counts, None)


def sampling_variance(one: Measured) -> tuple[float, float]:
    """Return the variance of a metric between patients, and its degrees of freedom; NaN where not estimable."""
    found = covariance_of(one, one.influence[None])
    return math.nan if found is None else found.item(), degrees_of_freedom(one)


def cautious_variance(one: Measured) -> tuple[float, float]:
    """Return the variance of a metric between patients or, where more, that which its value has in theory.

    Args:
        one: Whose variance is estimable.

    Returns:
        The variance with its degrees of freedom: endless where theory takes part, which is enough without t.
    """
    least, (own, degrees) = one.metric.least_variance, sampling_variance(one)
    if least is None or one.cases.task != Task.BINARY:
        return own, degrees
    alone = covariance(one.influence[None], None, one.strata, rests_on=one.rests_on)
    assert alone is not None, "with patients it is estimable"
    return max(own, least(one.value, one.cases) * max(1.0, own / alone.item())), math.inf


def covariance_of(one: Measured, influences: NDArray[np.float64], *others: Measured) -> NDArray[np.float64] | None:
    """Return the covariance of metrics of the same cases between patients, as the metric of `one` takes it.

    Args:
        one: A metric of one model.
        influences: Shape (metrics, cases).
        *others: The metric of the other models that influences are of: what one of them rests on plays a part.

    Returns:
        Shape (metrics, metrics); None where a class has one patient only.
    """
    is_corrected = one.metric.small_sample != SmallSample.NONE
    rests_on = np.any([side.rests_on for side in (one, *others)], axis=0)
    return covariance(influences, one.cases.patients, one.strata, rests_on=rests_on, is_corrected=is_corrected)


def degrees_of_freedom(one: Measured) -> float:
    """Return the degrees of freedom of a metric's variance between patients: one fewer than the rarest class has.

    Endless where these are not few, as published formulas have it, and for metrics that need no t.
    """
    if one.metric.small_sample != SmallSample.T or one.num_carriers >= one.metric.few:
        return math.inf
    return max(1, one.num_carriers - 1)

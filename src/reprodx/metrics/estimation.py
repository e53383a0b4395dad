"""The value of any metric and the difference of any two models, with their intervals: one way for all commands.

A model may have several members, runs that differ in their seed alone: it then stands for the mean of their values, and
what members differ by is added to the variance, with a quantile of t of its own since they are few.

Source: Efron 1982, chapter 6 (variances); Zou & Donner, Stat Med 2008;27:1693, equation 9, and Zou, Psychol Methods
2007;12:399 (MOVER: the limits of a difference from those of both sides and their correlation).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from reprodx.metrics.alike import answer_alike
from reprodx.metrics.combined_t import degrees_of, quantile_of
from reprodx.metrics.difference import Difference
from reprodx.metrics.measured import (
    Measured,
    cautious_variance,
    covariance_of,
    degrees_of_freedom,
    sampling_variance,
)
from reprodx.metrics.metric import Scale, SmallSample
from reprodx.metrics.mover import mover
from reprodx.metrics.undefined import AT_AN_END, NO_VARIANCE, PERFECT, TOO_FEW_CLUSTERS
from reprodx.schemas import Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.metric import Metric
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import Intervals

ROUNDING = 1e-12
"""Influences that differ by less, as a share of the whole, are equal: members are averaged in another order."""
LEAST_ERROR = 1e-9
"""Standard errors that are less are rounding: derivatives are exact to about 1e-10."""
FEW = 30
"""Under so many patients a difference is tested by t."""
BY_CHANCE = "interval not estimable: no case shows a difference, though the models answered differently"


def estimate(one: Measured, settings: Intervals) -> Estimate:
    """Return a metric of a model with its interval.

    Args:
        one: The metric.
        settings: The level, and how proportions are taken.

    Returns:
        Without interval, and with the reason, where the variance cannot be estimated.
    """
    if one.reason:
        return Estimate.undefined(one.reason, n=one.n, n_events=one.n_events)
    return _estimated(one, settings, is_cautious=bool(one.doubt))


def _estimated(one: Measured, settings: Intervals, *, is_cautious: bool) -> Estimate:
    """Return a metric that has a value; with the variance that this has in theory, where wider, if cautious."""
    metric, counts = one.metric, (one.n, one.n_events)
    if metric.formula:
        variance = None if metric.no_interval else sampling_variance(one)[0]
        found = metric.formula.one(one.members, one.value, counts, variance, settings)
        if found is not None and (drawn_out := _with_repetitions(found, one, settings.confidence_level)):
            return drawn_out
    limits, reason = _limits(one, settings.confidence_level, is_cautious=is_cautious)
    method = _method(metric, one.members)
    if limits is None:
        return Estimate(one.value, None, None, *counts, method, reason)
    if is_cautious and metric.least_variance and one.cases.task == Task.BINARY:
        method = f"{method}, or normal scores where wider"
    return Estimate(one.value, *limits, *counts, f"{method}{one.doubt}")


def _with_repetitions(found: Estimate, one: Measured, level: float) -> Estimate | None:
    """Return the estimate of a formula with limits drawn out by as much as repetitions add to the standard error.

    None where repetitions alone vary: nothing can be drawn out that has no width.
    """
    if len(one.members) == 1 or found.ci_low is None or found.ci_high is None:
        return found
    sampling, ends = sampling_variance(one)[0], one.metric.scale.ends
    if one.between and sampling <= LEAST_ERROR**2:
        return None
    parts = [(sampling, math.inf), _repetitions(one)]
    margin = quantile_of(parts, level) * math.sqrt(sampling + one.between) if one.between else 0.0
    drawn_out = max(1.0, margin / (quantile_of([(1.0, math.inf)], level) * math.sqrt(sampling))) if margin else 1.0
    # At an end of its range a value has no place on the scale.
    scale = one.metric.scale if math.isfinite(one.metric.scale.to(one.value)) else Scale.IDENTITY
    centre = scale.to(one.value)
    low, high = (centre + drawn_out * (scale.to(limit) - centre) for limit in (found.ci_low, found.ci_high))
    return replace(
        found,
        ci_low=max(ends[0], scale.back(low)),
        ci_high=min(ends[1], scale.back(high)),
        method=f"{found.method}; {_of_repetitions(one.members)}",
    )


def difference(first: Measured, second: Measured, settings: Intervals) -> Difference:
    """Return how far a metric of one model is from that of another on the same cases.

    Args:
        first: Of one model.
        second: What is subtracted.
        settings: The level.

    Returns:
        With a test: z, or t where members vary or patients are few. 0 with p = 1 for models that answer alike; without
        test where no case shows a difference although they do not.
    """
    metric, counts = first.metric, (first.n, first.n_events)
    if reason := first.reason or second.reason:
        return Difference(Estimate.undefined(reason, n=first.n, n_events=first.n_events), None, None)
    method = f"paired {_method(metric, first.members, second.members)}"
    value, influence = first.value - second.value, first.influence - second.influence
    between = first.between + second.between
    if abs(value) < ROUNDING and answer_alike(first, second):
        return Difference(Estimate(0.0, 0.0, 0.0, *counts, method), 0.0, 1.0)
    if metric.formula and len(first.members) == len(second.members) == 1:
        found = metric.formula.pair(first.cases, second.cases, counts, settings)
        if found is not None:
            return found
    if not _differs(influence, first, second) and not between:
        reason = metric.no_interval or (BY_CHANCE if abs(value) < ROUNDING else NO_VARIANCE)
        return Difference(Estimate(value, None, None, *counts, method, reason), None, None)
    sampling, reason = _variance((first, second), influence, between)
    if reason:
        return Difference(Estimate(value, None, None, *counts, method, reason), None, None)
    error, level = math.sqrt(sampling + between), settings.confidence_level
    is_few = metric.small_sample == SmallSample.T and first.cases.num_patients < FEW
    parts = [
        (
            sampling,
            min(*map(degrees_of_freedom, (first, second)), first.cases.num_patients - 1 if is_few else math.inf),
        ),
        _repetitions(first, second),
    ]
    quantile = quantile_of(parts, level)
    degrees, margin = degrees_of(quantile, level, parts), quantile * error
    reach = metric.scale.reach
    test = "z" if math.isinf(degrees) else f"t on {degrees:.0f} degrees of freedom"
    return Difference(
        Estimate(
            value,
            max(-reach, value - margin),
            min(reach, value + margin),
            *counts,
            f"{method}, {test}{first.doubt or second.doubt}",
        ),
        value / error,
        float(2 * student.sf(abs(value / error), degrees)),
        standard_error=error,
        degrees_of_freedom=degrees,
        between=between,
        margin_limits=_margin_limits(first, second, settings),
    )


def _margin_limits(first: Measured, second: Measured, settings: Intervals) -> tuple[float, float] | None:
    """Return limits of a difference by MOVER, from both models' own limits, whose skew they keep."""
    if first.metric.scale == Scale.IDENTITY:
        return None
    one, other = (_estimated(side, settings, is_cautious=True) for side in (first, second))
    if one.ci_low is None or one.ci_high is None or other.ci_low is None or other.ci_high is None:
        return None
    together = covariance_of(first, np.stack([first.influence, second.influence]), second)
    assert together is not None, "the difference has a variance"
    between = np.array([first.between, second.between])
    spread = math.sqrt(np.prod(together.diagonal() + between))
    limits = (one.ci_low, one.ci_high), (other.ci_low, other.ci_high)
    return mover((first.value, second.value), limits, float(together[0, 1]) / spread if spread else 0.0)


def _repetitions(*sides: Measured) -> tuple[float, float]:
    """Return the variance that repetitions add, and its degrees of freedom.

    Source: Satterthwaite, Biometrics Bull 1946;2:110, over both sides of a difference.
    """
    added = sum(one.between for one in sides)
    spent = sum(one.between**2 / (len(one.values) - 1) for one in sides if one.between)
    return added, added**2 / spent if spent else 1.0


def _variance(sides: Sequence[Measured], influence: NDArray[np.float64], between: float) -> tuple[float, str | None]:
    """Return the variance of a metric or a difference between patients, or why there is none."""
    metric = sides[0].metric
    if metric.no_interval:
        return math.nan, metric.no_interval
    found = covariance_of(sides[0], influence[None], *sides[1:])
    fewest = min(one.num_carriers for one in sides)
    if found is None or (metric.small_sample == SmallSample.T and fewest < 2):
        return math.nan, TOO_FEW_CLUSTERS
    if not found.item() + between > LEAST_ERROR**2:
        return math.nan, NO_VARIANCE
    return found.item(), None


def _limits(one: Measured, level: float, *, is_cautious: bool) -> tuple[tuple[float, float] | None, str | None]:
    """Return the limits of one model's metric, symmetric on its scale, or why there are none."""
    metric, scale = one.metric, one.metric.scale
    sampling, reason = _variance([one], one.influence, one.between)
    if metric.no_interval is None and not math.isfinite(scale.to(one.value)):
        return None, PERFECT if metric.is_by_rank else AT_AN_END
    if reason:
        return None, reason
    degrees = degrees_of_freedom(one)
    if is_cautious:
        sampling, degrees = cautious_variance(one)
    quantile = quantile_of([(sampling, degrees), _repetitions(one)], level)
    return _on_scale(one, quantile * math.sqrt(sampling + one.between)), None


def _on_scale(one: Measured, margin: float) -> tuple[float, float]:
    """Return limits that lie a margin, in units of the metric, off its value: symmetric on its scale."""
    scale, centre = one.metric.scale, one.metric.scale.to(one.value)
    turned = margin * scale.slope(one.value)
    highest = one.metric.highest.get(one.view, math.inf)
    return scale.back(centre - turned), min(highest, scale.back(centre + turned))


def _method(metric: Metric, *sides: Sequence[ScoredCases]) -> str:
    """Return how an interval is made, of one model or of a pair."""
    name = metric.method if sides[0][0].patients is None else metric.clustered_method
    if len(sides) == 1 and metric.scale != Scale.IDENTITY:
        name = f"{metric.scale.value} {name}"
    return name if max(map(len, sides)) == 1 else f"{name}; {_of_repetitions(*sides)}"


def _of_repetitions(*sides: Sequence[ScoredCases]) -> str:
    of = "mean" if len(sides) == 1 else "means"
    return f"{of} of {' and '.join(str(len(members)) for members in sides)} repetitions, variance between them added"


def _differs(influence: NDArray[np.float64], first: Measured, second: Measured) -> bool:
    largest = max(float(np.abs(one.influence).max(initial=0.0)) for one in (first, second))
    return bool(np.abs(influence).max(initial=0.0) > ROUNDING * largest)

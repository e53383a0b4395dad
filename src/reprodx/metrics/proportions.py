"""Proportions of a confusion table: sensitivity, specificity, predictive values, accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from reprodx.metrics.undefined import ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.confusion import ConfusionTable

ProportionInterval = Literal["wilson", "clopper_pearson"]


Cells = tuple[tuple[int, int], tuple[int, int]]
"""Which cells of a 2x2 table are counted: ((true negatives, false positives), (false negatives, true positives))."""


class Proportion(NamedTuple):
    """A proportion of the cases of a 2x2 table."""

    hits: Cells
    """The numerator."""
    of: Cells
    """The denominator."""
    empty: str
    """Why it is undefined when the denominator is 0."""


PROPORTIONS = {
    "sensitivity": Proportion(((0, 0), (0, 1)), ((0, 0), (1, 1)), "no positive case"),
    "specificity": Proportion(((1, 0), (0, 0)), ((1, 1), (0, 0)), "no negative case"),
    "ppv": Proportion(((0, 0), (0, 1)), ((0, 1), (0, 1)), "no case is predicted positive"),
    "npv": Proportion(((1, 0), (0, 0)), ((1, 0), (1, 0)), "no case is predicted negative"),
    "accuracy": Proportion(((1, 0), (0, 1)), ((1, 1), (1, 1)), "no case"),
}
"""Of each, `n` is the denominator and `n_events` the positive cases in it."""


def proportion(
    num_hits: int, n: int, *, n_events: int | None, confidence_level: float, interval: ProportionInterval
) -> Estimate:
    """Return a proportion of independent cases with its interval.

    Args:
        num_hits: The numerator.
        n: The denominator, at least 1.
        n_events: Handed on to the estimate.
        confidence_level: In (0, 1).
        interval: Wilson's score interval, or the exact one of Clopper and Pearson, which is wider.

    Returns:
        The proportion.

    Source: Newcombe, Stat Med 1998;17:857, methods 3 and 5.

    >>> estimate = proportion(81, 263, n_events=None, confidence_level=0.95, interval="wilson")
    >>> round(estimate.ci_low, 4), round(estimate.ci_high, 4)
    (0.2553, 0.3662)
    """
    from scipy.stats import binomtest

    is_wilson = interval == "wilson"
    limits = binomtest(num_hits, n).proportion_ci(confidence_level, "wilson" if is_wilson else "exact")
    name = "Wilson" if is_wilson else "Clopper-Pearson"
    return Estimate(num_hits / n, float(limits.low), float(limits.high), n, n_events, name)


def table_proportion(table: ConfusionTable, name: str, *, interval: ProportionInterval) -> Estimate:
    """Return one of `PROPORTIONS` of a 2x2 table.

    Args:
        table: Of two classes, the negative one first.
        name: A key of `PROPORTIONS`.
        interval: For independent cases; with several cases a patient the bootstrap takes its place.

    Returns:
        Undefined where the denominator is 0.
    """
    chosen = PROPORTIONS[name]
    hits, n = int(_count(table.counts, chosen.hits)), int(_count(table.counts, chosen.of))
    n_events = int(_count(table.counts, ((0, 0), chosen.of[1])))
    if not n:
        return Estimate.undefined(chosen.empty, n=n, n_events=n_events)
    if table.is_clustered:
        return table.estimate(
            lambda tables: ratio(_count(tables, chosen.hits), _count(tables, chosen.of)), n=n, n_events=n_events
        )
    level = table.bootstrap.confidence_level
    return proportion(hits, n, n_events=n_events, confidence_level=level, interval=interval)


def multiclass_accuracy(table: ConfusionTable, *, interval: ProportionInterval) -> Estimate:
    """Return the share of cases whose class is recognised.

    Args:
        table: Of two classes or more.
        interval: For independent cases; with several cases a patient the bootstrap takes its place.

    Returns:
        Undefined without cases.
    """
    return share_within(table, distance=0, interval=interval)


def share_within(table: ConfusionTable, *, distance: int, interval: ProportionInterval) -> Estimate:
    """Return the share of cases whose called class lies near the true one.

    Args:
        table: Of classes in order.
        distance: How many positions off is near.
        interval: For independent cases; with several cases a patient the bootstrap takes its place.

    Returns:
        Undefined without cases.
    """
    places = np.arange(len(table.counts))
    is_near = np.abs(np.subtract.outer(places, places)) <= distance
    hits, n = int(table.counts[is_near].sum()), int(table.counts.sum())
    if not n:
        return Estimate.undefined("no case", n=0)
    if table.is_clustered:
        return table.estimate(
            lambda tables: ratio(tables[:, is_near].sum(axis=1), tables.sum(axis=(1, 2))), n=n, n_events=None
        )
    level = table.bootstrap.confidence_level
    return proportion(hits, n, n_events=None, confidence_level=level, interval=interval)


def _count(tables: NDArray[np.int64], cells: Cells) -> NDArray[np.int64]:
    counts: NDArray[np.int64] = (tables * np.array(cells)).sum(axis=(-2, -1))
    return counts

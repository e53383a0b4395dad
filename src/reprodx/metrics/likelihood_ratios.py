"""How much a positive or a negative result changes the odds of disease.

Source: Simel, Samsa & Matchar, J Clin Epidemiol 1991;44:763: the interval is symmetric in the logarithm.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scipy.stats import norm

from reprodx.metrics.undefined import NO_NEGATIVE, NO_POSITIVE, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from reprodx.metrics.confusion import ConfusionTable

NO_RESULT = "no case has this result"
INFINITE = "infinite: no case without the disease has this result"
ALL = "interval not estimable: all cases have this result"
ZERO = "interval not estimable: no case with the disease has this result"


def likelihood_ratio(table: ConfusionTable, *, is_positive_result: bool) -> Estimate:
    """Return LR+ = sensitivity / (1 - specificity), or LR- = (1 - sensitivity) / specificity.

    Args:
        table: Of two classes, the negative one first.
        is_positive_result: LR+ if true, else LR-.

    Returns:
        Undefined with one class only, or where it is infinite; 0 without an interval.
    """
    column = int(is_positive_result)
    n, n_events = int(table.counts.sum()), int(table.counts[1].sum())
    diseased, healthy = (int(count) for count in (table.counts[1, column], table.counts[0, column]))
    if reason := _undefined(table.counts, diseased, healthy):
        return Estimate.undefined(reason, n=n, n_events=n_events)
    if not diseased:
        return Estimate(0.0, None, None, n, n_events, "none", ZERO)
    if table.is_clustered:
        return table.estimate(lambda tables: _ratios(tables, column), n=n, n_events=n_events)
    value = float(_ratios(table.counts[None], column)[0])
    se = math.sqrt(1 / diseased - 1 / n_events + 1 / healthy - 1 / (n - n_events))
    factor = math.exp(float(norm.ppf((1 + table.bootstrap.confidence_level) / 2)) * se)
    if factor == 1:
        return Estimate(value, None, None, n, n_events, "none", ALL)
    return Estimate(value, value / factor, value * factor, n, n_events, "Simel log")


def _ratios(tables: NDArray[np.int64], column: int) -> NDArray[np.float64]:
    """Return the ratio of each table, NaN where it is infinite; shape (tables, 2, 2) to (tables,)."""
    return ratio(tables[:, 1, column] * tables[:, 0, :].sum(axis=1), tables[:, 0, column] * tables[:, 1, :].sum(axis=1))


def _undefined(counts: NDArray[np.int64], diseased: int, healthy: int) -> str | None:
    totals = counts.sum(axis=1)
    if not totals[1]:
        return NO_POSITIVE
    if not totals[0]:
        return NO_NEGATIVE
    if healthy:
        return None
    return INFINITE if diseased else NO_RESULT

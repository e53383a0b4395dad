"""Whether two models are one for a metric, so that their difference is none and not only none by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from reprodx.schemas import Task

if TYPE_CHECKING:
    from reprodx.metrics.measured import Measured
    from reprodx.metrics.scored_cases import ScoredCases


def answer_alike(first: Measured, second: Measured) -> bool:
    """Return whether two models are one for the metric: they rank alike, or say the same of every case.

    Args:
        first: A metric of one model.
        second: The same metric of another one, on the same cases.

    Returns:
        True also of models whose members do, in whatever order.
    """
    alike = _rank_alike if first.metric.is_by_rank else _say_alike
    unmatched = list(second.members)
    for one in first.members:
        match = next((place for place, other in enumerate(unmatched) if alike(one, other)), None)
        if match is None:
            return False
        del unmatched[match]
    return not unmatched


def _rank_alike(one: ScoredCases, other: ScoredCases) -> bool:
    # Of two classes one is enough, and what is left of a probability to 1 may have ties of rounding.
    columns = slice(1 if one.task == Task.BINARY else 0, None)
    return np.array_equal(rankdata(one.probs[:, columns], axis=0), rankdata(other.probs[:, columns], axis=0))


def _say_alike(one: ScoredCases, other: ScoredCases) -> bool:
    if one.calls is None or other.calls is None:
        return one.calls is other.calls and np.array_equal(one.probs, other.probs)
    return np.array_equal(one.probs, other.probs) and np.array_equal(one.calls, other.calls)

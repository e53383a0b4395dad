"""Differences of nought that models happen to have on the cases compared, told from those that they have on any cases.

Where two models differ in no case, no formula and no resample varies, and the interval shrinks to [0, 0]: however few
the cases are, it would exclude any margin. That is right of one model under two names, and of two that rank every case
alike. Of two that merely were both perfect, or called a handful of cases alike, it is not.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import starmap
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from reprodx.comparison.difference import Difference
from reprodx.schemas import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases, Member
    from reprodx.comparison.result import MetricComparison, PairedDifference

BY_CHANCE = "interval not estimable: no case shows a difference, though the models answered differently"
OF_RANKS = ("auroc", "average_precision")
"""How the names of metrics begin that ranks alone decide."""


def without_chance_agreement(one: MetricComparison, cases: ComparedCases) -> MetricComparison:
    """Return a metric without the intervals and tests of models that agree by chance.

    Args:
        one: The metric.
        cases: That it was taken of.

    Returns:
        The same, but for pairs whose interval is [0, 0] although they are not one model here: they have a reason.
    """
    return replace(one, pairs=tuple(_settled(pair, one.metric.name, cases) for pair in one.pairs))


def _settled(pair: PairedDifference, name: str, cases: ComparedCases) -> PairedDifference:
    estimate = pair.difference.estimate
    if estimate.ci_low is None or estimate.ci_low != estimate.ci_high:
        return pair
    first, second = (cases.contenders[position].members for position in (pair.first, pair.second))
    by_rank = name.startswith(OF_RANKS)
    if len(first) == len(second) and all(
        _rank_alike(one, other, cases.task) if by_rank else _say_alike(one, other)
        for one, other in zip(first, second, strict=True)
    ):
        return pair
    without = replace(estimate, ci_low=None, ci_high=None, reason=BY_CHANCE)
    return replace(pair, difference=Difference(without, None, None))


def _rank_alike(one: Member, other: Member, task: Task) -> bool:
    # Of two classes one is enough, and what is left of a probability to 1 may have ties of rounding.
    columns = slice(1 if task == Task.BINARY else 0, None)
    return np.array_equal(rankdata(one.probs[:, columns], axis=0), rankdata(other.probs[:, columns], axis=0))


def _say_alike(one: Member, other: Member) -> bool:
    calls = ((one.called, other.called), (one.called_referable, other.called_referable))
    return np.array_equal(one.probs, other.probs) and all(starmap(_are_equal, calls))


def _are_equal(one: NDArray[np.int64] | None, other: NDArray[np.int64] | None) -> bool:
    return one is other if one is None or other is None else np.array_equal(one, other)

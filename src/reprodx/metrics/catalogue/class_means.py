"""Summaries that give each class the same say: F1, macro F1, balanced accuracy.

Source: van Rijsbergen, Information Retrieval, 2nd ed. 1979, chapter 7, with equal weights (F1); Brodersen et al, ICPR
2010, equation 6 (balanced accuracy, in a 2x2 table (J + 1) / 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.metric import CLASSES, HIGHER, QUESTIONS, Formula, Metric, Need, Scale, SmallSample
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import few_patients, ratio
from reprodx.metrics.wilson import wilson_limits, worth
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.metric import Counts
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import Intervals, ScoreSettings


def _columns(cases: ScoredCases) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return, each of shape (classes, cases), what is of a class, what is called it, and what is both."""
    assert cases.calls is not None, "its absence is a reason"
    identity = np.eye(len(cases.classes))
    of, called = identity[:, cases.targets], identity[:, cases.calls]
    return of, called, of * called


def _f1(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    of, called, hits = (rows[1] for rows in _columns(cases))
    if not (of.any() or called.any()):
        reason = "no case is positive or predicted positive"
        return Statistic.undefined(reason, n=cases.num_cases, n_events=cases.n_events)
    return Statistic.share(2 * hits, of + called, n=cases.num_cases, n_events=cases.n_events)


def _f1_macro(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    of, called, hits = _columns(cases)
    return _mean_of_shares(cases, 2 * hits, of + called)


def _balanced_accuracy(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    of, _called, hits = _columns(cases)
    return _mean_of_shares(cases, hits, of)


def _mean_of_shares(cases: ScoredCases, parts: NDArray[np.float64], wholes: NDArray[np.float64]) -> Statistic:
    size = len(parts)

    def value(*sums: NDArray[np.float64]) -> NDArray[np.float64]:
        mean: NDArray[np.float64] = ratio(np.stack(sums[:size]), np.stack(sums[size:])).mean(axis=0)
        return mean

    return Statistic((*parts, *wholes), (), value, cases.num_cases, cases.n_events)


@dataclass(frozen=True)
class _ByClass(Formula):
    """The interval of a mean of proportions: each class's Wilson limits, squared and added.

    A class that is called all right, or all wrong, has no variance of its own but an interval.

    Source: Zou & Donner, Stat Med 2008;27:1693, equation 9, of a sum.
    """

    def one(
        self, members: Sequence[ScoredCases], value: float, counts: Counts, variance: float | None, settings: Intervals
    ) -> Estimate:
        """Return the estimate; clustered classes count as many cases as they are worth, by one design effect."""
        of, cases = _columns(members[0])[0], members[0]
        sizes = of.sum(axis=1)
        shares = np.mean([_columns(one)[2].sum(axis=1) for one in members], axis=0) / sizes
        independent = float((shares * (1 - shares) / sizes).sum()) / len(sizes) ** 2
        is_known = variance and variance > 0 and independent and (cases.patients is not None or len(members) > 1)
        effect = variance / independent if variance and is_known else 1.0
        known = [
            worth(
                share,
                size,
                effect,
                None if cases.patients is None else cases.patients[row > 0],
                confidence_level=settings.confidence_level,
            )
            for share, size, row in zip(shares, sizes, of, strict=True)
        ]
        quantile = max(one.quantile for one in known)
        limits = np.array([wilson_limits(share, one.cases, quantile) for share, one in zip(shares, known, strict=True)])
        down, up = (math.sqrt(float(((limits[:, end] - shares) ** 2).sum())) / len(shares) for end in (0, 1))
        method = "Wilson of each class, MOVER" + ", clustered by patient" * (cases.patients is not None)
        doubt = few_patients(round(min(one.patients for one in known)), FEW) or max(one.doubt for one in known)
        return Estimate(value, value - down, value + up, *counts, method + doubt)


@dataclass(frozen=True)
class _WhereMixed(Formula):
    """No interval where the F1 of a class is 0 or 1: it would add no variance and make the mean's too narrow."""

    def one(
        self, members: Sequence[ScoredCases], value: float, counts: Counts, _variance: float | None, _: Intervals
    ) -> Estimate | None:
        """Return the value without interval, with the reason; None where every class is called right and wrong."""
        at_end = max(map(_num_at_end, members))
        if not at_end:
            return None
        reason = f"interval not estimable: {at_end} of {len(members[0].classes)} classes have an F1 of 0 or 1"
        return Estimate(value, None, None, *counts, "logit delta method", reason)


def _num_at_end(cases: ScoredCases) -> int:
    of, called, hits = _columns(cases)
    return int(np.isin(ratio(2 * hits.sum(axis=1), (of + called).sum(axis=1)), (0, 1)).sum())


FEW = 30
NEEDS = frozenset({Need.CALLS, Need.CLASSES})
METRICS = (
    Metric(
        name="balanced_accuracy",
        label="Balanced accuracy",
        place=181,
        views=dict.fromkeys((*QUESTIONS, *CLASSES), _balanced_accuracy),
        better=HIGHER,
        needs=NEEDS,
        scale=Scale.LOGIT,
        is_given_class=True,
        few=FEW,
        formula=_ByClass(),
    ),
    Metric(
        name="f1",
        label="F1",
        place=190,
        views=dict.fromkeys(QUESTIONS, _f1),
        better=HIGHER,
        needs=frozenset({Need.CALLS}),
        scale=Scale.LOGIT,
        small_sample=SmallSample.VARIANCE,
        few=20,
    ),
    Metric(
        name="f1_macro",
        label="F1, mean over classes",
        place=191,
        views=dict.fromkeys(CLASSES, _f1_macro),
        better=HIGHER,
        needs=NEEDS,
        scale=Scale.LOGIT,
        small_sample=SmallSample.VARIANCE,
        few=20,
        formula=_WhereMixed(),
    ),
)

"""Summaries that give each class the same say: F1, macro F1, balanced accuracy.

Source: van Rijsbergen, Information Retrieval, 2nd ed. 1979, chapter 7, with equal weights (F1); Brodersen et al, ICPR
2010, equation 6 (balanced accuracy, in a 2x2 table (J + 1) / 2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri, stdtrit

from reprodx.metrics.metric import CLASSES, HIGHER, QUESTIONS, Formula, Metric, Need, Scale, SmallSample
from reprodx.metrics.scored_cases import count_patients
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import ratio
from reprodx.metrics.wilson import wilson_limits
from reprodx.schemas import Estimate

if TYPE_CHECKING:
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
        self, cases: ScoredCases, value: float, counts: Counts, variance: float | None, settings: Intervals
    ) -> Estimate:
        """Return the estimate; clustered classes count as many cases as they are worth, by one design effect."""
        of, _called, hits = _columns(cases)
        sizes, shares = of.sum(axis=1), ratio(hits.sum(axis=1), of.sum(axis=1))
        worths, tail, method = sizes, (1 + settings.confidence_level) / 2, "Wilson of each class, MOVER"
        quantile = float(ndtri(tail))
        if cases.patients is not None:
            patients = np.array([count_patients(row > 0, cases.patients) for row in of])
            independent = float((shares * (1 - shares) / sizes).sum()) / len(sizes) ** 2
            effect = max(1.0, variance / independent) if variance and independent else 1.0
            # Where all are right, or none is, nothing tells how patients differ: each counts once.
            worths = np.where(np.isin(shares, (0, 1)), patients, sizes / effect)
            quantile = float(stdtrit(max(1, patients.min() - 1), tail))
            method = "Wilson of the effective number of cases of each class, MOVER, clustered by patient"
        limits = np.array([wilson_limits(*one, quantile) for one in zip(shares, worths, strict=True)])
        down, up = (math.sqrt(float(((limits[:, end] - shares) ** 2).sum())) / len(shares) for end in (0, 1))
        return Estimate(value, value - down, value + up, *counts, method)


@dataclass(frozen=True)
class _WhereMixed(Formula):
    """No interval where the F1 of a class is 0 or 1: it would add no variance and make the mean's too narrow."""

    def one(
        self, cases: ScoredCases, value: float, counts: Counts, _variance: float | None, _: Intervals
    ) -> Estimate | None:
        """Return the value without interval, with the reason; None where every class is called right and wrong."""
        of, called, hits = _columns(cases)
        shares = ratio(2 * hits.sum(axis=1), (of + called).sum(axis=1))
        at_end = int(((shares == 0) | (shares == 1)).sum())
        if not at_end:
            return None
        reason = f"interval not estimable: {at_end} of {len(shares)} classes have an F1 of 0 or 1"
        return Estimate(value, None, None, *counts, "logit delta method", reason)


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
        few=20,
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

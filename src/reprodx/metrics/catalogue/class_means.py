"""Summaries that give each class the same say: F1, macro F1, balanced accuracy.

Source: van Rijsbergen, Information Retrieval, 2nd ed. 1979, chapter 7, with equal weights (F1); Brodersen et al, ICPR
2010, equation 6 (balanced accuracy, in a 2x2 table (J + 1) / 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.metric import CLASSES, HIGHER, QUESTIONS, Metric, Need, Scale, SmallSample
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings


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
    ),
)

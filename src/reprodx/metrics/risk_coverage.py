"""How often the model errs if it answers only where it is most confident.

The confidence of a yes-or-no call is the distance of the probability to the threshold, that of a call of one of several
classes its probability. Cases of equal confidence are answered together or not at all.

Source: El-Yaniv & Wiener, J Mach Learn Res 2010;11:1605 (risk and coverage); Geifman, Uziel & El-Yaniv, ICLR 2019,
section 3 (area under the risk-coverage curve).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.metrics.mean_curves import MEAN_CLASS
from reprodx.metrics.questions import questions
from reprodx.metrics.ranked_cases import cumulated
from reprodx.metrics.scored_cases import NO_THRESHOLD, ScoredCases
from reprodx.metrics.shares import share
from reprodx.metrics.undefined import NO_CASE, ratio
from reprodx.schemas import Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.settings import ScoreSettings

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Shares of the cases that are answered, at which performance is told."""
CURVE_COVERAGES = np.arange(1, 101) / 100
"""Where the curve is drawn."""
ALL_CLASSES = "all classes"
"""What a curve is about where one of several classes is called."""
SCHEMA = dict.fromkeys(("coverage", "error_rate", "sensitivity", "specificity", "min_confidence"), pl.Float64)


@dataclass(frozen=True)
class AnsweredShare:
    """Performance among the most confident cases."""

    coverage: float
    """The share of cases that are answered, at least as asked for; more where confidences are equal."""
    error_rate: Estimate
    sensitivity: Estimate | None
    """None where one of several classes is called."""
    specificity: Estimate | None


@dataclass(frozen=True)
class SelectivePrediction:
    """What it brings to answer only confident cases, or why that cannot be said."""

    name: str
    """The positive class or label, or `ALL_CLASSES`."""
    aurc: Estimate
    """Area under the risk-coverage curve: the mean error rate over all coverages."""
    halving_coverage: Estimate
    """The largest share of cases among which the error rate is at most half of that among all; without interval."""
    shares: tuple[AnsweredShare, ...]
    """At `COVERAGES`; none where nothing is called."""
    curve: pl.DataFrame
    """`coverage error_rate sensitivity specificity min_confidence`; no rows where nothing is called."""


def selective_predictions(predictions: Predictions, settings: ScoreSettings) -> list[SelectivePrediction]:
    """Return what it brings to answer only confident cases.

    Args:
        predictions: Of one split.
        settings: How intervals are made.

    Returns:
        One for all classes; in a multi-label task one for each label.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    calls = _calls(predictions, settings)
    defined = [one for one in calls if isinstance(one, _Calls)]
    areas = iter(_areas(defined, settings))
    return [one.judged(next(areas), settings) if isinstance(one, _Calls) else one for one in calls]


def risk_coverage_table(predictions: Predictions, settings: ScoreSettings) -> pl.DataFrame:
    """Return the risk-coverage curves as a table.

    Args:
        predictions: Of one split.
        settings: Which grades are referable.

    Returns:
        `class coverage error_rate sensitivity specificity min_confidence`; no rows where nothing is called.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
    """
    tables = [
        (one.curve if isinstance(one, SelectivePrediction) else one.curve()).select(
            pl.lit(one.name).alias("class"), pl.all()
        )
        for one in _calls(predictions, settings)
    ]
    return pl.concat(tables)


def mean_risk_coverage(curves: pl.DataFrame) -> pl.DataFrame:
    """Return the mean over labels of their risk-coverage curves, for tools that can draw but one line.

    Args:
        curves: As of `risk_coverage_table`.

    Returns:
        `class coverage error_rate`, the class being `MEAN_CLASS`; over the labels that are called.
    """
    grid = [
        np.interp(CURVE_COVERAGES, part["coverage"].to_numpy(), part["error_rate"].to_numpy())
        for part in curves.partition_by("class", maintain_order=True)
    ]
    values = {"coverage": CURVE_COVERAGES, "error_rate": np.mean(grid, axis=0)} if grid else {}
    table = pl.DataFrame(values, schema=dict.fromkeys(("coverage", "error_rate"), pl.Float64))
    return table.select(pl.lit(MEAN_CLASS).alias("class"), pl.all())


def weighted_aurc(
    is_wrong: NDArray[np.bool_], confidence: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Return the area under the risk-coverage curve as a function of case weights, with the cases sorted once.

    Args:
        is_wrong: Shape (cases,).
        confidence: Shape (cases,), finite.

    Returns:
        A function of weights, shape (resamples, cases), to areas, shape (resamples,): the mean over cases of the error
        rate among all that are at least as confident.

    Source: Geifman, Uziel & El-Yaniv 2019, equation 3.
    """
    order = np.argsort(-confidence, kind="stable")
    wrong = is_wrong[order].astype(np.float64)
    last = np.searchsorted(-confidence[order], -confidence[order], side="right")

    def areas(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        by_rank = weights.take(order, axis=1)
        answered = cumulated(by_rank).take(last, axis=1)
        errors = cumulated(by_rank * wrong).take(last, axis=1)
        # Before the first case that a resample has, nothing is answered, and nothing weighs.
        rates = np.divide(errors, answered, out=np.zeros_like(errors), where=answered > 0)
        return ratio((by_rank * rates).sum(axis=1), by_rank.sum(axis=1))

    return areas


@dataclass(frozen=True)
class _Calls:
    """The calls of one question, the most confident first."""

    name: str
    targets: NDArray[np.int64]
    is_wrong: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    strata: NDArray[np.int64]
    patients: NDArray[np.int64] | None
    is_binary: bool

    @classmethod
    def of(cls, name: str, cases: ScoredCases, threshold: float | None) -> _Calls:
        confidence = cases.probs.max(axis=1) if threshold is None else np.abs(cases.positive_probs - threshold)
        order = np.argsort(-confidence, kind="stable")
        return cls(
            name,
            cases.targets[order],
            (cases.called(threshold) != cases.targets)[order],
            confidence[order],
            cases.drawn_within[order],
            None if cases.patients is None else cases.patients[order],
            threshold is not None,
        )

    def num_answered(self, coverages: Sequence[float] | NDArray[np.float64]) -> NDArray[np.int64]:
        """Return how many cases are answered if at least these shares are, cases of equal confidence together."""
        n = self.confidence.size
        asked = np.clip(np.ceil(np.asarray(coverages) * n - 1e-9).astype(np.int64), 1, n)
        return np.searchsorted(-self.confidence, -self.confidence[asked - 1], side="right").astype(np.int64)

    def curve(self) -> pl.DataFrame:
        num = np.unique(self.num_answered(CURVE_COVERAGES))
        wrong, positive = self.is_wrong.astype(np.int64), self.targets == 1
        columns = {
            "coverage": num / self.is_wrong.size,
            "error_rate": np.cumsum(wrong)[num - 1] / num,
            "sensitivity": 1 - ratio(np.cumsum(wrong * positive)[num - 1], np.cumsum(positive)[num - 1]),
            "specificity": 1 - ratio(np.cumsum(wrong * ~positive)[num - 1], np.cumsum(~positive)[num - 1]),
            "min_confidence": self.confidence[num - 1],
        }
        if not self.is_binary:
            columns |= dict.fromkeys(("sensitivity", "specificity"), np.full(num.size, np.nan))
        return pl.DataFrame(columns, schema=SCHEMA).fill_nan(None)

    def judged(self, aurc: Estimate, settings: ScoreSettings) -> SelectivePrediction:
        shares = tuple(self._share(int(num), settings) for num in self.num_answered(COVERAGES))
        return SelectivePrediction(self.name, aurc, self._halving(), shares, self.curve())

    def _share(self, num: int, settings: ScoreSettings) -> AnsweredShare:
        answered = np.arange(self.is_wrong.size) < num
        rates: list[Estimate | None] = [self._rate(self.is_wrong, answered, settings), None, None]
        if self.is_binary:
            parts = (answered & (self.targets == 1), answered & (self.targets == 0))
            rates[1:] = [self._rate(~self.is_wrong, part, settings) for part in parts]
        assert rates[0], "the first was put in"
        return AnsweredShare(num / answered.size, rates[0], rates[1], rates[2])

    def _rate(self, is_hit: NDArray[np.bool_], rows: NDArray[np.bool_], settings: ScoreSettings) -> Estimate:
        patients = None if self.patients is None else self.patients[rows]
        return share(is_hit[rows], patients, settings)

    def _halving(self) -> Estimate:
        n = self.is_wrong.size
        if not self.is_wrong.any():
            return Estimate.undefined("no call is wrong", n=n)
        num = np.unique(np.searchsorted(-self.confidence, -self.confidence, side="right"))
        risks = np.cumsum(self.is_wrong)[num - 1] / num
        halved = num[risks <= risks[-1] / 2]
        if not halved.size:
            return Estimate.undefined("the error rate is above half of that among all at every share", n=n)
        return Estimate(float(halved[-1] / n), None, None, n, None, "none", "an interval is not made")


def _calls(predictions: Predictions, settings: ScoreSettings) -> list[_Calls | SelectivePrediction]:
    if predictions.task in (Task.MULTICLASS, Task.ORDINAL):
        cases = ScoredCases.of(predictions)
        if cases.targets.size:
            return [_Calls.of(ALL_CLASSES, cases, None)]
        return [_undefined(ALL_CLASSES, NO_CASE, 0)]
    found: list[_Calls | SelectivePrediction] = []
    for one in questions(predictions, settings.ordinal_cut):
        n = one.cases.targets.size
        if one.threshold.value is None or not n:
            found.append(_undefined(one.name, one.threshold.reason or NO_THRESHOLD if n else NO_CASE, n))
        else:
            found.append(_Calls.of(one.name, one.cases, one.threshold.value))
    return found


def _undefined(name: str, reason: str, n: int) -> SelectivePrediction:
    nothing = Estimate.undefined(reason, n=n)
    return SelectivePrediction(name, nothing, nothing, (), pl.DataFrame(schema=SCHEMA))


def _areas(calls: list[_Calls], settings: ScoreSettings) -> list[Estimate]:
    """Return the area under each question's curve."""
    return [
        settings.bootstrap.estimate(
            weighted_aurc(one.is_wrong, one.confidence), one.strata, one.patients, n_events=int(one.is_wrong.sum())
        )
        for one in calls
    ]

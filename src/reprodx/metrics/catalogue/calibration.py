"""Whether probabilities mean what they say: the recalibration model's slope, intercept, and calibration-in-the-large.

The variance of calibration-in-the-large, and of every difference, is the sandwich's: where slopes are not 1 outcomes do
not have the binomial one. Slope and intercept of independent cases keep that of the recalibration model, which holds
whatever the slope where the logit of the risk is straight in that of the probability.

Source: Cox, Biometrika 1958;45:562; Steyerberg, Clinical Prediction Models, 2nd ed., 15.3; White, Econometrica
1982;50:1 (the sandwich).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit, logit, ndtri

from reprodx.metrics.asked import View
from reprodx.metrics.metric import QUESTIONS, Formula, Metric, Need
from reprodx.metrics.statistic import Statistic
from reprodx.metrics.undefined import few_patients
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.metrics.metric import Counts, Make
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import Intervals, ScoreSettings

EXTREME_PROB = 1e-6
"""Closer to 0 or 1 than this, probabilities are taken as this: 0 and 1 have no logit, and a model that says 1e-300
would rule the slope by one case. Only here: ranks are never taken of clipped probabilities."""
CONSTANT = "all probabilities are equal"
SEPARATED = "perfect separation: the slope has no finite estimate"
FEW = 20
MAX_STEPS = 60
LARGEST_STEP = 2.0
TOLERANCE = 1e-10


class Recalibration:
    """A coefficient of the logistic model of the outcome on the logit of the probability, by case weights.

    Fitted by Newton's method for all rows of weights at once: statsmodels fits one row at a time.
    """

    def __init__(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64], coefficient: int) -> None:
        """Keep the cases.

        Args:
            is_positive: Shape (cases,), both classes present and not separated by the probabilities.
            probs: Shape (cases,), of the positive class, not all equal.
            coefficient: 0 for the intercept, 1 for the slope.
        """
        self.num_cases = probs.size
        self._targets, logits = is_positive.astype(np.float64), logits_of(probs)
        self._centre, self._scale = float(logits.mean()), float(logits.std())
        self._predictor = (logits - self._centre) / self._scale
        # From the standardised predictor's coefficients to that of the logit.
        self._unit = np.array([[1.0, -self._centre / self._scale], [0.0, 1 / self._scale]][coefficient])

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return coefficients, shape (resamples,); NaN where a resample has one class only or separates the classes."""
        fitted = self._fitted(weights)
        coefficients: NDArray[np.float64] = fitted[:, 0] * self._unit[0] + fitted[:, 1] * self._unit[1]
        return coefficients

    def influence(self) -> NDArray[np.float64]:
        """Return each case's score over the information, shape (cases,)."""
        fit = self._fitted(np.ones((1, self.num_cases)))[0]
        probs = expit(fit[0] + fit[1] * self._predictor)
        direction = np.linalg.solve(self._information(fit), self._unit)
        influence: NDArray[np.float64] = (self._targets - probs) * (direction[0] + direction[1] * self._predictor)
        return influence

    def _information(self, fit: NDArray[np.float64]) -> NDArray[np.float64]:
        probs = expit(fit[0] + fit[1] * self._predictor)
        powers = [(probs * (1 - probs) * self._predictor**power).sum() for power in range(3)]
        return np.array([powers[:2], powers[1:]])

    def _fitted(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return intercepts and slopes of the standardised predictor, shape (resamples, 2)."""
        coefficients = np.zeros((len(weights), 2))
        # Where the classes are separated, steps end when probabilities are rounded to 0 and 1, at no estimate.
        is_separated = self._is_separated(weights)
        coefficients[is_separated] = np.nan
        active = np.flatnonzero(~is_separated)
        for _ in range(MAX_STEPS):
            probs = expit(coefficients[active, :1] + coefficients[active, 1:] * self._predictor)
            residuals, spread = weights[active] * (self._targets - probs), weights[active] * probs * (1 - probs)
            scores = residuals.sum(axis=1), (residuals * self._predictor).sum(axis=1)
            zeroth, first, second = ((spread * self._predictor**power).sum(axis=1) for power in range(3))
            with np.errstate(all="ignore"):
                determinant = zeroth * second - first**2
                step = np.stack(
                    [second * scores[0] - first * scores[1], zeroth * scores[1] - first * scores[0]], axis=1
                )
                step /= determinant[:, None]
                length = np.abs(step).max(axis=1, keepdims=True)
                coefficients[active] += step * np.minimum(1.0, LARGEST_STEP / np.maximum(length, LARGEST_STEP))
            active = active[~(length[:, 0] < TOLERANCE)]
            if not active.size:
                break
        coefficients[active] = np.nan
        return coefficients

    def _is_separated(self, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return of which rows of weights the probabilities separate the classes, or one class is missing."""
        members = [(weights > 0) & (self._targets == value) for value in (0, 1)]
        lowest = [np.where(one, self._predictor, np.inf).min(axis=1) for one in members]
        highest = [np.where(one, self._predictor, -np.inf).max(axis=1) for one in members]
        is_separated: NDArray[np.bool_] = (lowest[1] >= highest[0]) | (highest[1] <= lowest[0])
        return is_separated


class Shift:
    """What must be added to the logits so that as many positives are expected as there are, by case weights."""

    def __init__(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> None:
        """Keep the cases.

        Args:
            is_positive: Shape (cases,), both classes present.
            probs: Shape (cases,), of the positive class.
        """
        self.num_cases = probs.size
        self._logits, self._targets = logits_of(probs), is_positive.astype(np.float64)

    def __call__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return intercepts, shape (resamples,); NaN where a resample has one class only.

        Newton's method within a bracket, which is halved where a step would leave it: from its own start it runs away
        where a model is overconfident.
        """
        totals, positives = weights.sum(axis=1), (weights * self._targets).sum(axis=1)
        with np.errstate(all="ignore"):
            prevalence = logit(positives / totals)
        is_defined = np.isfinite(prevalence)
        centre = np.where(is_defined, prevalence, 0.0)
        low, high = centre - self._logits.max() - 1, centre - self._logits.min() + 1
        shifts = (low + high) / 2
        for _ in range(MAX_STEPS):
            probs = expit(self._logits + shifts[:, None])
            score = positives - (weights * probs).sum(axis=1)
            low, high = np.where(score > 0, shifts, low), np.where(score > 0, high, shifts)
            with np.errstate(all="ignore"):
                proposed = shifts + score / (weights * probs * (1 - probs)).sum(axis=1)
            proposed = np.where((proposed >= low) & (proposed <= high), proposed, (low + high) / 2)
            is_done = not (np.abs(proposed - shifts) > TOLERANCE).any()
            shifts = proposed
            if is_done:
                break
        return np.where(is_defined, shifts, np.nan)

    def influence(self) -> NDArray[np.float64]:
        """Return each case's score over the information, shape (cases,)."""
        probs = expit(self._logits + self(np.ones((1, self.num_cases))))
        influence: NDArray[np.float64] = (self._targets - probs) / (probs * (1 - probs)).sum()
        return influence


def logits_of(probs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return logits of probabilities that lie no closer to 0 and 1 than `EXTREME_PROB`."""
    return np.asarray(logit(np.clip(probs, EXTREME_PROB, 1 - EXTREME_PROB)))


@dataclass(frozen=True)
class _Coefficient(Formula):
    """A coefficient of the recalibration model, of which independent cases have the interval of the model itself."""

    place: int
    """0 for the intercept, 1 for the slope."""

    def statistic(self, cases: ScoredCases, _: ScoreSettings) -> Statistic:
        """Return the coefficient as a function of case weights."""
        if reason := no_fit(cases.is_positive, logits_of(cases.positive_probs)):
            return Statistic.undefined(reason, n=cases.num_cases, n_events=cases.n_events)
        fit = Recalibration(cases.is_positive, cases.positive_probs, self.place)
        return Statistic.mean_of([fit], n=cases.num_cases, n_events=cases.n_events)

    def one(
        self, members: Sequence[ScoredCases], value: float, counts: Counts, _: float | None, settings: Intervals
    ) -> Estimate | None:
        """Return Wald's interval; None where patients have several cases or runs are averaged: no part of the model."""
        from statsmodels.genmod.families import Binomial
        from statsmodels.genmod.generalized_linear_model import GLM

        cases = members[0]
        if cases.patients is not None or len(members) > 1:
            return None
        design = np.column_stack([np.ones(cases.num_cases), logits_of(cases.positive_probs)])
        # What is warned of here, overflow and near separation, is asked of the result.
        with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
            fitted = GLM(cases.positives, design, family=Binomial()).fit()
        if not fitted.converged or not np.isfinite(fitted.bse).all():
            return None
        margin = float(ndtri((1 + settings.confidence_level) / 2)) * float(fitted.bse[self.place])
        return Estimate(value, value - margin, value + margin, *counts, f"Wald{_doubts(cases)}")


def _doubts(cases: ScoredCases) -> str:
    """Return what makes the model's interval an approximation; else nothing."""
    few = few_patients(cases.num_of_rarest(np.ones(cases.num_cases, dtype=np.bool_)), FEW)
    num_moved = int((np.abs(cases.positive_probs - 0.5) > 0.5 - EXTREME_PROB).sum())
    moved = f"; an approximation, since {num_moved} of the probabilities were closer than {EXTREME_PROB:g} to 0 or 1"
    return few + moved * bool(num_moved)


def no_fit(is_positive: NDArray[np.bool_], logits: NDArray[np.float64]) -> str | None:
    """Return why the recalibration model has no finite fit, None where it has; both classes must be present."""
    if np.ptp(logits) == 0:
        return CONSTANT
    positives, negatives = logits[is_positive], logits[~is_positive]
    is_separated = positives.min() >= negatives.max() or positives.max() <= negatives.min()
    return SEPARATED if is_separated else None


def _in_the_large(cases: ScoredCases, _: ScoreSettings) -> Statistic:
    shift = Shift(cases.is_positive, cases.positive_probs)
    return Statistic.mean_of([shift], n=cases.num_cases, n_events=cases.n_events)


def _metric(
    name: str, label: str, place: int, make: Make, ideal: float, formula: _Coefficient | None, **shown: Any
) -> Metric:
    return Metric(
        name=name,
        label=label,
        place=place,
        views=dict.fromkeys(QUESTIONS, make),
        better=ideal,
        needs=frozenset({Need.CLASSES}),
        hint=f"{ideal:g} is ideal",
        method="sandwich",
        clustered_method="sandwich clustered by patient",
        few=FEW,
        formula=formula,
        **shown,
    )


INTERCEPT, SLOPE = _Coefficient(0), _Coefficient(1)
METRICS = (
    _metric(
        "calibration_slope", "Calibration slope", 40, SLOPE.statistic, 1.0, SLOPE,
        key_in=frozenset({View.BINARY}), table_in=frozenset({View.LABEL}),
    ),
    _metric("calibration_intercept", "Calibration intercept", 41, INTERCEPT.statistic, 0.0, INTERCEPT),
    _metric("calibration_in_the_large", "Calibration in the large", 42, _in_the_large, 0.0, None),
)  # fmt: skip

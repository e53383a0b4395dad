"""Calibration slope and calibration-in-the-large as functions of case weights, for thousands of resamples.

Resamples whose coefficients lie near the fit to all cases take them from an expansion of the score about it, which is
off by a thousandth of their standard deviation at most; the others are fitted by Newton's method.

Source: Cox, Biometrika 1958;45:562.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, logit

from reprodx.comparison.statistics.score_expansion import derivative, expanded_root, expansion, solved
from reprodx.metrics.calibration import EXTREME_PROB

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]

EXPANSION_RADIUS = 0.15
"""Farther than this from the fit, in standard deviations of the linear predictor, the score is not expanded."""
MAX_NEWTON_STEPS = 60
LARGEST_STEP = 2.0
TOLERANCE = 1e-9
BLOCK_ELEMENTS = 100_000
"""Weights that are solved exactly at a time."""


def weighted_slope(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> Statistic:
    """Return the calibration slope as a function of case weights.

    Args:
        is_positive: Shape (cases,), both classes present and not separated by the probabilities.
        probs: Shape (cases,), of the positive class, not all equal.

    Returns:
        A function of weights, shape (resamples, cases), to slopes, shape (resamples,); NaN where a resample has one
        class only or separates the classes.
    """
    return _Recalibration(is_positive, probs).slopes


def weighted_calibration_in_the_large(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> Statistic:
    """Return the intercept of the recalibration model whose slope is held at 1, as a function of case weights.

    Args:
        is_positive: Shape (cases,), both classes present.
        probs: Shape (cases,), of the positive class.

    Returns:
        A function of weights, shape (resamples, cases), to intercepts, shape (resamples,); NaN where a resample has
        one class only.
    """
    return _Shift(is_positive, probs).intercepts


class _Recalibration:
    """The model with intercept and slope, in a predictor of mean 0 and variance 1 by information about the fit."""

    def __init__(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> None:
        logits = _logits(probs)
        scale = logits.std()
        self._predictor = (logits - logits.mean()) / scale
        self._targets = is_positive.astype(np.float64)
        fit = _newton(np.ones((1, probs.size)), self._predictor, self._targets, np.zeros((1, 2)))[0]
        # The fit's coefficients are those of a standardised predictor; the information about it is not standard yet.
        information = derivative(expit(fit[0] + fit[1] * self._predictor))
        centre = float(np.average(self._predictor, weights=information))
        spread = float(np.sqrt(np.average((self._predictor - centre) ** 2, weights=information)))
        self._predictor = (self._predictor - centre) / spread
        self._fit = np.array([fit[0] + fit[1] * centre, fit[1] * spread])
        self._unit = 1 / (scale * spread)
        self._columns = expansion(self._predictor, self._targets, self._fit[0] + self._fit[1] * self._predictor, 1)

    def slopes(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        if np.isnan(self._fit).any():
            return np.full(len(weights), np.nan)
        change = expanded_root(weights @ self._columns)
        coefficients = self._fit + change
        for rows in _blocks(_is_far(change), weights.shape[1]):
            start = np.tile(self._fit, (rows.size, 1))
            coefficients[rows] = _newton(weights[rows], self._predictor, self._targets, start)
        slopes: NDArray[np.float64] = coefficients[:, 1] * self._unit
        return slopes


class _Shift:
    """The model with an intercept alone."""

    def __init__(self, is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> None:
        self._logits, self._targets = _logits(probs), is_positive.astype(np.float64)
        self._fit = float(_balanced(np.ones((1, probs.size)), self._logits, self._targets)[0])
        self._columns = expansion(np.ones(probs.size), self._targets, self._logits + self._fit, 0)

    def intercepts(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        change = expanded_root(weights @ self._columns)
        intercepts = self._fit + change[:, 0]
        for rows in _blocks(_is_far(change), weights.shape[1]):
            intercepts[rows] = _balanced(weights[rows], self._logits, self._targets)
        return intercepts


def _logits(probs: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(logit(np.clip(probs, EXTREME_PROB, 1 - EXTREME_PROB)))


def _is_far(change: NDArray[np.float64]) -> NDArray[np.bool_]:
    # Not "greater than": what is not a number is far too.
    is_far: NDArray[np.bool_] = ~((change**2).sum(axis=1) <= EXPANSION_RADIUS**2)
    return is_far


def _blocks(is_far: NDArray[np.bool_], num_cases: int) -> list[NDArray[np.int64]]:
    rows = np.flatnonzero(is_far)
    size = max(1, BLOCK_ELEMENTS // num_cases)
    return [rows[start : start + size] for start in range(0, rows.size, size)]


def _newton(
    weights: NDArray[np.float64],
    predictor: NDArray[np.float64],
    targets: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the weighted fits, shape (resamples, 2); NaN where there is none, since the classes are separated."""
    coefficients = start.copy()
    design = np.column_stack([np.ones_like(predictor), predictor, predictor**2])
    active = np.arange(len(weights))
    for _ in range(MAX_NEWTON_STEPS):
        probs = expit(coefficients[active, :1] + coefficients[active, 1:] * predictor)
        score = (weights[active] * (targets - probs)) @ design[:, :2]
        with np.errstate(all="ignore"):
            step = solved((weights[active] * derivative(probs)) @ design, score)
            length = np.abs(step).max(axis=1, keepdims=True)
            coefficients[active] += step * np.minimum(1.0, LARGEST_STEP / np.maximum(length, LARGEST_STEP))
        active = active[~(length[:, 0] < TOLERANCE)]
        if not active.size:
            break
    coefficients[active] = np.nan
    return coefficients


def _balanced(
    weights: NDArray[np.float64], logits: NDArray[np.float64], targets: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what to add to the logits so that as many positives are expected as have weight, shape (resamples,).

    Newton's method within a bracket, which is halved where a step would leave it.
    """
    totals, positives = weights.sum(axis=1), weights @ targets
    with np.errstate(all="ignore"):
        prevalence = logit(positives / totals)
    is_defined = np.isfinite(prevalence)
    centre = np.where(is_defined, prevalence, 0.0)
    low, high = centre - logits.max() - 1, centre - logits.min() + 1
    shifts = (low + high) / 2
    for _ in range(MAX_NEWTON_STEPS):
        probs = expit(logits + shifts[:, None])
        score = positives - (weights * probs).sum(axis=1)
        low, high = np.where(score > 0, shifts, low), np.where(score > 0, high, shifts)
        with np.errstate(all="ignore"):
            proposed = shifts + score / (weights * derivative(probs)).sum(axis=1)
        is_inside = (proposed >= low) & (proposed <= high)
        proposed = np.where(is_inside, proposed, (low + high) / 2)
        is_done = not (np.abs(proposed - shifts) > TOLERANCE).any()
        shifts = proposed
        if is_done:
            break
    return np.where(is_defined, shifts, np.nan)

"""Whether probabilities mean what they say: the recalibration model's slope, intercept, and calibration-in-the-large.

Source: Cox, Biometrika 1958;45:562; Steyerberg, Clinical Prediction Models, 2nd ed., 15.3.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import norm

from reprodx.metrics.undefined import missing_class
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXTREME_PROB = 1e-6
"""Closer to 0 or 1 than this, probabilities are taken as this: 0 and 1 have no logit, and a model that says 1e-300
would rule the slope by one case. Only here: ranks are never taken of clipped probabilities."""
CONSTANT = "all probabilities are equal"
SEPARATED = "perfect separation: the slope has no finite estimate"
NOT_CONVERGED = "the recalibration model did not converge"
ONE_PATIENT = "interval not estimable: one patient only"


def recalibration(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    *,
    confidence_level: float,
    patients: NDArray[np.int64] | None = None,
) -> tuple[Estimate, Estimate]:
    """Return slope and intercept of the logistic model of the outcome on the logit of the probability.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.
        confidence_level: In (0, 1).
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        The slope, 1 when ideal and under 1 when predictions are too extreme, and the intercept, 0 when ideal. Both
        undefined with one class only, equal probabilities, or perfect separation.
    """
    logits = _logits(probs)
    reason = missing_class(is_positive) or _no_fit(is_positive, logits)
    if reason:
        undefined = Estimate.undefined(reason, n=is_positive.size, n_events=int(is_positive.sum()))
        return undefined, undefined
    design = np.column_stack([logits, np.ones_like(logits)])
    slope, intercept = _fit(is_positive, design, None, confidence_level, patients)
    return slope, intercept


def calibration_in_the_large(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    *,
    confidence_level: float,
    patients: NDArray[np.int64] | None = None,
) -> Estimate:
    """Return the intercept of the recalibration model whose slope is held at 1.

    Args:
        is_positive: Shape (cases,).
        probs: Shape (cases,), of the positive class.
        confidence_level: In (0, 1).
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.

    Returns:
        0 when ideal, above 0 where risks are predicted too low. Undefined with one class only.
    """
    if reason := missing_class(is_positive):
        return Estimate.undefined(reason, n=is_positive.size, n_events=int(is_positive.sum()))
    logits = _logits(probs)
    design, start = np.ones((probs.size, 1)), [_balancing_shift(is_positive, logits)]
    (intercept,) = _fit(is_positive, design, logits, confidence_level, patients, start)
    return intercept


def _logits(probs: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(logit(np.clip(probs, EXTREME_PROB, 1 - EXTREME_PROB)))


def _balancing_shift(is_positive: NDArray[np.bool_], logits: NDArray[np.float64]) -> float:
    """Return what must be added to the logits so that as many positives are expected as there are.

    This is the intercept already: from its own start, iterated least squares runs away where a model is overconfident.
    """
    prevalence = is_positive.mean()
    bracket = logit(prevalence) - logits.max() - 1, logit(prevalence) - logits.min() + 1
    return float(brentq(lambda shift: expit(logits + shift).mean() - prevalence, *bracket, xtol=1e-12))


def _no_fit(is_positive: NDArray[np.bool_], logits: NDArray[np.float64]) -> str | None:
    if np.ptp(logits) == 0:
        return CONSTANT
    positives, negatives = logits[is_positive], logits[~is_positive]
    is_separated = positives.min() >= negatives.max() or positives.max() <= negatives.min()
    return SEPARATED if is_separated else None


def _fit(
    is_positive: NDArray[np.bool_],
    design: NDArray[np.float64],
    offset: NDArray[np.float64] | None,
    confidence_level: float,
    patients: NDArray[np.int64] | None,
    start: list[float] | None = None,
) -> list[Estimate]:
    """Return an estimate for each column of the design, of shape (cases, columns)."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    n, n_events = is_positive.size, int(is_positive.sum())
    model = GLM(is_positive.astype(np.float64), design, family=Binomial(), offset=offset)
    # What is warned of here, overflow and near separation, is asked of the result.
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        result = model.fit(start_params=start, **_covariance_arguments(patients))
    if not result.converged or not np.isfinite(result.bse).all():
        return [Estimate.undefined(NOT_CONVERGED, n=n, n_events=n_events)] * design.shape[1]
    num_patients = n if patients is None else np.unique(patients).size
    if num_patients == 1:
        return [Estimate(float(value), None, None, n, n_events, "none", ONE_PATIENT) for value in result.params]
    # As Stata does: with the correction for coefficients too, a case counted twice would narrow the interval.
    correction = 1.0 if patients is None else math.sqrt(num_patients / (num_patients - 1))
    margins = float(norm.ppf((1 + confidence_level) / 2)) * correction * result.bse
    method = "Wald" if patients is None else "Wald, sandwich clustered by patient"
    return [
        Estimate(float(value), float(value - margin), float(value + margin), n, n_events, method)
        for value, margin in zip(result.params, margins, strict=True)
    ]


def _covariance_arguments(patients: NDArray[np.int64] | None) -> dict[str, Any]:
    if patients is None:
        return {}
    return {"cov_type": "cluster", "cov_kwds": {"groups": patients, "use_correction": False}}

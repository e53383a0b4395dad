"""Ways to mend probabilities that do not mean what they say, each fitted on validation cases alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax

from reprodx.errors import UndefinedMetricError
from reprodx.metrics.catalogue.calibration import EXTREME_PROB, Recalibration, logits_of, no_fit
from reprodx.metrics.undefined import missing_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Recalibrator = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    """From probabilities of the positive class to better ones, both of shape (cases,)."""
    ClassRecalibrator = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    """From probabilities to better ones, both of shape (cases, classes)."""

LOG_TEMPERATURES = (-7.0, 7.0)
"""Between which the best one is looked for."""
SMALLEST_PROB = np.finfo(np.float64).tiny
"""In the place of 0, which has no logarithm; small enough to tie no two probabilities."""
NO_ERROR = "no temperature is best: every case is called right, and the lower the better"
NO_SKILL = "no temperature is best: what was is no more probable than chance, and the higher the better"


def fit_temperature(targets: NDArray[np.int64], probs: NDArray[np.float64]) -> tuple[ClassRecalibrator, str]:
    """Return the division of the logits by the number that fits the validation cases best.

    Args:
        targets: Shape (cases,), the index of the true class of validation cases.
        probs: Shape (cases, classes).

    Returns:
        The recalibrator, which changes no order within a case, and its parameter in words.

    Raises:
        UndefinedMetricError: If there is no case or no best temperature.

    Source: Guo et al, ICML 2017, section 4.2.
    """
    if not targets.size:
        raise UndefinedMetricError("no case")
    logs, rows = np.log(np.clip(probs, EXTREME_PROB, 1)), np.arange(targets.size)
    if (logs[rows, targets] >= logs.max(axis=1)).all():
        raise UndefinedMetricError(NO_ERROR)
    # The loss is convex in the inverse temperature; here it does not fall even from 0 on.
    if logs[rows, targets].mean() <= logs.mean():
        raise UndefinedMetricError(NO_SKILL)

    def log_loss(log_temperature: float) -> float:
        return -float(log_softmax(logs * np.exp(-log_temperature), axis=1)[rows, targets].mean())

    found = float(minimize_scalar(log_loss, bounds=LOG_TEMPERATURES, method="bounded", options={"xatol": 1e-8}).x)
    temperature = float(np.exp(found))

    def divided(probs: NDArray[np.float64]) -> NDArray[np.float64]:
        recalibrated: NDArray[np.float64] = softmax(np.log(np.clip(probs, SMALLEST_PROB, 1)) / temperature, axis=1)
        return recalibrated

    return divided, f"temperature {temperature:.3f}"


def fit_binary_temperature(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> tuple[Recalibrator, str]:
    """Return the same for the positive class of two.

    Args:
        is_positive: Shape (cases,), of validation cases.
        probs: Shape (cases,), of the positive class.

    Returns:
        The recalibrator and its parameter in words.

    Raises:
        UndefinedMetricError: If a class is missing or no temperature is best.
    """
    _require_both(is_positive)
    both, words = fit_temperature(is_positive.astype(np.int64), np.column_stack([1 - probs, probs]))
    return lambda probs: both(np.column_stack([1 - probs, probs]))[:, 1], words


def fit_platt(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> tuple[Recalibrator, str]:
    """Return the logistic model of the outcome on the logit of the probability, without a penalty.

    Args:
        is_positive: Shape (cases,), of validation cases.
        probs: Shape (cases,), of the positive class.

    Returns:
        The recalibrator and its parameters in words.

    Raises:
        UndefinedMetricError: If a class is missing, probabilities are equal, or classes are told apart without error.

    Source: Platt, Advances in Large Margin Classifiers, 1999, without his targets for few cases, which bend the slope.
    """
    if reason := missing_class(is_positive) or no_fit(is_positive, logits_of(probs)):
        raise UndefinedMetricError(reason)
    every = np.ones((1, probs.size))
    b, a = (float(Recalibration(is_positive, probs, place)(every)[0]) for place in (0, 1))

    def shifted(probs: NDArray[np.float64]) -> NDArray[np.float64]:
        recalibrated: NDArray[np.float64] = expit(a * logit(np.clip(probs, SMALLEST_PROB, np.nextafter(1, 0))) + b)
        return recalibrated

    sign = "\N{MINUS SIGN}" if b < 0 else ""
    return shifted, f"slope {a:.3f}, intercept {sign}{abs(b):.3f}"


def fit_isotonic(is_positive: NDArray[np.bool_], probs: NDArray[np.float64]) -> tuple[Recalibrator, str]:
    """Return the rising step function that fits the validation cases best, drawn straight between its steps.

    Args:
        is_positive: Shape (cases,), of validation cases.
        probs: Shape (cases,), of the positive class.

    Returns:
        The recalibrator, which makes probabilities equal that were not, and its size in words.

    Raises:
        UndefinedMetricError: If a class is missing.

    Source: Zadrozny & Elkan, KDD 2002.
    """
    from sklearn.isotonic import IsotonicRegression

    _require_both(is_positive)
    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(probs, is_positive.astype(np.float64))
    num_levels = np.unique(model.y_thresholds_).size
    return lambda probs: np.asarray(model.predict(probs), dtype=np.float64), f"{num_levels} levels"


def _require_both(is_positive: NDArray[np.bool_]) -> None:
    if reason := missing_class(is_positive):
        raise UndefinedMetricError(reason)

"""The score of a logistic model of one predictor, expanded about a fit up to the third power of the change.

What is left of a resample are a few weighted sums, from which its coefficients follow without a pass over the cases.

Source: McCullagh & Nelder, Generalized Linear Models, 2nd ed., 4.4 (score and information). The remainder is of fourth
order in the change of the linear predictor, and no derivative of the logistic function exceeds the first one in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUM_CHORD_STEPS = 30
TOLERANCE = 1e-9


def derivative(probs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the derivative of the logistic function where it has these values."""
    return probs * (1 - probs)


def expansion(
    predictor: NDArray[np.float64], targets: NDArray[np.float64], fitted: NDArray[np.float64], degree: int
) -> NDArray[np.float64]:
    """Return the columns whose weighted sums make the expanded score.

    Args:
        predictor: Shape (cases,), best of mean 0 and variance 1.
        targets: Shape (cases,), 0 or 1.
        fitted: Shape (cases,), the linear predictor of the fit.
        degree: Of the model in the predictor: 1 with a slope, 0 for an intercept alone.

    Returns:
        Shape (cases, sums): the residual times powers of the predictor up to the degree, then the first, second and
        third derivative of the logistic function over their factorials, each times powers up to as many more degrees.
    """
    probs = expit(fitted)
    first = derivative(probs)
    terms = [targets - probs, first, first * (1 - 2 * probs) / 2, first * (1 - 6 * first) / 6]
    powers = [[term * predictor**power for power in range(degree * (k + 1) + 1)] for k, term in enumerate(terms)]
    return np.column_stack([column for columns in powers for column in columns])


def expanded_root(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the root of the expanded score, as changes from the fit, shape (resamples, coefficients).

    Args:
        sums: Shape (resamples, sums), of the columns of `expansion`.

    Returns:
        The intercept's change, then the slope's; NaN where the steps do not settle, which they do near the fit.

    Source: the chord method, Ortega & Rheinboldt, Iterative Solution of Nonlinear Equations, 1970, 7.1.
    """
    is_shift = sums.shape[1] == 4
    residuals, first, second, third = np.split(sums, [1, 2, 3] if is_shift else [2, 5, 9], axis=1)
    change = np.zeros_like(residuals)
    is_settled: NDArray[np.bool_] = np.zeros(len(residuals), dtype=np.bool_)
    with np.errstate(all="ignore"):
        for _ in range(NUM_CHORD_STEPS):
            score = residuals - sum(_power(change, order, part) for order, part in enumerate((first, second, third), 1))
            step = score / first if is_shift else solved(first, score)
            change = change + step
            is_settled = np.all(np.abs(step) < TOLERANCE, axis=1)
            if is_settled.all():
                break
    return np.where(is_settled[:, None], change, np.nan)


def _power(change: NDArray[np.float64], order: int, sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted sum of (a + b x)^order, also of it times x, by the binomial theorem."""
    if change.shape[1] == 1:
        power: NDArray[np.float64] = change**order * sums
        return power
    binomials = {1: (1, 1), 2: (1, 2, 1), 3: (1, 3, 3, 1)}[order]
    intercept, slope = change[:, 0], change[:, 1]
    terms = [count * intercept ** (order - k) * slope**k for k, count in enumerate(binomials)]
    return np.stack(
        [sum((term * sums[:, k + extra] for k, term in enumerate(terms)), np.zeros(len(sums))) for extra in (0, 1)],
        axis=1,
    )


def solved(information: NDArray[np.float64], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the score divided by the information: a step of Newton's method.

    Args:
        information: Shape (resamples, 3), the sums of its weights times the predictor's powers 0, 1 and 2.
        score: Shape (resamples, 2).

    Returns:
        Shape (resamples, 2); not finite where the information is singular.
    """
    zeroth, first, second = information.T
    determinant = zeroth * second - first**2
    intercept = (second * score[:, 0] - first * score[:, 1]) / determinant
    return np.stack([intercept, (zeroth * score[:, 1] - first * score[:, 0]) / determinant], axis=1)

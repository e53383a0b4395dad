"""Net benefit: true positives less false positives, weighed by the odds of the threshold.

Source: Vickers & Elkin, Med Decis Making 2006;26:565, equation 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprodx.metrics.resampled_cells import resampled_cells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.bootstrap import Bootstrap


class DecisionCurve(NamedTuple):
    """Net benefit, in true positives a case, at each threshold; each of shape (thresholds,)."""

    model: NDArray[np.float64]
    treat_all: NDArray[np.float64]
    treat_none: NDArray[np.float64]
    """Zero everywhere."""

    @property
    def gain(self) -> NDArray[np.float64]:
        """What the model adds to the better of treating everyone and no one."""
        gain: NDArray[np.float64] = self.model - np.maximum(self.treat_all, self.treat_none)
        return gain


class DecisionBand(NamedTuple):
    """Pointwise limits of a decision curve, each of shape (thresholds,); NaN where they cannot be estimated."""

    ci_low: NDArray[np.float64]
    """Of the model's net benefit."""
    ci_high: NDArray[np.float64]
    gain_ci_low: NDArray[np.float64]
    """Of what the model adds to the better of treating everyone and no one."""
    gain_ci_high: NDArray[np.float64]


def decision_curve(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    *,
    prevalence: float | None = None,
) -> DecisionCurve:
    """Return the net benefit of treating those at or above each threshold, everyone, or no one.

    Args:
        is_positive: Shape (cases,), at least one case.
        probs: Shape (cases,), of the positive class.
        thresholds: Shape (thresholds,), in (0, 1).
        prevalence: Of positives where the model will be used, to which sensitivity and specificity are carried over;
            None takes that of the cases.

    Returns:
        The three strategies; those that need a class without a case are NaN at another prevalence.

    >>> curve = decision_curve(np.array([True, False]), np.array([0.9, 0.2]), np.array([0.5]))
    >>> curve.model.tolist(), curve.treat_all.tolist()
    ([0.5], [0.0])
    """
    cells = np.searchsorted(thresholds, probs, side="right") * 2 + is_positive
    counts = np.bincount(cells, minlength=2 * (thresholds.size + 1)).astype(np.float64)
    return _strategies(counts[None], thresholds, prevalence)


def decision_band(
    is_positive: NDArray[np.bool_],
    probs: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    *,
    bootstrap: Bootstrap,
    strata: NDArray[np.int64],
    patients: NDArray[np.int64] | None = None,
    prevalence: float | None = None,
) -> DecisionBand:
    """Return the percentile interval of net benefit at each threshold, from resampled patients.

    In a cohort the prevalence varies between resamples; where another prevalence is stated it is taken as given, and
    patients are drawn within their class.

    Args:
        is_positive: Shape (cases,), at least one case.
        probs: Shape (cases,), of the positive class.
        thresholds: Shape (thresholds,), ascending, in (0, 1).
        bootstrap: How the interval is made.
        strata: Shape (cases,), the class within which the design drew patients; all equal in a cohort.
        patients: Shape (cases,), a number from 0 for each patient; None where every case is a patient of its own.
        prevalence: As for `decision_curve`.

    Returns:
        The limits of the model's net benefit and of its gain.
    """
    cells = np.searchsorted(thresholds, probs, side="right") * 2 + is_positive
    counts = resampled_cells(
        cells, 2 * (thresholds.size + 1), strata if prevalence is None else is_positive, patients, bootstrap
    )
    resampled = _strategies(counts, thresholds, prevalence)
    tail = (1 - bootstrap.confidence_level) / 2
    limits = [np.quantile(values, [tail, 1 - tail], axis=0) for values in (resampled.model, resampled.gain)]
    return DecisionBand(*limits[0], *limits[1])


def interventions_avoided(curve: DecisionCurve, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the interventions that the model spares beside treating everyone, net of those it misses.

    Args:
        curve: At the thresholds.
        thresholds: Shape (thresholds,), in (0, 1).

    Returns:
        Shape (thresholds,), of 100 cases.

    Source: Vickers & Elkin, as above; Vickers et al, BMC Med Inform Decis Mak 2008;8:53.
    """
    avoided: NDArray[np.float64] = 100 * (curve.model - curve.treat_all) * (1 - thresholds) / thresholds
    return avoided


def _strategies(
    counts: NDArray[np.float64], thresholds: NDArray[np.float64], prevalence: float | None
) -> DecisionCurve:
    """Return the net benefits of each row of counts, (rows, 2 * (thresholds + 1)); of one row without the rows."""
    by_answer = counts.reshape(len(counts), -1, 2)
    # From the highest interval of probability down: how many cases are at or above each threshold.
    called = by_answer[:, ::-1].cumsum(axis=1)[:, ::-1]
    sizes = called[:, :1]
    if prevalence is None:
        shares = called[:, 1:] / sizes.sum(axis=2, keepdims=True)
        share_positive = (sizes / sizes.sum(axis=2, keepdims=True))[:, :, 1]
    else:
        with np.errstate(invalid="ignore"):
            shares = called[:, 1:] / sizes * np.array([1 - prevalence, prevalence])
        share_positive = np.full((len(counts), 1), prevalence)
    odds = thresholds / (1 - thresholds)
    model = shares[:, :, 1] - shares[:, :, 0] * odds
    treat_all = share_positive - (1 - share_positive) * odds
    if len(counts) == 1:
        model, treat_all = model[0], treat_all[0]
    return DecisionCurve(model, treat_all, np.zeros_like(model))

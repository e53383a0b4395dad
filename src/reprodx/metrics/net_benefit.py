"""Net benefit at a few thresholds, as estimates that a table can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.decision_curve import decision_band, decision_curve, interventions_avoided
from reprodx.metrics.undefined import missing_class
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

NO_SPREAD = "interval not estimable: resamples do not differ"


@dataclass(frozen=True)
class NetBenefit:
    """What acting on the model is worth at one threshold, in true positives a case."""

    threshold: float
    """In (0, 1)."""
    model: Estimate
    treat_all: float
    """Of treating everyone; treating no one is worth 0."""
    gain: Estimate
    """What the model adds to the better of both."""
    avoided: float
    """Interventions avoided beside treating everyone, net, of 100 cases."""


def net_benefits(cases: ScoredCases, thresholds: Sequence[float], settings: ScoreSettings) -> list[NetBenefit]:
    """Return net benefits with their intervals.

    Args:
        cases: Of two classes.
        thresholds: In (0, 1).
        settings: How intervals are made, and the prevalence to which sensitivity and specificity are carried over.

    Returns:
        One by threshold, in ascending order; none with one class only.
    """
    if missing_class(cases.is_positive):
        return []
    places = np.unique(np.asarray(thresholds, dtype=np.float64))
    arguments = cases.is_positive, cases.positive_probs, places
    curve = decision_curve(*arguments, prevalence=settings.prevalence)
    band = decision_band(
        *arguments,
        bootstrap=settings.bootstrap,
        strata=cases.drawn_within,
        patients=cases.patients,
        prevalence=settings.prevalence,
    )
    n, n_events = cases.targets.size, int(cases.is_positive.sum())
    unit = "cases" if cases.patients is None else "patients"
    method = f"percentile bootstrap of {unit}, B = {settings.num_resamples}"

    def estimate(value: float, low: float, high: float) -> Estimate:
        if low == high:
            return Estimate(float(value), None, None, n, n_events, method, NO_SPREAD)
        return Estimate(float(value), float(low), float(high), n, n_events, method)

    models = zip(curve.model, band.ci_low, band.ci_high, strict=True)
    gains = zip(curve.gain, band.gain_ci_low, band.gain_ci_high, strict=True)
    avoided = interventions_avoided(curve, places).tolist()
    return [
        NetBenefit(threshold, estimate(*model), treat_all, estimate(*gain), spared)
        for threshold, model, treat_all, gain, spared in zip(
            places.tolist(), models, curve.treat_all.tolist(), gains, avoided, strict=True
        )
    ]

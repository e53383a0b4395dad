"""Every metric of a task in which a case has any number of labels."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.auroc import auroc, weighted_auroc
from reprodx.metrics.precision_recall import weighted_average_precision
from reprodx.metrics.undefined import NO_CASE, missing_class, ratio
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from reprodx.metrics.labelled_cases import LabelledCases
    from reprodx.metrics.settings import ScoreSettings

    Statistic = Callable[[NDArray[np.float64]], NDArray[np.float64]]
    WeightedMetric = Callable[[NDArray[np.bool_], NDArray[np.float64]], Statistic]


def score_labels(cases: LabelledCases, settings: ScoreSettings) -> dict[str, Estimate]:
    """Return the metrics of all labels together.

    Args:
        cases: Of a multi-label task.
        settings: How intervals are made.

    Returns:
        An estimate by the metric's name; `auroc` is the macro one, so that models order by one name in every task.
    """
    macro, precision, brier = _means(cases, settings)
    return {
        "auroc": macro,
        "auroc_macro": macro,
        "auroc_micro": micro_auroc(cases, settings),
        "average_precision_macro": precision,
        "brier": brier,
    }


def macro_auroc(cases: LabelledCases, settings: ScoreSettings) -> Estimate:
    """Return the unweighted mean of the AUROCs of the labels.

    Args:
        cases: Of a multi-label task.
        settings: How the interval is made.

    Returns:
        Undefined where all cases have a label, or lack one.
    """
    if reason := cases.undefined_label:
        return Estimate.undefined(reason, n=len(cases.targets))
    return _estimates(cases, settings, [_macro(cases, weighted_auroc)])[0]


def micro_auroc(cases: LabelledCases, settings: ScoreSettings) -> Estimate:
    """Return the AUROC of all pairs of a case and a label, with one scale for all labels.

    Args:
        cases: Of a multi-label task.
        settings: The level of the interval.

    Returns:
        Undefined where no case has a label, or all cases have all. The pairs of a patient are clustered.
    """
    num_cases, num_labels = cases.targets.shape
    is_positive = cases.targets.ravel() == 1
    if reason := missing_class(is_positive):
        return Estimate.undefined(reason, n=num_cases)
    patients = np.arange(num_cases) if cases.patients is None else cases.patients
    estimate = auroc(
        is_positive,
        cases.probs.ravel(),
        confidence_level=settings.confidence_level,
        patients=np.repeat(patients, num_labels),
    )
    return dataclasses.replace(estimate, n=num_cases, n_events=None)


def _means(cases: LabelledCases, settings: ScoreSettings) -> list[Estimate]:
    """Return the unweighted means over labels of AUROC, average precision and Brier score, from the same resamples.

    Source of the last: Brier, Mon Weather Rev 1950;78:1, halved as is usual with two classes.
    """
    if not len(cases.targets):
        return [Estimate.undefined(NO_CASE, n=0)] * 3
    errors = ((cases.probs - cases.targets) ** 2).mean(axis=1)

    def brier(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return ratio((weights * errors).sum(axis=1), weights.sum(axis=1))

    if reason := cases.undefined_label:
        undefined = Estimate.undefined(reason, n=len(cases.targets))
        return [undefined, undefined, *_estimates(cases, settings, [brier])]
    ranked = [_macro(cases, weighted_auroc), _macro(cases, weighted_average_precision)]
    return _estimates(cases, settings, [*ranked, brier])


def _macro(cases: LabelledCases, weighted: WeightedMetric) -> Statistic:
    parts = [weighted(cases.targets[:, index] == 1, cases.probs[:, index]) for index in range(len(cases.labels))]
    # Summed as they come: all labels' resamples at once would not stay in the cache.
    return lambda weights: sum((part(weights) for part in parts), np.zeros(len(weights))) / len(parts)


def _estimates(cases: LabelledCases, settings: ScoreSettings, statistics: list[Statistic]) -> list[Estimate]:
    return settings.bootstrap.estimates(statistics, cases.strata, cases.patients, n_events=None)

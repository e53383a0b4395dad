"""Every metric of a binary task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.auroc import auroc
from reprodx.metrics.brier import brier, scaled_brier
from reprodx.metrics.calibration import calibration_in_the_large, recalibration
from reprodx.metrics.calibration_error import expected_calibration_error, integrated_calibration_index
from reprodx.metrics.chosen_threshold import NO_THRESHOLD
from reprodx.metrics.class_means import balanced_accuracy, f1
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.likelihood_ratios import likelihood_ratio
from reprodx.metrics.null_calibration import null_calibration
from reprodx.metrics.precision_recall import average_precision
from reprodx.metrics.predictive_values import predictive_value_at
from reprodx.metrics.proportions import PROPORTIONS, table_proportion
from reprodx.schemas import Estimate

if TYPE_CHECKING:
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

THRESHOLD_METRICS = (*PROPORTIONS, "lr_positive", "lr_negative", "balanced_accuracy", "f1")
"""The metrics that depend on a threshold."""
PREVALENCE_METRICS = ("ppv_at_prevalence", "npv_at_prevalence")
"""Those that depend on a stated prevalence too."""


def score_binary(
    cases: ScoredCases, threshold: float | None, settings: ScoreSettings, *, no_threshold: str = NO_THRESHOLD
) -> dict[str, Estimate]:
    """Return every metric of the cases of one split.

    Args:
        cases: Of a binary task.
        threshold: At or above it a case is called positive; None where none was chosen.
        settings: How intervals are made.
        no_threshold: Why none was chosen.

    Returns:
        An estimate by the metric's name.
    """
    return {**_score_probs(cases, settings), **score_calls(cases, threshold, settings, no_threshold)}


def score_calls(
    cases: ScoredCases, threshold: float | None, settings: ScoreSettings, no_threshold: str = NO_THRESHOLD
) -> dict[str, Estimate]:
    """Return every metric that depends on the threshold.

    Args:
        cases: Of a binary task.
        threshold: At or above it a case is called positive; None where none was chosen.
        settings: How intervals are made.
        no_threshold: Why none was chosen.

    Returns:
        An estimate for each of `THRESHOLD_METRICS`, and of `PREVALENCE_METRICS` where a prevalence is stated.
    """
    at_prevalence = PREVALENCE_METRICS if settings.prevalence is not None else ()
    if threshold is None:
        n, n_events = cases.targets.size, int(cases.is_positive.sum())
        undefined = Estimate.undefined(no_threshold, n=n, n_events=n_events)
        return dict.fromkeys((*THRESHOLD_METRICS, *at_prevalence), undefined)
    table = ConfusionTable.of(cases, threshold, settings.bootstrap)
    return {
        **{name: table_proportion(table, name, interval=settings.proportion_interval) for name in PROPORTIONS},
        "lr_positive": likelihood_ratio(table, is_positive_result=True),
        "lr_negative": likelihood_ratio(table, is_positive_result=False),
        "balanced_accuracy": balanced_accuracy(table),
        "f1": f1(table),
        **_at_prevalence(table, settings.prevalence),
    }


def _at_prevalence(table: ConfusionTable, prevalence: float | None) -> dict[str, Estimate]:
    if prevalence is None:
        return {}
    results = zip(PREVALENCE_METRICS, (True, False), strict=True)
    return {name: predictive_value_at(table, prevalence, is_positive_result=result) for name, result in results}


def _score_probs(cases: ScoredCases, settings: ScoreSettings) -> dict[str, Estimate]:
    is_positive, probs, patients = cases.is_positive, cases.positive_probs, cases.patients
    level, bootstrap = settings.confidence_level, settings.bootstrap
    slope, intercept = recalibration(is_positive, probs, confidence_level=level, patients=patients)
    return {
        "auroc": auroc(is_positive, probs, confidence_level=level, patients=patients),
        "average_precision": average_precision(is_positive, probs, bootstrap=bootstrap, patients=patients),
        "brier": brier(is_positive, probs, bootstrap=bootstrap, patients=patients),
        "scaled_brier": scaled_brier(is_positive, probs, bootstrap=bootstrap, patients=patients),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "calibration_in_the_large": calibration_in_the_large(
            is_positive, probs, confidence_level=level, patients=patients
        ),
        **integrated_calibration_index(is_positive, probs),
        "ece": expected_calibration_error(is_positive, probs, num_bins=settings.num_calibration_bins),
        **null_calibration(is_positive, probs, settings, patients=patients),
    }

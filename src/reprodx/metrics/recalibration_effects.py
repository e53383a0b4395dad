"""What recalibration on the validation cases would do to the test cases."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import UndefinedMetricError
from reprodx.metrics.asked import View
from reprodx.metrics.calibration_error import NO_INTERVAL, binned_distance
from reprodx.metrics.catalogue import metric_of
from reprodx.metrics.catalogue.brier import BRIER
from reprodx.metrics.estimation import difference, estimate
from reprodx.metrics.measured import measured
from reprodx.metrics.questions import questions
from reprodx.metrics.recalibrators import fit_binary_temperature, fit_isotonic, fit_platt, fit_temperature
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.undefined import NO_CASE
from reprodx.schemas import TEST, VAL, Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.settings import ScoreSettings

AS_PREDICTED = "as predicted"
RECALIBRATORS = {"temperature": fit_binary_temperature, "Platt (logistic)": fit_platt, "isotonic": fit_isotonic}
"""How the probability of a yes-or-no question can be mended, by name."""
EFFECTS = ("brier", "brier_change", "log_loss", "calibration_slope", "calibration_in_the_large", "ici", "ece", "auroc")
"""What is told of each for a yes-or-no question."""
CLASS_EFFECTS = ("brier", "brier_change", "log_loss", "ece")
"""What is told where several classes exclude each other; the calibration error is that of the called class."""
INFINITE_LOSS = "infinite: a case has probability 0 of what was"
CHANGE_HAS_ONE = "shown without interval: what matters is the change"
UNCHANGED = "nothing was changed"
NOT_FITTED = "not fitted"


@dataclass(frozen=True)
class RecalibrationEffect:
    """The test cases' scores with probabilities as they are, or recalibrated."""

    about: str
    """The question in words, or "all classes"."""
    recalibrator: str
    """`AS_PREDICTED` or how probabilities were changed."""
    fit: str
    """What was fitted, or why nothing could be; nothing for `AS_PREDICTED`."""
    metrics: dict[str, Estimate]
    """`EFFECTS`, or `CLASS_EFFECTS` where several classes exclude each other."""


def recalibration_effects(predictions: Predictions, settings: ScoreSettings) -> list[RecalibrationEffect]:
    """Return the scores of the test cases before and after each recalibration that the validation cases can fit.

    Args:
        predictions: Of the validation and test splits.
        settings: How intervals are made.

    Returns:
        For each yes-or-no question `AS_PREDICTED` and then each of `RECALIBRATORS`; with several classes the
        temperature alone. What the validation cases cannot fit has no metric but a reason.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    validation, test = predictions.of(VAL), predictions.of(TEST)
    if predictions.task == Task.MULTICLASS:
        return _of_classes(ScoredCases.of(validation), ScoredCases.of(test), settings)
    fitting, asked = (questions(part, settings.ordinal_cut) for part in (validation, test))
    return [
        effect
        for fitted, one in zip(fitting, asked, strict=True)
        for effect in _of_question(one.name, fitted.cases, one.cases, settings)
    ]


def _of_question(
    about: str, validation: ScoredCases, test: ScoredCases, settings: ScoreSettings
) -> list[RecalibrationEffect]:
    variants, words = {AS_PREDICTED: test}, {AS_PREDICTED: ""}
    for name, fit in RECALIBRATORS.items():
        try:
            recalibrated, words[name] = fit(validation.is_positive, validation.positive_probs)
            probs = recalibrated(test.positive_probs)
            variants[name] = dataclasses.replace(test, probs=np.column_stack([1 - probs, probs]))
        except UndefinedMetricError as error:
            words[name] = _no_fit(error)
    not_fitted = dict.fromkeys(EFFECTS, Estimate.undefined(NOT_FITTED, n=test.num_cases, n_events=test.n_events))
    changes = _changes(variants, View.BINARY, settings)
    metrics = {
        name: {
            **_errors(cases, changes[name], np.where(cases.is_positive, cases.probs[:, 1], cases.probs[:, 0])),
            **{one: _of(one, cases, settings) for one in EFFECTS[3:]},
        }
        for name, cases in variants.items()
    }
    return [RecalibrationEffect(about, name, text, metrics.get(name, not_fitted)) for name, text in words.items()]


def _of(name: str, cases: ScoredCases, settings: ScoreSettings) -> Estimate:
    return estimate(measured(metric_of(name), View.BINARY, [cases], settings), settings)


def _changes(variants: Mapping[str, ScoredCases], view: View, settings: ScoreSettings) -> dict[str, Estimate]:
    """Return by how much the Brier score changes from `AS_PREDICTED`."""
    found = {name: measured(BRIER, view, [cases], settings) for name, cases in variants.items()}
    before = found[AS_PREDICTED]
    unchanged = Estimate.undefined(UNCHANGED, n=before.n, n_events=before.n_events)
    return {
        name: unchanged if one is before else difference(one, before, settings).estimate for name, one in found.items()
    }


def _errors(cases: ScoredCases, change: Estimate, of_truth: NDArray[np.float64]) -> dict[str, Estimate]:
    """Return the errors of probabilities, of which `of_truth` are those of what was."""
    return {
        "brier": _mean(cases.errors, cases),
        "brier_change": change,
        "log_loss": _mean(_log_losses(of_truth), cases),
    }


def _mean(losses: NDArray[np.float64], test: ScoredCases) -> Estimate:
    n, n_events = test.num_cases, test.n_events
    if not n:
        return Estimate.undefined(NO_CASE, n=0, n_events=n_events)
    if not np.isfinite(losses).all():
        return Estimate.undefined(INFINITE_LOSS, n=n, n_events=n_events)
    return Estimate(float(losses.mean()), None, None, n, n_events, "none", CHANGE_HAS_ONE)


def _of_classes(validation: ScoredCases, test: ScoredCases, settings: ScoreSettings) -> list[RecalibrationEffect]:
    variants, words = {AS_PREDICTED: test}, {AS_PREDICTED: "", "temperature": ""}
    try:
        recalibrated, words["temperature"] = fit_temperature(validation.targets, validation.probs)
        variants["temperature"] = dataclasses.replace(test, probs=recalibrated(test.probs))
    except UndefinedMetricError as error:
        words["temperature"] = _no_fit(error)
    changes, rows = _changes(variants, View.CLASSES, settings), np.arange(test.num_cases)
    not_fitted = dict.fromkeys(CLASS_EFFECTS, Estimate.undefined(NOT_FITTED, n=test.num_cases))
    metrics = {
        name: {
            **_errors(cases, changes[name], cases.probs[rows, cases.targets]),
            "ece": _top_label_error(cases, settings.num_calibration_bins),
        }
        for name, cases in variants.items()
    }
    return [
        RecalibrationEffect("all classes", name, text, metrics.get(name, not_fitted)) for name, text in words.items()
    ]


def _top_label_error(cases: ScoredCases, num_bins: int) -> Estimate:
    """Return the calibration error of the called class."""
    is_right, highest = cases.probs.argmax(axis=1) == cases.targets, cases.probs.max(axis=1)
    if not cases.num_cases:
        return Estimate.undefined(NO_CASE, n=0)
    value, method = binned_distance(is_right, highest, num_bins), f"{num_bins} bins of equal mass"
    return Estimate(value, None, None, cases.num_cases, int(is_right.sum()), method, NO_INTERVAL)


def _log_losses(probs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the loss of each case from the probability of what was, infinite for 0."""
    return -np.log(probs, out=np.full(probs.shape, -np.inf), where=probs > 0)


def _no_fit(error: UndefinedMetricError) -> str:
    return f"not fitted, validation cases: {error}"

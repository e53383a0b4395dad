"""What recalibration on the validation cases would do to the test cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reprodx.errors import UndefinedMetricError
from reprodx.metrics.auroc import auroc
from reprodx.metrics.calibration import calibration_in_the_large, recalibration
from reprodx.metrics.calibration_error import expected_calibration_error, integrated_calibration_index
from reprodx.metrics.questions import questions
from reprodx.metrics.recalibrators import fit_binary_temperature, fit_isotonic, fit_platt, fit_temperature
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.undefined import NO_CASE
from reprodx.schemas import TEST, VAL, Estimate, Task

if TYPE_CHECKING:
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
    variants, words = {AS_PREDICTED: test.positive_probs}, {AS_PREDICTED: ""}
    for name, fit in RECALIBRATORS.items():
        try:
            recalibrated, words[name] = fit(validation.is_positive, validation.positive_probs)
            variants[name] = recalibrated(test.positive_probs)
        except UndefinedMetricError as error:
            words[name] = _no_fit(error)
    errors = {name: (probs - test.is_positive) ** 2 for name, probs in variants.items()}
    changes = _changes(errors, test, settings)
    n, n_events = test.targets.size, int(test.is_positive.sum())
    not_fitted = dict.fromkeys(EFFECTS, Estimate.undefined(NOT_FITTED, n=n, n_events=n_events))
    metrics = {
        name: {
            "brier": _mean(errors[name], test),
            "brier_change": changes[name],
            "log_loss": _mean(_log_losses(np.where(test.is_positive, probs, 1 - probs)), test),
            **_scores(test, probs, settings),
        }
        for name, probs in variants.items()
    }
    return [RecalibrationEffect(about, name, text, metrics.get(name, not_fitted)) for name, text in words.items()]


def _scores(test: ScoredCases, probs: NDArray[np.float64], settings: ScoreSettings) -> dict[str, Estimate]:
    is_positive, patients, level = test.is_positive, test.patients, settings.confidence_level
    slope, _ = recalibration(is_positive, probs, confidence_level=level, patients=patients)
    return {
        "calibration_slope": slope,
        "calibration_in_the_large": calibration_in_the_large(
            is_positive, probs, confidence_level=level, patients=patients
        ),
        "ici": integrated_calibration_index(is_positive, probs)["ici"],
        "ece": expected_calibration_error(is_positive, probs, num_bins=settings.num_calibration_bins),
        "auroc": auroc(is_positive, probs, confidence_level=level, patients=patients),
    }


def _changes(errors: dict[str, NDArray[np.float64]], test: ScoredCases, settings: ScoreSettings) -> dict[str, Estimate]:
    """Return by how much the mean error changes from `AS_PREDICTED`, all from the same resamples."""
    n, n_events = test.targets.size, _num_events(test)
    unchanged = {AS_PREDICTED: Estimate.undefined(UNCHANGED, n=n, n_events=n_events)}
    names = [name for name in errors if name != AS_PREDICTED]
    if not names or not n:
        return unchanged
    changes = np.column_stack([errors[name] - errors[AS_PREDICTED] for name in names])
    resampled = np.concatenate(
        [
            (weights @ changes) / weights.sum(axis=1, keepdims=True)
            for weights in settings.bootstrap.weights(test.targets, test.patients)
        ]
    )
    columns = zip(names, changes.mean(axis=0).tolist(), resampled.T, strict=True)
    return unchanged | {
        name: settings.bootstrap.percentile_estimate(
            value, values, n=n, n_events=n_events, is_clustered=test.patients is not None
        )
        for name, value, values in columns
    }


def _mean(losses: NDArray[np.float64], test: ScoredCases) -> Estimate:
    n, n_events = test.targets.size, _num_events(test)
    if not n:
        return Estimate.undefined(NO_CASE, n=0, n_events=n_events)
    if not np.isfinite(losses).all():
        return Estimate.undefined(INFINITE_LOSS, n=n, n_events=n_events)
    return Estimate(float(losses.mean()), None, None, n, n_events, "none", CHANGE_HAS_ONE)


def _num_events(cases: ScoredCases) -> int | None:
    return int(cases.is_positive.sum()) if len(cases.classes) == 2 else None


def _of_classes(validation: ScoredCases, test: ScoredCases, settings: ScoreSettings) -> list[RecalibrationEffect]:
    variants, words = {AS_PREDICTED: test.probs}, {AS_PREDICTED: "", "temperature": ""}
    try:
        recalibrated, words["temperature"] = fit_temperature(validation.targets, validation.probs)
        variants["temperature"] = recalibrated(test.probs)
    except UndefinedMetricError as error:
        words["temperature"] = _no_fit(error)
    truth = np.eye(len(test.classes))[test.targets]
    errors = {name: ((probs - truth) ** 2).sum(axis=1) for name, probs in variants.items()}
    changes, rows = _changes(errors, test, settings), np.arange(test.targets.size)
    not_fitted = dict.fromkeys(CLASS_EFFECTS, Estimate.undefined(NOT_FITTED, n=test.targets.size))
    metrics = {
        name: {
            "brier": _mean(errors[name], test),
            "brier_change": changes[name],
            "log_loss": _mean(_log_losses(probs[rows, test.targets]), test),
            "ece": expected_calibration_error(
                probs.argmax(axis=1) == test.targets, probs.max(axis=1), num_bins=settings.num_calibration_bins
            ),
        }
        for name, probs in variants.items()
    }
    return [
        RecalibrationEffect("all classes", name, text, metrics.get(name, not_fitted)) for name, text in words.items()
    ]


def _log_losses(probs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the loss of each case from the probability of what was, infinite for 0."""
    return -np.log(probs, out=np.full(probs.shape, -np.inf), where=probs > 0)


def _no_fit(error: UndefinedMetricError) -> str:
    return f"not fitted, validation cases: {error}"

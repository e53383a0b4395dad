"""Tables of the calibration section: whether errors are more than chance, and what recalibration would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.metrics.asked import Key
from reprodx.metrics.null_calibration import INDEPENDENT
from reprodx.metrics.recalibration_effects import (
    CLASS_EFFECTS,
    EFFECTS,
    NOT_FITTED,
    UNCHANGED,
    RecalibrationEffect,
    recalibration_effects,
)
from reprodx.reporting.metric_tables import value_cell
from reprodx.reporting.page import Block, Paragraph, Table
from reprodx.reporting.wording import NOTHING, interval, number
from reprodx.schemas import VAL, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reprodx.metrics.questions import Question
    from reprodx.reporting.evaluation import Evaluation
    from reprodx.schemas import Estimate

DISTANCES = {"ece": "Binned error, ECE", "ici": "Smoothed error, ICI"}
"""The calibration errors that have a null band."""
COMPACT_EFFECTS = ("brier", "brier_change", "calibration_slope", "ece")
"""What is told of each of several labels."""
SAID_ELSEWHERE = (NOT_FITTED, UNCHANGED)
"""Why a cell of a row is empty, where the row says so already."""
EFFECT_LABELS = {
    "brier": "Brier score",
    "brier_change": "Change of Brier score",
    "log_loss": "Log loss",
    "calibration_slope": "Slope (1 is ideal)",
    "calibration_in_the_large": "In the large (0 is ideal)",
    "ici": "ICI",
    "ece": "ECE",
    "auroc": "AUROC",
}
"""Effects of recalibration in words."""


def calibration_blocks(evaluation: Evaluation) -> list[Block]:
    """Return calibration errors beside those of a perfectly calibrated model, and what recalibration would do."""
    recalibrated = _recalibration_blocks(evaluation)
    if evaluation.task == Task.MULTICLASS:
        return recalibrated
    return [_null_table(evaluation), *recalibrated]


def reading(error: Estimate, null: Estimate) -> str:
    """Return how a calibration error compares with that of a perfectly calibrated model.

    >>> from reprodx.schemas import Estimate
    >>> null = Estimate(0.05, 0.02, 0.08, 100, 40, "range")
    >>> reading(Estimate(0.07, None, None, 100, 40, "10 bins"), null)
    'within the range: no evidence against calibration'
    >>> reading(Estimate(0.09, None, None, 100, 40, "10 bins"), null)
    'above the range: more than chance'
    """
    if error.value is None or null.ci_low is None or null.ci_high is None:
        return NOTHING
    if error.value > null.ci_high:
        return "above the range: more than chance"
    if error.value < null.ci_low:
        return "below the range: less than chance gives"
    return "within the range: no evidence against calibration"


def _null_table(evaluation: Evaluation) -> Table:
    asked = [(one, name) for one in evaluation.questions for name in DISTANCES]
    rows = [_null_row(one, name, evaluation) for one, name in asked]
    draws = evaluation.settings.num_null_draws
    level = f"{100 * evaluation.settings.confidence_level:g}%"
    notes = [
        f"Errors are above 0 for a perfectly calibrated model too. Expected: the mean and the {level} range of {draws} "
        "draws of outcomes from the model's own probabilities."
    ]
    if evaluation.questions[0].cases.patients is not None:
        notes.append(f"Patients have several cases; the range has {INDEPENDENT}, and is narrower than it should be.")
    return Table(
        key="calibration-errors",
        caption="Calibration errors beside those of a perfectly calibrated model, test",
        columns=("Error", "Test", f"Expected if calibrated ({level} range)", "Reading"),
        rows=tuple(rows),
        text_columns=("Reading",),
        notes=tuple(notes),
    )


def _null_row(question: Question, name: str, evaluation: Evaluation) -> tuple[str, ...]:
    error, null = (evaluation.test_scores[Key(key, question.asked)] for key in (name, f"{name}_null"))
    label = DISTANCES[name] if len(evaluation.questions) == 1 else f"{question.name}: {DISTANCES[name]}"
    expected = NOTHING if null.value is None else f"{number(null.value)} ({interval(null)})"
    value = "not estimable" if error.value is None else number(error.value)
    return label, value, expected, reading(error, null)


def _recalibration_blocks(evaluation: Evaluation) -> list[Block]:
    if VAL not in evaluation.scores:
        return [Paragraph("There are no validation cases, so nothing can be recalibrated without looking at test.")]
    effects = recalibration_effects(evaluation.predictions, evaluation.settings)
    names = _shown(evaluation)
    has_several = len({effect.about for effect in effects}) > 1
    return [
        Table(
            key="recalibration",
            caption=f"What recalibration would do, test ({evaluation.confidence})",
            columns=("Probabilities", "Fitted on validation", *(EFFECT_LABELS[name] for name in names)),
            rows=tuple(_effect_row(effect, names, has_several=has_several) for effect in effects),
            text_columns=("Fitted on validation",),
            notes=_effect_notes(effects, names),
        )
    ]


def _shown(evaluation: Evaluation) -> Sequence[str]:
    if evaluation.task == Task.MULTICLASS:
        return CLASS_EFFECTS
    return EFFECTS if len(evaluation.questions) == 1 else COMPACT_EFFECTS


def _effect_row(effect: RecalibrationEffect, names: Sequence[str], *, has_several: bool) -> tuple[str, ...]:
    label = f"{effect.about}: {effect.recalibrator}" if has_several else effect.recalibrator
    return label, effect.fit or NOTHING, *(_effect_cell(effect.metrics[name]) for name in names)


def _effect_cell(estimate: Estimate) -> str:
    if estimate.reason in SAID_ELSEWHERE:
        return NOTHING
    if estimate.value is None or estimate.ci_low is not None:
        return value_cell(estimate)
    return number(estimate.value)


def _effect_notes(effects: Sequence[RecalibrationEffect], names: Sequence[str]) -> tuple[str, ...]:
    reasons = {
        f"{EFFECT_LABELS[name]}, {effect.recalibrator}: {effect.metrics[name].reason}.": None
        for effect in effects
        for name in names
        if effect.metrics[name].value is None and effect.metrics[name].reason not in SAID_ELSEWHERE
    }
    note = (
        "Fitted on the validation cases and applied to the test cases, which fit nothing. The run itself is unchanged."
    )
    of_called = () if "calibration_slope" in names else ("ECE of the called class.",)
    return (note, *of_called, *reasons)

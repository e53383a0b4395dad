"""The thresholds that a predictions file carries: how they are chosen, written, and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reprodx.errors import MetricError, UndefinedMetricError
from reprodx.metrics.referable import referable_cases, referable_classes
from reprodx.metrics.scored_cases import NO_THRESHOLD, ScoredCases
from reprodx.schemas import TEST, VAL, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.threshold import ThresholdRule

THRESHOLD, THRESHOLDS = "threshold", "thresholds"
"""Keys of the metadata: of `{"value": ..., "rule": ..., "chosen_on": ...}`, and of one such entry a label."""


@dataclass(frozen=True)
class ChosenThreshold:
    """At or above it a case is called positive, and where it comes from; or why there is none."""

    value: float | None
    rule: str | None
    """In words; None where the file says nothing."""
    chosen_on: str | None
    """The split whose cases chose it."""
    reason: str | None
    """Why there is no value; None where there is one."""

    @classmethod
    def of(cls, entry: Mapping[str, Any] | None) -> ChosenThreshold:
        """Return what an entry of the metadata says.

        Args:
            entry: `value`, `rule` and `chosen_on`, without a value `reason`; None where the file has no entry.

        Returns:
            The threshold.

        Raises:
            MetricError: If it was chosen on the test split: what is chosen there cannot be judged there.
        """
        if entry is None:
            return cls(None, None, None, NO_THRESHOLD)
        if entry["chosen_on"] == TEST:
            raise MetricError("the threshold was chosen on the test split: choose it on the validation split or fix it")
        value = None if entry["value"] is None else float(entry["value"])
        reason = entry.get("reason", NO_THRESHOLD) if value is None else None
        return cls(value, entry["rule"], entry["chosen_on"], reason)


def choose_thresholds(rule: ThresholdRule, validation: Predictions, ordinal_cut: int) -> dict[str, Any]:
    """Return the entries of the metadata for the thresholds that a rule chooses.

    Args:
        rule: How a threshold is chosen.
        validation: Predictions of the validation split.
        ordinal_cut: Position of the first referable grade, from 0; of ordinal tasks alone.

    Returns:
        `threshold` in a binary task, and in an ordinal one with the referable grades as `positive`; `thresholds` by
        label in a multi-label task; nothing with several classes. Grades and labels that the validation cases cannot
        choose for have a reason in the place of a value.

    Raises:
        UndefinedMetricError: If the rule needs both classes and a binary task's validation cases are of one.
        ConfigError: If the cut does not leave a grade on both sides.
    """
    cases = ScoredCases.of(validation)
    if validation.task == Task.BINARY:
        value = rule.choose(cases.is_positive, cases.positive_probs)
        return {THRESHOLD: {"value": value, "rule": rule.describe(), "chosen_on": VAL}}
    if validation.task == Task.ORDINAL:
        graded = referable_cases(cases, ordinal_cut)
        return {THRESHOLD: {**_entry(rule, graded), "positive": graded.classes[1]}}
    if validation.task == Task.MULTILABEL:
        return {THRESHOLDS: {name: _entry(rule, cases.about(place)) for place, name in enumerate(cases.classes)}}
    return {}


def threshold_of_grades(predictions: Predictions, ordinal_cut: int) -> ChosenThreshold:
    """Return the threshold for referable grades, if it was chosen for the same grades.

    Args:
        predictions: Of an ordinal task.
        ordinal_cut: Position of the first referable grade, from 0.

    Returns:
        The threshold.

    Raises:
        MetricError: If it was chosen on the test split.
        ConfigError: If the cut does not leave a grade on both sides.
    """
    entry = predictions.metadata.get(THRESHOLD)
    positive = referable_classes(predictions.classes, ordinal_cut)[1]
    if entry is not None and entry.get("positive", positive) != positive:
        return ChosenThreshold(None, None, None, f"the threshold was chosen for {entry['positive']}")
    return ChosenThreshold.of(entry)


def _entry(rule: ThresholdRule, cases: ScoredCases) -> dict[str, Any]:
    entry = {"value": None, "rule": rule.describe(), "chosen_on": VAL}
    try:
        return {**entry, "value": rule.choose(cases.is_positive, cases.positive_probs)}
    except UndefinedMetricError as error:
        return {**entry, "reason": str(error)}

"""The metrics that models are compared by, in each task."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from reprodx.comparison.result import ComparedMetric
from reprodx.errors import ConfigError
from reprodx.metrics.referable import REFERABLE
from reprodx.schemas import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from reprodx.comparison.compared_cases import ComparedCases
    from reprodx.comparison.settings import ComparisonSettings

USUAL_THRESHOLD = 0.5
"""At which net benefit is compared where nobody chose a threshold."""


class _Entry(NamedTuple):
    label: str
    is_higher_better: bool | None


BINARY = {
    "auroc": _Entry("AUROC", True),
    "average_precision": _Entry("Average precision", True),
    "brier": _Entry("Brier score", False),
    "scaled_brier": _Entry("Scaled Brier score", True),
    "calibration_slope": _Entry("Calibration slope", None),
    "calibration_in_the_large": _Entry("Calibration-in-the-large", None),
    "net_benefit": _Entry("Net benefit", True),
    "sensitivity": _Entry("Sensitivity", True),
    "specificity": _Entry("Specificity", True),
    "accuracy": _Entry("Accuracy", True),
    "balanced_accuracy": _Entry("Balanced accuracy", True),
    "kappa": _Entry("Cohen's kappa", True),
}
MULTICLASS = {
    "auroc": _Entry("AUROC, macro one-vs-rest", True),
    "brier": _Entry("Brier score", False),
    "accuracy": _Entry("Accuracy", True),
    "kappa": _Entry("Cohen's kappa", True),
}
ORDINAL = {
    "auroc": _Entry("AUROC, macro one-vs-rest", True),
    "kappa": _Entry("Quadratic weighted kappa", True),
    "mae": _Entry("Mean absolute error, grades", False),
    "within_1": _Entry("Within one grade", True),
    "accuracy": _Entry("Accuracy", True),
    "brier": _Entry("Brier score", False),
    **{f"{name}_{REFERABLE}": _Entry(f"{label}, {REFERABLE}", better) for name, (label, better) in BINARY.items()},
}
MULTILABEL = {
    "auroc": _Entry("AUROC, macro", True),
    "auroc_micro": _Entry("AUROC, micro", True),
    "average_precision_macro": _Entry("Average precision, macro", True),
    "brier": _Entry("Brier score", False),
}
_ENTRIES = {Task.BINARY: BINARY, Task.MULTICLASS: MULTICLASS, Task.ORDINAL: ORDINAL, Task.MULTILABEL: MULTILABEL}
_IDEALS = {"calibration_slope": 1.0, "calibration_in_the_large": 0.0}
"""Of the metrics of which neither more nor less is better."""


def compared_metrics(cases: ComparedCases, settings: ComparisonSettings) -> tuple[ComparedMetric, ...]:
    """Return what models are compared by on these cases, the primary metric first.

    Args:
        cases: Of one task.
        settings: The primary metric, and the threshold of net benefit.

    Returns:
        Every metric of the task, with what it was taken at.

    Raises:
        ConfigError: If the task has no metric of the primary one's name, or the threshold is not a probability.
    """
    primary = metric_named(settings.metric, cases.task, cases.classes)
    names = [primary.name, *(name for name in _entries(cases.task, cases.classes) if name != primary.name)]
    detail = _threshold_in_words(cases, settings)
    return tuple(
        ComparedMetric(one.name, one.label, one.is_higher_better, detail if "net_benefit" in one.name else "")
        for one in (metric_named(name, cases.task, cases.classes) for name in names)
    )


def metric_named(name: str, task: Task, classes: Sequence[str]) -> ComparedMetric:
    """Return a metric by its name.

    Args:
        name: As in `metrics.json`.
        task: What is predicted.
        classes: Names of classes or labels; labels have a metric each.

    Returns:
        The metric.

    Raises:
        ConfigError: If the task has no metric of that name.

    >>> metric_named("mae", Task.ORDINAL, ["none", "mild", "severe"]).is_higher_better
    False
    """
    entries = _entries(task, classes)
    if name not in entries:
        raise ConfigError(
            f"metric {name!r} is not compared where the task is {task}: choose one of {', '.join(entries)}"
        )
    return ComparedMetric(name, *entries[name])


def decision_threshold(cases: ComparedCases, settings: ComparisonSettings) -> float:
    """Return the probability at which the net benefit of all contenders is compared.

    Args:
        cases: With the reference first.
        settings: May state the threshold.

    Returns:
        What the settings state, else the reference's threshold (the mean over its runs), else 0.5; in (0, 1).

    Raises:
        ConfigError: If the settings state one that is not between 0 and 1.
    """
    stated = settings.decision_threshold
    if stated is not None:
        if not 0 < stated < 1:
            raise ConfigError(f"evaluation.decision_threshold: {stated:g} is no threshold: give one between 0 and 1")
        return stated
    chosen = _reference_thresholds(cases)
    return math.fsum(chosen) / len(chosen) if chosen else USUAL_THRESHOLD


def merit(metric: ComparedMetric, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers that are the higher the better, whatever the metric's direction.

    Args:
        metric: A metric of `compared_metrics`.
        values: Of the metric, any shape.

    Returns:
        The same shape; where neither more nor less is better, the negative distance from the ideal.

    >>> slope = metric_named("calibration_slope", Task.BINARY, ["no", "yes"])
    >>> merit(slope, np.array([0.5, 1.0, 1.25])).tolist()
    [-0.5, -0.0, -0.25]
    """
    if metric.is_higher_better is None:
        return -np.abs(values - _IDEALS[metric.name.removesuffix(f"_{REFERABLE}")])
    return values if metric.is_higher_better else -values


def _entries(task: Task, classes: Sequence[str]) -> dict[str, _Entry]:
    """Return the metrics of a task; with several classes or labels, the AUROC of each against the rest comes last."""
    entries = _ENTRIES[task]
    if task == Task.BINARY:
        return entries
    rest = "" if task == Task.MULTILABEL else " against the rest"
    of_each = {f"auroc_{name}": _Entry(f"AUROC, {name}{rest}", True) for name in classes}
    return {**entries, **{name: entry for name, entry in of_each.items() if name not in entries}}


def _reference_thresholds(cases: ComparedCases) -> list[float]:
    if cases.task not in (Task.BINARY, Task.ORDINAL):
        return []
    found = [one for member in cases.contenders[0].members for one in member.thresholds]
    return [one for one in found if one is not None and 0 < one < 1]


def _threshold_in_words(cases: ComparedCases, settings: ComparisonSettings) -> str:
    words = f"at probability {decision_threshold(cases, settings):.2f}"
    if settings.decision_threshold is not None:
        return words
    chosen = set(_reference_thresholds(cases))
    if not chosen:
        return words
    return f"{words}, {'the threshold' if len(chosen) == 1 else 'the mean threshold'} of the reference"

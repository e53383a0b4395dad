"""Performance by site and subgroup, and "too few" instead of a number that says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.auroc import auroc
from reprodx.metrics.binary import score_calls
from reprodx.metrics.chosen_threshold import NO_THRESHOLD
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.labelled_cases import LabelledCases
from reprodx.metrics.multiclass_auroc import macro_auroc
from reprodx.metrics.multilabel import macro_auroc as macro_label_auroc
from reprodx.metrics.ordinal import score_ordinal
from reprodx.metrics.proportions import multiclass_accuracy
from reprodx.metrics.questions import questions
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import GROUP_PREFIX, SITE, Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    from numpy.typing import NDArray

    from reprodx.metrics.questions import Question
    from reprodx.metrics.settings import ScoreSettings

GROUP_METRICS = {
    Task.BINARY: ("auroc", "sensitivity", "specificity"),
    Task.MULTICLASS: ("auroc", "accuracy"),
    Task.ORDINAL: ("kappa", "accuracy", "within_1"),
    Task.MULTILABEL: ("auroc",),
}
"""What is shown of each group, by task; with several classes or labels the macro AUROC."""
MISSING = "(missing)"
"""The name of the group of cases for which the grouping column is empty."""


class GroupMinima(Protocol):
    """From how many cases on a group has numbers, whatever else a setting says."""

    @property
    def min_group_size(self) -> int:
        """Cases."""

    @property
    def min_group_events(self) -> int:
        """Cases of each class."""


@dataclass(frozen=True)
class GroupScore:
    """Performance among the cases that share a value of a grouping column."""

    column: str
    """`site` or a `group_*` column."""
    group: str
    """The shared value."""
    n: int
    n_events: int | None
    """Positive or referable cases; None with several classes or labels."""
    metrics: dict[str, Estimate]
    """By name: `GROUP_METRICS` of the task."""


def score_by_group(predictions: Predictions, settings: ScoreSettings) -> list[GroupScore]:
    """Return a row for each value of `site` and of each `group_*` column that is not empty, in the columns' order.

    Args:
        predictions: Of one split.
        settings: How intervals are made, and from how many cases on.

    Returns:
        The rows, sites first, groups in alphabetical order with the missing ones last.
    """
    return [
        _score_group(column, group, Predictions(predictions.table[rows], predictions.metadata), settings)
        for column, group, rows in grouped_rows(predictions.table)
    ]


def grouped_rows(table: pl.DataFrame) -> list[tuple[str, str, NDArray[np.int64]]]:
    """Return which cases share a value of a grouping column.

    Args:
        table: Of cases, with `site` and `group_*` columns or without.

    Returns:
        Column, group and row numbers, in the order of `score_by_group`.
    """
    return [(column, name, rows) for column in _grouping_columns(table) for name, rows in _rows_by_value(table[column])]


def _grouping_columns(table: pl.DataFrame) -> list[str]:
    columns = [column for column in table.columns if column.startswith(GROUP_PREFIX)]
    if SITE in table.columns:
        columns.insert(0, SITE)
    return [column for column in columns if table[column].null_count() < table.height]


def _rows_by_value(values: pl.Series) -> Iterator[tuple[str, NDArray[np.int64]]]:
    for value in values.unique().sort(nulls_last=True):
        rows = (values.is_null() if value is None else values == value).arg_true()
        yield MISSING if value is None else str(value), rows.to_numpy().astype(np.int64)


def _score_group(column: str, group: str, predictions: Predictions, settings: ScoreSettings) -> GroupScore:
    task, n = predictions.task, predictions.table.height
    asked = questions(predictions, settings.ordinal_cut)
    n_events = int(asked[0].cases.is_positive.sum()) if task in (Task.BINARY, Task.ORDINAL) else None
    if reason := too_few((one.cases.targets for one in asked), settings):
        scores = dict.fromkeys(GROUP_METRICS[task], Estimate.undefined(reason, n=n, n_events=n_events))
    else:
        scores = _score(predictions, asked[0], settings)
    return GroupScore(column, group, n, n_events, scores)


def _score(predictions: Predictions, question: Question, settings: ScoreSettings) -> dict[str, Estimate]:
    if predictions.task == Task.MULTILABEL:
        return {"auroc": macro_label_auroc(LabelledCases.of(predictions), settings)}
    if predictions.task == Task.BINARY:
        return _score_binary(question, settings)
    cases = ScoredCases.of(predictions)
    table = ConfusionTable.of(cases, None, settings.bootstrap)
    accuracy = multiclass_accuracy(table, interval=settings.proportion_interval)
    if predictions.task == Task.ORDINAL:
        graded = score_ordinal(cases, settings)
        return {"kappa": graded["kappa"], "accuracy": accuracy, "within_1": graded["within_1"]}
    area = macro_auroc(cases.targets, cases.probs, bootstrap=settings.bootstrap, patients=cases.patients)
    return {"auroc": area, "accuracy": accuracy}


def _score_binary(question: Question, settings: ScoreSettings) -> dict[str, Estimate]:
    cases, threshold, level = question.cases, question.threshold, settings.confidence_level
    area = auroc(cases.is_positive, cases.positive_probs, confidence_level=level, patients=cases.patients)
    calls = score_calls(cases, threshold.value, settings, threshold.reason or NO_THRESHOLD)
    return {"auroc": area, "sensitivity": calls["sensitivity"], "specificity": calls["specificity"]}


def too_few(answers: Iterable[NDArray[np.int64]], settings: GroupMinima) -> str | None:
    """Return why a group is too small for a number: each answer to each question must have its cases.

    Args:
        answers: To each of the task's yes-or-no questions: shape (cases,), 0 or 1.
        settings: The minima.

    Returns:
        None where the group is large enough.
    """
    counts = [np.bincount(one, minlength=2) for one in answers]
    n, fewest = int(counts[0].sum()), int(np.min(counts))
    if n >= settings.min_group_size and fewest >= settings.min_group_events:
        return None
    minimum = f"minimum {settings.min_group_size} and {settings.min_group_events}"
    return f"too few: {n} cases, {fewest} of the rarest class ({minimum})"

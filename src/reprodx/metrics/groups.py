"""Performance by site and subgroup, and "too few" instead of a number that says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.asked import Asked, main_view
from reprodx.metrics.catalogue import metrics_in
from reprodx.metrics.estimation import estimate
from reprodx.metrics.measured import measured
from reprodx.metrics.questions import asked_of, questions
from reprodx.schemas import CASE_ID, GROUP_PREFIX, SITE, Estimate, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl
    from numpy.typing import NDArray

    from reprodx.metrics.metric import Metric
    from reprodx.metrics.scored_cases import ScoredCases
    from reprodx.metrics.settings import ScoreSettings

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
    """By name: `group_metrics` of the task."""


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


def group_metrics(task: Task) -> list[Metric]:
    """Return what is shown of each group: of the task's only question, or of all classes or labels together."""
    view = main_view(task)
    return [metric for metric in metrics_in(view) if view in metric.group_in]


def grouped_cases(predictions: Predictions, settings: ScoreSettings) -> GroupedCases:
    """Return the cases that group metrics are taken of, with the groups.

    Args:
        predictions: Of one split.
        settings: Position of the first referable grade.

    Returns:
        In the order of case ids.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    ordered = Predictions(predictions.table.sort(CASE_ID), predictions.metadata)
    return GroupedCases(
        cases=asked_of(ordered, settings.ordinal_cut)[Asked(main_view(predictions.task))],
        answers=np.stack([one.cases.targets for one in questions(ordered, settings.ordinal_cut)]),
        groups=grouped_rows(ordered.table),
        metrics=group_metrics(predictions.task),
    )


@dataclass(frozen=True)
class GroupedCases:
    """Cases of one split, the groups that they fall in, and what is shown of each."""

    cases: ScoredCases
    answers: NDArray[np.int64]
    """Shape (questions, cases), 0 or 1: what is true of each yes-or-no question of the task."""
    groups: list[tuple[str, str, NDArray[np.int64]]]
    """Column, group and rows, see `grouped_rows`."""
    metrics: list[Metric]


def _score_group(column: str, group: str, predictions: Predictions, settings: ScoreSettings) -> GroupScore:
    of_group = grouped_cases(predictions, settings)
    has_events = predictions.task in (Task.BINARY, Task.ORDINAL)
    n, n_events = predictions.table.height, int(of_group.answers[0].sum()) if has_events else None
    metrics, view = of_group.metrics, main_view(predictions.task)
    if reason := too_few(of_group.answers, settings):
        undefined = Estimate.undefined(reason, n=n, n_events=n_events)
        return GroupScore(column, group, n, n_events, {metric.name: undefined for metric in metrics})
    found = {one.name: estimate(measured(one, view, [of_group.cases], settings), settings) for one in metrics}
    return GroupScore(column, group, n, n_events, found)


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

"""Performance by site and subgroup, and "too few" instead of a number that says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import Predictions
from reprodx.metrics.auroc import auroc
from reprodx.metrics.binary import score_calls
from reprodx.metrics.confusion import ConfusionTable
from reprodx.metrics.multiclass_auroc import macro_auroc
from reprodx.metrics.proportions import multiclass_accuracy
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import GROUP_PREFIX, SITE, Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.metrics.settings import ScoreSettings

BINARY_METRICS = ("auroc", "sensitivity", "specificity")
MULTICLASS_METRICS = ("auroc", "accuracy")
MISSING = "(missing)"
"""The name of the group of cases for which the grouping column is empty."""


@dataclass(frozen=True)
class GroupScore:
    """Performance among the cases that share a value of a grouping column."""

    column: str
    """`site` or a `group_*` column."""
    group: str
    """The shared value."""
    n: int
    n_events: int | None
    """Positive cases; None with more than two classes."""
    metrics: dict[str, Estimate]
    """By name: `BINARY_METRICS`, or `MULTICLASS_METRICS` with the macro AUROC."""


def score_by_group(predictions: Predictions, threshold: float | None, settings: ScoreSettings) -> list[GroupScore]:
    """Return a row for each value of `site` and of each `group_*` column that is not empty, in the columns' order.

    Args:
        predictions: Of one split.
        threshold: At or above it a case is called positive; None where none was chosen or there are several classes.
        settings: How intervals are made, and from how many cases on.

    Returns:
        The rows, sites first, groups in alphabetical order with the missing ones last.
    """
    return [
        _score_group(column, group, Predictions(table, predictions.metadata), threshold, settings)
        for column in _grouping_columns(predictions.table)
        for group, table in _groups(predictions.table, column)
    ]


def _grouping_columns(table: pl.DataFrame) -> list[str]:
    columns = [column for column in table.columns if column.startswith(GROUP_PREFIX)]
    if SITE in table.columns:
        columns.insert(0, SITE)
    return [column for column in columns if table[column].null_count() < table.height]


def _groups(table: pl.DataFrame, column: str) -> Iterator[tuple[str, pl.DataFrame]]:
    for value in table[column].unique().sort(nulls_last=True):
        name = MISSING if value is None else str(value)
        yield name, table.filter(pl.col(column).eq_missing(pl.lit(value)))


def _score_group(
    column: str, group: str, predictions: Predictions, threshold: float | None, settings: ScoreSettings
) -> GroupScore:
    cases = ScoredCases.of(predictions)
    n = cases.targets.size
    is_binary = len(cases.classes) == 2
    n_events = int(cases.is_positive.sum()) if is_binary else None
    if reason := _too_few(cases, settings):
        names = BINARY_METRICS if is_binary else MULTICLASS_METRICS
        scores = dict.fromkeys(names, Estimate.undefined(reason, n=n, n_events=n_events))
    else:
        scores = _score_binary(cases, threshold, settings) if is_binary else _score_multiclass(cases, settings)
    return GroupScore(column, group, n, n_events, scores)


def _score_binary(cases: ScoredCases, threshold: float | None, settings: ScoreSettings) -> dict[str, Estimate]:
    level = settings.confidence_level
    area = auroc(cases.is_positive, cases.positive_probs, confidence_level=level, patients=cases.patients)
    calls = score_calls(cases, threshold, settings)
    return {"auroc": area, "sensitivity": calls["sensitivity"], "specificity": calls["specificity"]}


def _score_multiclass(cases: ScoredCases, settings: ScoreSettings) -> dict[str, Estimate]:
    table = ConfusionTable.of(cases, None, settings.bootstrap)
    return {
        "auroc": macro_auroc(cases.targets, cases.probs, bootstrap=settings.bootstrap, patients=cases.patients),
        "accuracy": multiclass_accuracy(table, interval=settings.proportion_interval),
    }


def _too_few(cases: ScoredCases, settings: ScoreSettings) -> str | None:
    n = cases.targets.size
    fewest = int(np.bincount(cases.targets, minlength=len(cases.classes)).min())
    if n >= settings.min_group_size and fewest >= settings.min_group_events:
        return None
    minimum = f"minimum {settings.min_group_size} and {settings.min_group_events}"
    return f"too few: {n} cases, {fewest} of the rarest class ({minimum})"

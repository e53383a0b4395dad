"""The one way in: from a predictions file to every number of a report."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import scored_splits
from reprodx.metrics.asked import Asked, Key, main_view
from reprodx.metrics.catalogue import metrics_in
from reprodx.metrics.estimation import estimate
from reprodx.metrics.groups import GroupScore, score_by_group
from reprodx.metrics.measured import measured
from reprodx.metrics.metric import Need
from reprodx.metrics.questions import asked_of, questions
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.settings import ScoreSettings
from reprodx.metrics.transport_gap import has_new_test_sites, transport_gap
from reprodx.schemas import TEST, VAL, Estimate, Task

if TYPE_CHECKING:
    from reprodx.artifacts.predictions import Predictions
    from reprodx.metrics.metric import Metric

__all__ = ["GroupScore", "ScoreSettings", "confusion_matrix", "score", "score_groups"]

logger = logging.getLogger(__name__)

TRANSPORT_GAP = "auroc_transport_gap"
"""Of two splits, and so no metric of one."""


def score(predictions: Predictions, settings: ScoreSettings) -> dict[str, dict[Key, Estimate]]:
    """Return every metric of every split that the file holds.

    Args:
        predictions: Of the validation and test splits.
        settings: How intervals are made.

    Returns:
        Estimates by split, metric and what is asked, in the order of tables. `auroc` is there in every task. Patients
        with several cases are recognised and their metrics clustered, which `method` says. Where the test sites are new
        to the model, the test split also has `TRANSPORT_GAP`.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    scores = {}
    for split in scored_splits(predictions):
        part = predictions.of(split)
        logger.info("scoring %d cases of the %s split", part.table.height, split)
        scores[split] = _score_split(part, split, settings)
    if VAL in scores and TEST in scores and has_new_test_sites(predictions):
        area = Key("auroc", Asked(main_view(predictions.task)))
        gap = Key(TRANSPORT_GAP, area.asked)
        scores[TEST][gap] = transport_gap(scores[VAL][area], scores[TEST][area])
    return scores


def score_groups(predictions: Predictions, settings: ScoreSettings) -> list[GroupScore]:
    """Return performance on the test split by site and by every `group_*` column.

    Args:
        predictions: Of the validation and test splits.
        settings: How intervals are made, and from how many cases on a number is shown.

    Returns:
        A row for each group; none without a test split.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    return score_by_group(predictions.of(TEST), settings)


def confusion_matrix(predictions: Predictions) -> pl.DataFrame:
    """Return the counts of true against called classes.

    Args:
        predictions: Of one split or several.

    Returns:
        Columns `split`, `true_class`, `called_class`, `num_cases`, a row for each pair of classes, zeros included. In a
        multi-label task the pairs of each label with a threshold: the label and "no" with its name. No rows in a
        binary task without a threshold.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
    """
    rows = [
        (split, *pair, count)
        for split in scored_splits(predictions)
        for cases in _called(predictions.of(split))
        for pair, count in _pairs(cases)
    ]
    schema = {"split": pl.String, "true_class": pl.String, "called_class": pl.String, "num_cases": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _score_split(predictions: Predictions, split: str, settings: ScoreSettings) -> dict[Key, Estimate]:
    asked = asked_of(predictions, settings.ordinal_cut)
    chosen_here = {
        one.asked for one in questions(predictions, settings.ordinal_cut) if one.threshold.chosen_on == split
    }
    scores: dict[Key, Estimate] = {}
    for one, cases in asked.items():
        for metric in metrics_in(one.view):
            if metric.is_asked_for(settings):
                found = estimate(measured(metric, one.view, [cases], settings), settings)
                scores |= _keyed(metric, one, _flattered(found, metric) if one in chosen_here else found)
    return scores


def _keyed(metric: Metric, asked: Asked, found: Estimate) -> dict[Key, Estimate]:
    """Return an estimate under every name of the metric."""
    names = [metric.name, *([metric.aliases[asked.view]] if asked.view in metric.aliases else [])]
    return {Key(name, asked): found for name in names}


def _flattered(found: Estimate, metric: Metric) -> Estimate:
    """Return an estimate that says so where a threshold chosen on the same cases flatters it."""
    if Need.CALLS not in metric.needs or found.value is None:
        return found
    return dataclasses.replace(found, method=f"{found.method}; threshold chosen on these cases")


def _called(predictions: Predictions) -> list[ScoredCases]:
    """Return the cases that classes are called of."""
    if predictions.task in (Task.BINARY, Task.MULTILABEL):
        return [one.cases for one in questions(predictions, 0) if one.cases.calls is not None]
    return [ScoredCases.of(predictions)]


def _pairs(cases: ScoredCases) -> list[tuple[tuple[str, str], int]]:
    assert cases.calls is not None, "what is called nothing was left out"
    num_classes = len(cases.classes)
    counts = np.bincount(cases.targets * num_classes + cases.calls, minlength=num_classes**2).tolist()
    pairs = [(true, called) for true in cases.classes for called in cases.classes]
    return list(zip(pairs, counts, strict=True))

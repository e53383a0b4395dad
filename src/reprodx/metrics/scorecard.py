"""The one way in: from a predictions file to every number of a report."""

from __future__ import annotations

import dataclasses
import logging

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import Predictions, scored_splits
from reprodx.metrics.binary import PREVALENCE_METRICS, THRESHOLD_METRICS, score_binary
from reprodx.metrics.chosen_threshold import NO_THRESHOLD
from reprodx.metrics.groups import GroupScore, score_by_group
from reprodx.metrics.labelled_cases import LabelledCases
from reprodx.metrics.multiclass import score_multiclass
from reprodx.metrics.multilabel import score_labels
from reprodx.metrics.ordinal import score_ordinal
from reprodx.metrics.questions import Question, questions
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.settings import ScoreSettings
from reprodx.metrics.transport_gap import has_new_test_sites, transport_gap
from reprodx.schemas import TEST, VAL, Estimate, Task

__all__ = ["GroupScore", "ScoreSettings", "confusion_matrix", "score", "score_groups"]

logger = logging.getLogger(__name__)


def score(predictions: Predictions, settings: ScoreSettings) -> dict[str, dict[str, Estimate]]:
    """Return every metric of every split that the file holds.

    Args:
        predictions: Of the validation and test splits.
        settings: How intervals are made.

    Returns:
        Estimates by split and by the metric's name; what is about one class or label ends in its name, and what is
        about referable grades in `_referable`. `auroc` is there in every task. Patients with several cases are
        recognised and their metrics clustered, which `method` says. Where the test sites are new to the model, the
        test split also has `auroc_transport_gap`.

    Raises:
        MetricError: If a threshold was chosen on the test split, or a probability is not a number.
        ConfigError: If `ordinal_cut` does not leave a grade on both sides.
    """
    scores = {}
    for split in scored_splits(predictions):
        part = predictions.of(split)
        logger.info("scoring %d cases of the %s split", part.table.height, split)
        scores[split] = _score_together(part, settings)
        if part.task != Task.MULTICLASS:
            asked = questions(part, settings.ordinal_cut)
            for question in asked:
                scores[split] |= _score_question(question, split, settings.of_questions(len(asked)))
    if VAL in scores and TEST in scores and has_new_test_sites(predictions):
        scores[TEST]["auroc_transport_gap"] = transport_gap(scores[VAL]["auroc"], scores[TEST]["auroc"])
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
        for cases, threshold in _called(predictions.of(split))
        for pair, count in _pairs(cases, threshold)
    ]
    schema = {"split": pl.String, "true_class": pl.String, "called_class": pl.String, "num_cases": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _score_together(predictions: Predictions, settings: ScoreSettings) -> dict[str, Estimate]:
    """Return the metrics of all classes or labels together; none in a binary task."""
    if predictions.task == Task.BINARY:
        return {}
    if predictions.task == Task.MULTILABEL:
        return score_labels(LabelledCases.of(predictions), settings)
    cases = ScoredCases.of(predictions)
    graded = score_ordinal(cases, settings) if predictions.task == Task.ORDINAL else {}
    return {**graded, **score_multiclass(cases, settings)}


def _score_question(question: Question, split: str, settings: ScoreSettings) -> dict[str, Estimate]:
    """Return the metrics of a question, those that are flattered by a threshold chosen on the same cases saying so."""
    threshold = question.threshold
    scores = score_binary(question.cases, threshold.value, settings, no_threshold=threshold.reason or NO_THRESHOLD)
    if threshold.chosen_on == split:
        for name in (*THRESHOLD_METRICS, *PREVALENCE_METRICS):
            if name in scores and scores[name].value is not None:
                method = f"{scores[name].method}; threshold chosen on these cases"
                scores[name] = dataclasses.replace(scores[name], method=method)
    return {name + question.suffix: estimate for name, estimate in scores.items()}


def _called(predictions: Predictions) -> list[tuple[ScoredCases, float | None]]:
    """Return the cases that classes are called of, each with its threshold; None calls the most probable class."""
    if predictions.task in (Task.BINARY, Task.MULTILABEL):
        asked = questions(predictions, 0)
        return [(one.cases, one.threshold.value) for one in asked if one.threshold.value is not None]
    return [(ScoredCases.of(predictions), None)]


def _pairs(cases: ScoredCases, threshold: float | None) -> list[tuple[tuple[str, str], int]]:
    num_classes = len(cases.classes)
    cells = cases.targets * num_classes + cases.called(threshold)
    counts = np.bincount(cells, minlength=num_classes**2).tolist()
    pairs = [(true, called) for true in cases.classes for called in cases.classes]
    return list(zip(pairs, counts, strict=True))

"""The one way in: from a predictions file to every number of a report."""

from __future__ import annotations

import dataclasses
import logging

import numpy as np
import polars as pl

from reprodx.artifacts.predictions import Predictions, scored_splits
from reprodx.errors import MetricError
from reprodx.metrics.binary import THRESHOLD_METRICS, score_binary
from reprodx.metrics.groups import GroupScore, score_by_group
from reprodx.metrics.multiclass import score_multiclass
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.metrics.settings import ScoreSettings
from reprodx.metrics.transport_gap import has_new_test_sites, transport_gap
from reprodx.schemas import TEST, VAL, Estimate

__all__ = ["GroupScore", "ScoreSettings", "confusion_matrix", "score", "score_groups", "threshold_of"]

logger = logging.getLogger(__name__)

THRESHOLD = "threshold"
"""The key of the metadata that holds `{"value": ..., "rule": ..., "chosen_on": ...}`."""


def score(predictions: Predictions, settings: ScoreSettings) -> dict[str, dict[str, Estimate]]:
    """Return every metric of every split that the file holds.

    Args:
        predictions: Of the validation and test splits.
        settings: How intervals are made.

    Returns:
        Estimates by split and by the metric's name. Patients with several cases are recognised and their metrics
        clustered, which `method` says. Where the test sites are new to the model, the test split also has
        `auroc_transport_gap`.

    Raises:
        MetricError: If the threshold was chosen on the test split, or a probability is not a number.
    """
    threshold = threshold_of(predictions)
    scores = {}
    for split in scored_splits(predictions):
        cases = ScoredCases.of(predictions.of(split))
        logger.info("scoring %d cases of the %s split", cases.targets.size, split)
        if len(cases.classes) == 2:
            scores[split] = _marked(score_binary(cases, threshold, settings), split, predictions)
        else:
            scores[split] = score_multiclass(cases, settings)
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
        MetricError: If the threshold was chosen on the test split, or a probability is not a number.
    """
    return score_by_group(predictions.of(TEST), threshold_of(predictions), settings)


def confusion_matrix(predictions: Predictions) -> pl.DataFrame:
    """Return the counts of true against called classes.

    Args:
        predictions: Of one split or several.

    Returns:
        Columns `split`, `true_class`, `called_class`, `num_cases`, a row for each pair of classes, zeros included;
        no rows in a binary task without a threshold.

    Raises:
        MetricError: If the threshold was chosen on the test split, or a probability is not a number.
    """
    threshold, classes = threshold_of(predictions), predictions.classes
    rows = []
    if threshold is not None or len(classes) > 2:
        for split in scored_splits(predictions):
            cases = ScoredCases.of(predictions.of(split))
            cells = cases.targets * len(classes) + cases.called(threshold)
            counts = np.bincount(cells, minlength=len(classes) ** 2).tolist()
            pairs = [(true, called) for true in classes for called in classes]
            rows += [(split, *pair, count) for pair, count in zip(pairs, counts, strict=True)]
    schema = {"split": pl.String, "true_class": pl.String, "called_class": pl.String, "num_cases": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def threshold_of(predictions: Predictions) -> float | None:
    """Return the threshold that the file carries; None where it has none or there are more than two classes.

    Args:
        predictions: A file's content.

    Returns:
        A case whose probability is at or above it is called positive.

    Raises:
        MetricError: If it was chosen on the test split: what is chosen there cannot be judged there.
    """
    threshold = predictions.metadata.get(THRESHOLD)
    if threshold is None or len(predictions.classes) > 2:
        return None
    if threshold["chosen_on"] == TEST:
        raise MetricError("the threshold was chosen on the test split: choose it on the validation split or fix it")
    return float(threshold["value"])


def _marked(scores: dict[str, Estimate], split: str, predictions: Predictions) -> dict[str, Estimate]:
    """Return the scores, those that are flattered by a threshold chosen on the same cases saying so."""
    threshold = predictions.metadata.get(THRESHOLD)
    if threshold is None or threshold["chosen_on"] != split:
        return scores
    marks = {
        name: dataclasses.replace(scores[name], method=f"{scores[name].method}; threshold chosen on these cases")
        for name in THRESHOLD_METRICS
        if scores[name].value is not None
    }
    return {**scores, **marks}

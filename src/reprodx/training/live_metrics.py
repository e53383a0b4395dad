"""The metrics of the curves that are watched while a model is fitted; reports are computed from predictions instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.training.scorer import probabilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRAIN_LOSS, VAL_LOSS, VAL_AUROC, VAL_ACCURACY, LEARNING_RATE = (
    "train/loss",
    "val/loss",
    "val/auroc",
    "val/accuracy",
    "lr",
)
VAL_METRICS = (VAL_LOSS, VAL_AUROC, VAL_ACCURACY)
"""What may choose an epoch, stop a training, or lower a learning rate: validation alone."""


def rank_metrics(logits: NDArray[np.float64], targets: NDArray[np.int64]) -> dict[str, float]:
    """Compute accuracy and AUROC; with several classes, the mean AUROC of each against the rest.

    Args:
        logits: Shape (cases, classes).
        targets: Shape (cases,), class numbers.

    Returns:
        Both by name; the AUROC is absent where a class has no cases.

    >>> rank_metrics(np.array([[0.0, -1.0], [0.0, 2.0], [0.0, 1.0]]), np.array([0, 1, 0]))
    {'val/accuracy': 0.6666666666666666, 'val/auroc': 1.0}
    """
    metrics = {VAL_ACCURACY: float((logits.argmax(axis=1) == targets).mean())}
    num_classes = logits.shape[1]
    if np.bincount(targets, minlength=num_classes).all():
        scores = [logits[:, 1]] if num_classes == 2 else probabilities(logits).T
        first = 1 if num_classes == 2 else 0
        areas = [auroc(score, targets == label) for label, score in enumerate(scores, start=first)]
        metrics[VAL_AUROC] = float(np.mean(areas))
    return metrics


def auroc(scores: NDArray[np.float64], is_positive: NDArray[np.bool_]) -> float:
    """Compute the area under the ROC curve: how often a positive case scores above a negative one, ties counted half.

    Source: Hanley and McNeil, Radiology 143, 1982.

    Args:
        scores: Shape (cases,).
        is_positive: Shape (cases,), with cases of both kinds.

    Returns:
        The area, in [0, 1].
    """
    positives, negatives = np.sort(scores[is_positive]), np.sort(scores[~is_positive])
    num_below = np.searchsorted(negatives, positives, side="left")
    num_not_above = np.searchsorted(negatives, positives, side="right")
    return float((num_below + num_not_above).mean() / 2 / len(negatives))

"""The metrics of the curves that are watched while a model is fitted; reports are computed from predictions instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reprodx.schemas import Task
from reprodx.training.links import probabilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

TRAIN_LOSS, VAL_LOSS, VAL_AUROC, VAL_ACCURACY, VAL_KAPPA, LEARNING_RATE = (
    "train/loss",
    "val/loss",
    "val/auroc",
    "val/accuracy",
    "val/kappa",
    "lr",
)
VAL_METRICS = (VAL_LOSS, VAL_AUROC, VAL_ACCURACY, VAL_KAPPA)
"""What may choose an epoch, stop a training, or lower a learning rate: validation alone."""


def rank_metrics(logits: NDArray[np.float64], targets: NDArray[np.int64], task: Task) -> dict[str, float]:
    """Compute accuracy and AUROC, and with grades the quadratic weighted kappa.

    Args:
        logits: Shape (cases, classes).
        targets: Shape (cases,), class numbers; in a multi-label task shape (cases, labels), 0 or 1.
        task: What is predicted.

    Returns:
        By name. With several classes the AUROC is the mean of each against the rest, absent where a class has no
        cases; with labels the mean over those that some cases have and some have not, and accuracy is the mean over
        labels at a probability of 0.5. The kappa is absent where all cases have, and are called, one grade.

    >>> logits = np.array([[0.0, -1.0], [0.0, 2.0], [0.0, 1.0]])
    >>> rank_metrics(logits, np.array([0, 1, 0]), Task.BINARY)
    {'val/accuracy': 0.6666666666666666, 'val/auroc': 1.0}
    """
    if task == Task.MULTILABEL:
        return _label_metrics(logits, targets == 1)
    called, num_classes = logits.argmax(axis=1), logits.shape[1]
    metrics = {VAL_ACCURACY: float((called == targets).mean())}
    if np.bincount(targets, minlength=num_classes).all():
        scores = [logits[:, 1]] if num_classes == 2 else probabilities(logits, task).T
        first = 1 if num_classes == 2 else 0
        areas = [auroc(score, targets == label) for label, score in enumerate(scores, start=first)]
        metrics[VAL_AUROC] = float(np.mean(areas))
    if task == Task.ORDINAL and np.unique(np.append(called, targets)).size > 1:
        metrics[VAL_KAPPA] = quadratic_kappa(called, targets)
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


def quadratic_kappa(called: NDArray[np.int64], targets: NDArray[np.int64]) -> float:
    """Compute the agreement of grades beyond chance, with squared distances.

    Source: Cohen, Psychol Bull 1968;70:213, in the form of means and variances (Fleiss & Cohen 1973, equation 6).

    Args:
        called: Shape (cases,), grades from 0.
        targets: Shape (cases,), not all equal to one grade that all are called.

    Returns:
        In [-1, 1]; 0 is what chance gives.
    """
    chance = called.var() + targets.var() + (called.mean() - targets.mean()) ** 2
    return float(1 - ((called - targets) ** 2).mean() / chance)


def _label_metrics(logits: NDArray[np.float64], is_present: NDArray[np.bool_]) -> dict[str, float]:
    metrics = {VAL_ACCURACY: float(((logits >= 0) == is_present).mean())}
    told = np.flatnonzero(is_present.any(axis=0) & ~is_present.all(axis=0))
    if told.size:
        metrics[VAL_AUROC] = float(np.mean([auroc(logits[:, label], is_present[:, label]) for label in told]))
    return metrics

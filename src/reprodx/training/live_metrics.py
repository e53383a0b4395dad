"""The metrics of the curves that are watched while a model is fitted; reports are computed from predictions instead."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from reprodx.metrics.asked import View, main_view
from reprodx.metrics.catalogue.auroc import AUROC
from reprodx.metrics.catalogue.kappa import KAPPA
from reprodx.metrics.scored_cases import ScoredCases
from reprodx.schemas import Task
from reprodx.training.links import probabilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from reprodx.metrics.metric import Metric

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
    cases = ScoredCases(targets, logits, None, tuple(map(str, range(num_classes))), task, called)
    if not cases.missing:
        metrics[VAL_AUROC] = _value(AUROC, main_view(task), _ranked(cases, logits))
    if task == Task.ORDINAL and np.unique(np.append(called, targets)).size > 1:
        metrics[VAL_KAPPA] = _value(KAPPA, View.GRADES, cases)
    return metrics


def _ranked(cases: ScoredCases, logits: NDArray[np.float64]) -> ScoredCases:
    """Return cases by what orders them: with several classes probabilities, since logits of cases have no common 0."""
    if cases.task == Task.BINARY:
        return cases
    return dataclasses.replace(cases, probs=probabilities(logits, cases.task))


def _value(metric: Metric, view: View, cases: ScoredCases) -> float:
    return metric.views[view](cases, None).of_all()


def _label_metrics(logits: NDArray[np.float64], is_present: NDArray[np.bool_]) -> dict[str, float]:
    metrics = {VAL_ACCURACY: float(((logits >= 0) == is_present).mean())}
    labels = [
        ScoredCases.yes_or_no(present, scores, None) for present, scores in zip(is_present.T, logits.T, strict=True)
    ]
    if areas := [_value(AUROC, View.LABEL, cases) for cases in labels if not cases.missing]:
        metrics[VAL_AUROC] = float(np.mean(areas))
    return metrics

"""Fitting an estimator: a model that fits itself, such as gradient-boosted trees."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_softmax

from reprodx.config import instantiate
from reprodx.schemas import Task
from reprodx.training.fitted import FitSummary, FittedModel
from reprodx.training.links import Link
from reprodx.training.live_metrics import VAL_LOSS, rank_metrics
from reprodx.training.model_folder import ESTIMATOR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from reprodx.config import Config
    from reprodx.training.cases import Cases

logger = logging.getLogger(__name__)


def fit_estimator(
    train: Cases, val: Cases, config: Config, *, task: Task, on_epoch: Callable[[int, Mapping[str, float]], None]
) -> FittedModel:
    """Fit an estimator; optimizer, scheduler, augmentation and trainer have no part in it.

    Args:
        train: The cases to fit.
        val: The cases that decide when to stop.
        config: Model and seed.
        task: What is predicted.
        on_epoch: Is given the number of each iteration, from 1, and its metrics, after the fit.

    Returns:
        The model, not yet written.
    """
    estimator = instantiate(config.model, "model")
    train_arrays = train.features.numpy(), train.targets.long().numpy()
    val_features, val_targets = val.features.numpy(), val.targets.long().numpy()
    logger.info("fitting %s on %d cases, validating on %d", config.model["name"], len(train), len(val))
    estimator.fit(*train_arrays, val_features, val_targets, seed=config.seed)
    metrics: dict[str, float] = {}
    for iteration, logits in enumerate(estimator.staged_logits(val_features), start=1):
        metrics = {VAL_LOSS: log_loss(logits, val_targets), **rank_metrics(logits, val_targets, task)}
        on_epoch(iteration, metrics)
    num = estimator.num_iterations
    logger.info("ran %d iterations (%s %.4g)", num, VAL_LOSS, metrics[VAL_LOSS])
    return FittedModel(
        summary=FitSummary(num, num, estimator.num_parameters, metrics),
        architecture=dict(config.model),
        link=Link.SIGMOID if task == Task.MULTILABEL else Link.SOFTMAX,
        write=lambda folder: estimator.save(folder / ESTIMATOR),
    )


def log_loss(logits: NDArray[np.float64], targets: NDArray[np.int64]) -> float:
    """Compute the mean negative log probability of the true class.

    Args:
        logits: Shape (cases, classes).
        targets: Shape (cases,), class numbers; in a multi-label task shape (cases, labels), 0 or 1.

    Returns:
        The loss in nats, at least 0; with labels the mean over them too.
    """
    if targets.ndim > 1:
        return float(np.logaddexp(0, np.where(targets == 1, -logits, logits)).mean())
    log_probs = log_softmax(logits, axis=1)
    return float(-log_probs[range(len(targets)), targets].mean())

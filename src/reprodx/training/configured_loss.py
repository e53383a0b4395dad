"""The loss that a configuration asks for, with what it has to know of the training cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reprodx.config import instantiate
from reprodx.schemas import Task

if TYPE_CHECKING:
    from reprodx.artifacts.prepared import PreparedCases
    from reprodx.config import Config
    from reprodx.training.cases import Cases
    from reprodx.training.losses import ClassificationLoss


def configured_loss(config: Config, prepared: PreparedCases, train: Cases) -> ClassificationLoss:
    """Return the loss of a training.

    Args:
        config: Its `trainer.loss` says which.
        prepared: Knows task and classes.
        train: The cases to fit, whose classes are counted.

    Returns:
        The loss.

    Raises:
        ConfigError: If it does not fit the task, or its class weights do not fit the classes.
    """
    is_multilabel = prepared.task == Task.MULTILABEL
    counts = train.targets.sum(dim=0) if is_multilabel else train.targets.bincount(minlength=len(prepared.classes))
    loss: ClassificationLoss = instantiate(
        config.trainer.loss,
        "trainer.loss",
        task=prepared.task,
        class_counts=[int(count) for count in counts],
        num_cases=len(train),
    )
    return loss

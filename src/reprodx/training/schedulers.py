"""Learning-rate schedulers whose step needs more than torch's signature says; all are stepped once an epoch."""

from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from reprodx.config import instantiate
from reprodx.errors import ConfigError
from reprodx.training.best_epoch import check_monitor, monitored

MOST_TRIED = 10_000
"""Epochs of a schedule that are tried before a training; a few milliseconds."""


class Plateau(ReduceLROnPlateau):
    """Multiplies the learning rate by a factor when a metric has stopped improving."""

    def __init__(
        self,
        optimizer: Optimizer,
        *,
        monitor: str,
        mode: Literal["min", "max"],
        factor: float,
        patience: int,
        min_lr: float,
    ) -> None:
        """Keep the rule.

        Args:
            optimizer: Whose learning rate.
            monitor: The metric that must improve.
            mode: Whether a lower (`min`) or a higher (`max`) value is better.
            factor: In (0, 1).
            patience: Epochs without improvement that are let pass, 0 or more.
            min_lr: The learning rate's lower limit, 0 or more.

        Raises:
            ConfigError: If there is no such metric, or a number is out of its range.
        """
        if not 0 < factor < 1:
            raise ConfigError(f"scheduler.factor: {factor} is not in (0, 1)")
        for key, value in {"patience": patience, "min_lr": min_lr}.items():
            if value < 0:
                raise ConfigError(f"scheduler.{key}: {value} is below 0")
        self.monitor = check_monitor(monitor, "scheduler.monitor")
        super().__init__(optimizer, mode=mode, factor=factor, patience=patience, min_lr=min_lr)


def check_schedule(optimizer: Mapping[str, Any], scheduler: Mapping[str, Any], num_epochs: int) -> None:
    """Go through all epochs of a schedule without a network, so that none ends a training.

    Args:
        optimizer: The section of the config.
        scheduler: The section of the config.
        num_epochs: At most, of the training.

    Raises:
        ConfigError: If a section does not fit its class, or an epoch has no learning rate.
    """
    trial = instantiate(optimizer, "optimizer", params=[nn.Parameter(torch.zeros(1))])
    stepped = instantiate(scheduler, "scheduler", optimizer=trial)
    if stepped is None or isinstance(stepped, Plateau):
        return
    # Torch warns of a schedule that begins before its optimizer.
    trial.step()
    for epoch in range(1, min(num_epochs, MOST_TRIED) + 1):
        try:
            stepped.step()
        except (ValueError, ArithmeticError) as error:
            reason = str(error).partition("\n")[0]
            raise ConfigError(
                f"scheduler={scheduler['name']}: has no learning rate after epoch {epoch} ({reason}); give it at least "
                "1 epoch, and as many as trainer.max_epochs where it counts them"
            ) from error


def step_scheduler(scheduler: LRScheduler | None, metrics: Mapping[str, float]) -> None:
    """Set the next epoch's learning rate.

    Args:
        scheduler: None keeps the rate.
        metrics: Of the epoch that has ended.
    """
    if isinstance(scheduler, Plateau):
        scheduler.step(monitored(metrics, scheduler.monitor))
    elif scheduler is not None:
        scheduler.step()

"""Learning-rate schedulers whose step needs more than torch's signature says; all are stepped once an epoch."""

from collections.abc import Mapping
from typing import Literal

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from reprodx.training.best_epoch import check_monitor, monitored


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
            patience: Epochs without improvement that are let pass.
            min_lr: The learning rate's lower limit.

        Raises:
            ConfigError: If there is no such metric.
        """
        self.monitor = check_monitor(monitor, "scheduler.monitor")
        super().__init__(optimizer, mode=mode, factor=factor, patience=patience, min_lr=min_lr)


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

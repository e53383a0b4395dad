"""All that a training needs to go on after an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from reprodx.config import instantiate
from reprodx.training.schedulers import check_schedule, step_scheduler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from reprodx.config import Trainer
    from reprodx.training.best_epoch import BestEpoch, EarlyStopping


class TrainingState:
    """A training as it stands between two epochs; random numbers are no part of it, see `determinism`."""

    def __init__(
        self,
        network: nn.Module,
        optimizer: Optimizer,
        scheduler: LRScheduler | None,
        best: BestEpoch,
        early_stopping: EarlyStopping | None,
    ) -> None:
        """Stand before the first epoch.

        Args:
            network: What is fitted.
            optimizer: Of the network's parameters.
            scheduler: Of the optimizer's learning rate; None keeps it.
            best: Chooses the epoch whose weights are used.
            early_stopping: None runs all epochs.
        """
        self.network, self.optimizer, self.scheduler = network, optimizer, scheduler
        self.best, self.early_stopping = best, early_stopping
        self.num_epochs = 0
        self.best_weights: dict[str, Tensor] = {}
        self.best_metrics: dict[str, float] = {}
        self.history: list[dict[str, float]] = []
        """Metrics of each epoch."""

    @classmethod
    def initial(
        cls, network: nn.Module, optimizer: Mapping[str, Any], scheduler: Mapping[str, Any], trainer: Trainer
    ) -> Self:
        """Return a training that stands before its first epoch, as it is configured.

        Args:
            network: What is fitted; brought to the trainer's precision.
            optimizer: The section of the config.
            scheduler: The section of the config.
            trainer: Precision, and the rules that choose an epoch and stop.

        Returns:
            The training.

        Raises:
            ConfigError: If a section does not fit its class.
        """
        if trainer.precision == "64-true":
            network.double()
        check_schedule(optimizer, scheduler, trainer.num_epochs)
        fitting = instantiate(optimizer, "optimizer", params=network.parameters())
        stopping = trainer.early_stopping
        return cls(
            network,
            fitting,
            instantiate(scheduler, "scheduler", optimizer=fitting),
            instantiate(trainer.select, "trainer.select"),
            None if stopping is None else instantiate(stopping, "trainer.early_stopping"),
        )

    def finish_epoch(self, metrics: Mapping[str, float]) -> None:
        """Take the metrics of the epoch that has ended.

        Args:
            metrics: By name.

        Raises:
            TrainingError: If a metric that decides something is undefined.
        """
        self.num_epochs += 1
        self.history.append(dict(metrics))
        if self.best.update(self.num_epochs, metrics):
            self.best_weights = weights_of(self.network)
            self.best_metrics = dict(metrics)
        if self.early_stopping is not None:
            self.early_stopping.update(self.num_epochs, metrics)
        step_scheduler(self.scheduler, metrics)

    @property
    def has_stopped(self) -> bool:
        """Whether patience has run out."""
        return self.early_stopping is not None and self.early_stopping.is_exhausted(self.num_epochs)

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps: tensors and plain values."""
        return {
            "num_epochs": self.num_epochs,
            "history": self.history,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": None if self.scheduler is None else self.scheduler.state_dict(),
            "best": self.best.state_dict(),
            "best_weights": self.best_weights,
            "best_metrics": self.best_metrics,
            "early_stopping": None if self.early_stopping is None else self.early_stopping.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint of an equal configuration."""
        self.num_epochs, self.history = state["num_epochs"], state["history"]
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.scheduler is not None:
            self.scheduler.load_state_dict(state["scheduler"])
        self.best.load_state_dict(state["best"])
        self.best_weights, self.best_metrics = state["best_weights"], state["best_metrics"]
        if self.early_stopping is not None:
            self.early_stopping.load_state_dict(state["early_stopping"])


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """Return a copy of a network's parameters and buffers in the processor's memory."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in network.state_dict().items()}

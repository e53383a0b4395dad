"""Which epoch was best, and when to stop waiting for a better one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from reprodx.config.targets import nearest
from reprodx.errors import ConfigError, TrainingError
from reprodx.training.live_metrics import VAL_METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

Mode = Literal["min", "max"]


def check_monitor(monitor: str, key: str) -> str:
    """Check that a metric is known after every epoch.

    Args:
        monitor: The metric's name.
        key: Where the configuration names it.

    Returns:
        The name.

    Raises:
        ConfigError: If there is no such metric.
    """
    if monitor not in VAL_METRICS:
        raise ConfigError(f"{key}: no metric {monitor!r}; {nearest(monitor, VAL_METRICS)}")
    return monitor


def monitored(metrics: Mapping[str, float], monitor: str) -> float:
    """Look up the value that decides.

    Args:
        metrics: Of an epoch.
        monitor: The metric's name.

    Returns:
        Its value.

    Raises:
        TrainingError: If it is undefined on these validation cases.
    """
    if monitor not in metrics:
        raise TrainingError(
            f"{monitor} is undefined, because a class has no validation cases: monitor val/loss, or split otherwise"
        )
    return metrics[monitor]


class BestEpoch:
    """Remembers the epoch at which a validation metric was best; of equals, the first."""

    key = "trainer.select"

    def __init__(self, *, monitor: str, mode: Mode) -> None:
        """Start without an epoch.

        Args:
            monitor: The metric.
            mode: Whether a lower (`min`) or a higher (`max`) value is better.

        Raises:
            ConfigError: If there is no such metric.
        """
        self.monitor, self.mode = check_monitor(monitor, f"{self.key}.monitor"), mode
        self.epoch = 0
        self.value: float | None = None

    def update(self, epoch: int, metrics: Mapping[str, float]) -> bool:
        """Take an epoch's metrics.

        Args:
            epoch: From 1.
            metrics: By name.

        Returns:
            Whether the epoch is the best so far.

        Raises:
            TrainingError: If the metric is undefined on these validation cases.
        """
        value = monitored(metrics, self.monitor)
        if self.value is not None and not self._gain(value) > self._least_gain():
            return False
        self.epoch, self.value = epoch, value
        return True

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"epoch": self.epoch, "value": self.value}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.epoch, self.value = state["epoch"], state["value"]

    def _gain(self, value: float) -> float:
        assert self.value is not None, "a gain is over an earlier epoch"
        return value - self.value if self.mode == "max" else self.value - value

    def _least_gain(self) -> float:
        return 0.0


class LastEpoch(BestEpoch):
    """Keeps the last epoch whatever its metrics: a training that validation cases do not choose from."""

    def update(self, epoch: int, metrics: Mapping[str, float]) -> bool:
        """Take an epoch's metrics.

        Args:
            epoch: From 1.
            metrics: By name.

        Returns:
            True.

        Raises:
            TrainingError: If the metric is undefined on these validation cases.
        """
        self.epoch, self.value = epoch, monitored(metrics, self.monitor)
        return True


class EarlyStopping(BestEpoch):
    """Ends a training whose validation metric has stopped improving."""

    key = "trainer.early_stopping"

    def __init__(self, *, monitor: str, mode: Mode, patience: int, min_delta: float) -> None:
        """Keep the rule.

        Args:
            monitor: The metric.
            mode: Whether a lower (`min`) or a higher (`max`) value is better.
            patience: Epochs without improvement after which to stop, at least 1.
            min_delta: Gains up to this size are no improvement, at least 0.

        Raises:
            ConfigError: If there is no such metric or a value is out of its range.
        """
        super().__init__(monitor=monitor, mode=mode)
        if patience < 1:
            raise ConfigError(f"{self.key}.patience: {patience} is below 1")
        if min_delta < 0:
            raise ConfigError(f"{self.key}.min_delta: {min_delta} is below 0")
        self.patience, self.min_delta = patience, min_delta

    def is_exhausted(self, epoch: int) -> bool:
        """Return whether patience has run out after this epoch."""
        return epoch - self.epoch >= self.patience

    def _least_gain(self) -> float:
        return self.min_delta

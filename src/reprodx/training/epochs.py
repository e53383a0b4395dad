"""Running epochs under Lightning's Trainer, without its own talk, files and checkpoints."""

from __future__ import annotations

import contextlib
import logging
import warnings
from typing import TYPE_CHECKING

import pytorch_lightning as pl
import torch

from reprodx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.config import Trainer
    from reprodx.training.module import NetworkTraining

FULL_PRECISION = ("32-true", "64-true")
"""Without autocast, which keeps the weights' rounded copies for a whole `training_step`."""


def run_epochs(module: NetworkTraining, num_epochs: int, trainer: Trainer) -> None:
    """Run up to `num_epochs` epochs.

    Args:
        module: What to run.
        num_epochs: At least 1.
        trainer: Device and precision; see `check_trainer`.
    """
    with _quiet_lightning():
        pl.Trainer(
            max_epochs=num_epochs,
            accelerator=trainer.accelerator,
            devices=trainer.devices,
            precision=trainer.precision,
            deterministic=True,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        ).fit(module)


def check_trainer(trainer: Trainer) -> None:
    """Refuse what the training loop cannot do.

    Args:
        trainer: The settings.

    Raises:
        ConfigError: If a value is out of its range, or the machine has no such device.
    """
    if isinstance(trainer.batch_size, int) and trainer.batch_size < 1:
        raise ConfigError(f"trainer.batch_size: {trainer.batch_size} is below 1; give cases, or full")
    if trainer.gradient_clip_norm is not None and trainer.gradient_clip_norm <= 0:
        raise ConfigError(
            f"trainer.gradient_clip_norm: {trainer.gradient_clip_norm} is not above 0; null clips nothing"
        )
    if trainer.devices != 1:
        raise ConfigError(f"trainer.devices: {trainer.devices}; training runs on 1 device")
    if trainer.precision == "16-mixed":
        raise ConfigError("trainer.precision: 16-mixed needs loss scaling, which is not done here; use bf16-mixed")
    if isinstance(trainer.minibatches_per_step, int):
        if trainer.minibatches_per_step < 1:
            raise ConfigError(f"trainer.minibatches_per_step: {trainer.minibatches_per_step} is below 1; or give auto")
        if trainer.minibatches_per_step > 1 and trainer.precision not in FULL_PRECISION:
            raise ConfigError(f"trainer.minibatches_per_step: must be 1 or auto with precision {trainer.precision}")
    if trainer.accelerator == "gpu" and not torch.accelerator.is_available():
        raise ConfigError("trainer.accelerator: no GPU is visible on this machine; use trainer=cpu")


@contextlib.contextmanager
def _quiet_lightning() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("pytorch_lightning", "lightning_fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"(pytorch_lightning|lightning_fabric)\.")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)

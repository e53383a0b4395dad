"""Running epochs under Lightning's Trainer, without its own talk, files and checkpoints."""

from __future__ import annotations

import contextlib
import logging
import signal
import warnings
from typing import TYPE_CHECKING

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.exceptions import SIGTERMException

from reprodx import interruption
from reprodx.errors import ConfigError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reprodx.config import Trainer
    from reprodx.training.checkpoint import Checkpoint

FULL_PRECISION = ("32-true", "64-true")
"""Without autocast, which keeps the weights' rounded copies for a whole `training_step`."""


def run_epochs(module: pl.LightningModule, num_epochs: int, trainer: Trainer, checkpoint: Checkpoint) -> None:
    """Run up to `num_epochs` epochs.

    Args:
        module: What to run.
        num_epochs: At least 1.
        trainer: Device and precision; see `check_trainer`.
        checkpoint: Where the module keeps each epoch that has ended.

    Raises:
        Interrupted: If the process was asked to end.
    """
    with _quiet_lightning(), interruption.postponed():
        loop = pl.Trainer(
            max_epochs=num_epochs,
            accelerator=trainer.accelerator,
            devices=trainer.devices,
            precision=trainer.precision,
            deterministic=True,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            callbacks=[_ending(checkpoint)],
        )
        try:
            loop.fit(module)
        except SystemExit as error:
            # What Lightning makes of signals where nobody heeds them: an end with 0, or with 1.
            number = signal.SIGTERM if isinstance(error, SIGTERMException) else signal.SIGINT
            raise Interrupted(number) from error


def _ending(checkpoint: Checkpoint) -> pl.callbacks.Callback:
    """Return what ends a training between two steps, and never before its last epoch is kept."""

    def check(*_: object) -> None:
        if not checkpoint.is_behind:
            interruption.check()

    return pl.callbacks.LambdaCallback(
        # Lightning has set handlers of its own by then, which end the process as if all had gone well.
        on_train_start=lambda *_: interruption.listen(),
        on_train_batch_end=check,
        on_validation_batch_end=check,
    )


def check_trainer(trainer: Trainer) -> None:
    """Refuse what the training loop cannot do.

    Args:
        trainer: The settings.

    Raises:
        ConfigError: If a value is out of its range, or the machine has no such device.
    """
    if trainer.devices != 1:
        raise ConfigError(f"trainer.devices: {trainer.devices}; training runs on 1 device")
    if trainer.precision == "16-mixed":
        raise ConfigError("trainer.precision: 16-mixed needs loss scaling, which is not done here; use bf16-mixed")
    if trainer.minibatches_per_step not in (1, "auto") and trainer.precision not in FULL_PRECISION:
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

"""The Lightning module that teaches a network to predict each token of a text from those before it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytorch_lightning as pl
import torch

from reprodx.errors import TrainingError
from reprodx.training import live_metrics
from reprodx.training.determinism import reseed_network
from reprodx.training.generation.text_sampling import losses_of
from reprodx.training.generation.token_targets import NOT_PREDICTED, mean_loss
from reprodx.training.weight_steps import WeightSteps

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from reprodx.config import Trainer
    from reprodx.training.generation.length_batches import LengthBatches
    from reprodx.training.generation.token_targets import TokenTargets
    from reprodx.training.state import TrainingState

VAL_PERPLEXITY = "val/perplexity"
LARGEST_EXPONENT = math.log(np.finfo(np.float64).max)


# Lightning's classes are untyped for mypy, which is kept from following that import.
class NextTokenTraining(pl.LightningModule):  # type: ignore[misc]
    """Fits a network; network, optimizer and scheduler come from outside."""

    def __init__(
        self,
        state: TrainingState,
        *,
        train: TokenTargets,
        val: TokenTargets,
        batches: LengthBatches,
        trainer: Trainer,
        seed: int,
        advance: Callable[[int], None],
        finish_epoch: Callable[[dict[str, float]], bool],
    ) -> None:
        """Hold all parts.

        Args:
            state: Network, optimizer, and the number of the epoch.
            train: The texts to fit.
            val: The texts that choose the epoch.
            batches: The mini-batches of each epoch.
            trainer: Penalties, clipping, accumulation and compilation.
            seed: The run's.
            advance: Is told how many mini-batches are done.
            finish_epoch: Is given each epoch's metrics and returns whether to stop.
        """
        super().__init__()
        self.automatic_optimization = False
        self.network = state.network
        # The network itself keeps the names of its weights, which compiling would change.
        self._run = [torch.compile(state.network) if trainer.compile else state.network]
        self._state, self._train_texts, self._val_texts, self._batches = state, train, val, batches
        self._settings, self._seed = trainer, seed
        self._advance, self._finish_epoch = advance, finish_epoch
        self._steps = WeightSteps(
            state.network, state.optimizer, trainer, num_steps=len(batches.sizes), divergence=self._divergence
        )
        self._counts: list[int] = []

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer, so that Lightning moves its state to the device."""
        return self._state.optimizer

    def train_dataloader(self) -> LengthBatches:
        """Return the mini-batches."""
        return self._batches

    def on_train_epoch_start(self) -> None:
        """Start every random stream anew."""
        reseed_network(self._seed, self._state.num_epochs + 1)
        self._steps.start_epoch()
        self._counts = []

    def training_step(self, rows: Tensor, _: int) -> None:
        """Make one optimisation step.

        Args:
            rows: Row numbers of a mini-batch.

        Raises:
            TrainingError: If the loss is not a finite number.
        """
        batch = self._train_texts.take(rows.cpu())
        self._counts.append(int((batch.targets != NOT_PREDICTED).sum()))
        batch = batch.to(self.device)
        self._steps.learn(mean_loss(self._run[0](batch.tokens, batch.classes), batch.targets))
        self._advance(1)

    def on_train_epoch_end(self) -> None:
        """Judge the network on the validation texts and hand the epoch's metrics on.

        Raises:
            TrainingError: If a loss is not a finite number.
        """
        self._steps.finish_epoch()
        train_loss = float(np.average(self._steps.losses, weights=self._counts))
        metrics = {live_metrics.TRAIN_LOSS: train_loss, **self._validate()}
        metrics[live_metrics.LEARNING_RATE] = float(self._state.optimizer.param_groups[0]["lr"])
        if self._finish_epoch(metrics):
            self.trainer.should_stop = True

    def _validate(self) -> dict[str, float]:
        self.network.eval()
        losses, counts = losses_of(self.network, self._val_texts)
        self.network.train()
        loss = float(losses.sum() / counts.sum())
        if not loss < LARGEST_EXPONENT:
            raise self._divergence("the validation loss")
        return {live_metrics.VAL_LOSS: loss, VAL_PERPLEXITY: math.exp(loss)}

    def _divergence(self, what: str) -> TrainingError:
        rate = self._state.optimizer.param_groups[0]["lr"]
        return TrainingError(
            f"epoch {self._state.num_epochs + 1}, {what} is not a finite number, probably because the learning rate "
            f"({rate:g}) is too high; lower optimizer.lr, or set trainer.gradient_clip_norm=1"
        )

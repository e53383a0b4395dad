"""The Lightning module that teaches a network to predict each token of a text from those before it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytorch_lightning as pl
import torch
from torch.nn.utils import clip_grad_norm_

from reprodx.errors import TrainingError
from reprodx.training import live_metrics
from reprodx.training.determinism import reseed_network
from reprodx.training.generation.text_sampling import losses_of
from reprodx.training.generation.token_targets import NOT_PREDICTED, mean_loss
from reprodx.training.losses import weight_penalty
from reprodx.training.module import STEPS_PER_READ

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from reprodx.config import Trainer
    from reprodx.training.generation.length_batches import LengthBatches
    from reprodx.training.generation.token_targets import TextBatch, TokenTargets
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
        self._parameters_to_fit = list(state.network.parameters())
        self._num_accumulated = 0
        self._unread: list[Tensor] = []
        self._losses: list[float] = []
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
        self._losses, self._counts = [], []

    def training_step(self, rows: Tensor, _: int) -> None:
        """Make one optimisation step.

        Args:
            rows: Row numbers of a mini-batch.

        Raises:
            TrainingError: If the loss is not a finite number.
        """
        batch = self._train_texts.take(rows.cpu())
        self._counts.append(int((batch.targets != NOT_PREDICTED).sum()))
        self._unread.append(self._optimise(batch.to(self.device)))
        if len(self._unread) >= STEPS_PER_READ:
            self._read_losses()
        self._advance(1)

    def on_train_epoch_end(self) -> None:
        """Judge the network on the validation texts and hand the epoch's metrics on.

        Raises:
            TrainingError: If a loss is not a finite number.
        """
        if self._num_accumulated:
            self._step()
        self._read_losses()
        train_loss = float(np.average(self._losses, weights=self._counts))
        metrics = {live_metrics.TRAIN_LOSS: train_loss, **self._validate()}
        metrics[live_metrics.LEARNING_RATE] = float(self._state.optimizer.param_groups[0]["lr"])
        if self._finish_epoch(metrics):
            self.trainer.should_stop = True

    def _optimise(self, batch: TextBatch) -> Tensor:
        """Learn from one mini-batch and return its mean loss per token, without penalties."""
        if not self._num_accumulated:
            for parameter in self._parameters_to_fit:
                parameter.grad = None
        loss = mean_loss(self._run[0](batch.tokens, batch.classes), batch.targets)
        penalty = weight_penalty(self.network, l1=self._settings.l1_penalty, l2=self._settings.l2_penalty)
        total = loss if penalty is None else loss + penalty
        torch.autograd.backward(total / self._settings.accumulate_batches)
        self._num_accumulated += 1
        if self._num_accumulated == self._settings.accumulate_batches:
            self._step()
        return loss.detach()

    def _step(self) -> None:
        """Change the weights by the gradients of the mini-batches since the last step."""
        if self._settings.gradient_clip_norm is not None:
            clip_grad_norm_(self._parameters_to_fit, self._settings.gradient_clip_norm)
        self._state.optimizer.step()
        self._num_accumulated = 0

    def _validate(self) -> dict[str, float]:
        self.network.eval()
        losses, counts = losses_of(self.network, self._val_texts)
        self.network.train()
        loss = float(losses.sum() / counts.sum())
        if not loss < LARGEST_EXPONENT:
            raise self._divergence("the validation loss")
        return {live_metrics.VAL_LOSS: loss, VAL_PERPLEXITY: math.exp(loss)}

    def _read_losses(self) -> None:
        losses = torch.stack(self._unread).tolist() if self._unread else []
        self._unread.clear()
        for step, loss in enumerate(losses, start=len(self._losses) + 1):
            if not math.isfinite(loss):
                raise self._divergence(f"step {step} of {len(self._batches)}: the loss")
        self._losses += losses

    def _divergence(self, what: str) -> TrainingError:
        rate = self._state.optimizer.param_groups[0]["lr"]
        return TrainingError(
            f"epoch {self._state.num_epochs + 1}, {what} is not a finite number, probably because the learning rate "
            f"({rate:g}) is too high; lower optimizer.lr, or set trainer.gradient_clip_norm=1"
        )

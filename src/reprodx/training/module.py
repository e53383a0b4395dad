"""The Lightning module: an epoch over groups of mini-batches, then the validation cases.

Lightning's automatic optimisation spends more time around a small network's step than in it. So its loop is given a
group of mini-batches at a time and every mini-batch of the group is stepped here: the same mathematics in the same
order as a bare loop, to the bit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytorch_lightning as pl
import torch
from torch.nn.utils import clip_grad_norm_

from reprodx.errors import TrainingError
from reprodx.training import live_metrics
from reprodx.training.determinism import Stream, generator, reseed_network
from reprodx.training.losses import weight_penalty
from reprodx.training.scorer import class_logits, network_outputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    from reprodx.config import Trainer
    from reprodx.training.cases import Cases
    from reprodx.training.index_batches import IndexBatches
    from reprodx.training.state import TrainingState

STEPS_PER_READ = 64
"""Losses are read in blocks: reading one makes the processor wait for the accelerator."""


# Lightning's classes are untyped for mypy, which is kept from following that import.
class NetworkTraining(pl.LightningModule):  # type: ignore[misc]
    """Fits a network; network, optimizer, scheduler, loss and augmentation come from outside."""

    def __init__(
        self,
        state: TrainingState,
        loss: nn.Module,
        augmentation: Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]] | None,
        *,
        train: Cases,
        val: Cases,
        batches: IndexBatches,
        trainer: Trainer,
        seed: int,
        advance: Callable[[int], None],
        finish_epoch: Callable[[dict[str, float]], bool],
    ) -> None:
        """Hold all parts; the cases travel to the device with the module.

        Args:
            state: Network, optimizer, and the number of the epoch.
            loss: Logits and class numbers in, mean loss out.
            augmentation: Changes training mini-batches; None leaves them.
            train: The cases to fit.
            val: The cases that choose the epoch.
            batches: The mini-batches of each epoch.
            trainer: Penalties and clipping.
            seed: The run's.
            advance: Is told how many mini-batches are done.
            finish_epoch: Is given each epoch's metrics and returns whether to stop.
        """
        super().__init__()
        self.automatic_optimization = False
        self.network, self.loss = state.network, loss
        for name, cases in (("train", train), ("val", val)):
            self.register_buffer(f"{name}_features", cases.features, persistent=False)
            self.register_buffer(f"{name}_targets", cases.targets, persistent=False)
        self._state, self._augmentation, self._batches = state, augmentation, batches
        self._settings, self._seed = trainer, seed
        self._advance, self._finish_epoch = advance, finish_epoch
        self._parameters_to_fit = list(state.network.parameters())
        self._unread: list[Tensor] = []
        self._losses: list[float] = []

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer, so that Lightning moves its state to the device."""
        return self._state.optimizer

    def train_dataloader(self) -> IndexBatches:
        """Return the groups of mini-batches."""
        return self._batches

    def on_train_epoch_start(self) -> None:
        """Start every random stream anew."""
        epoch = self._state.num_epochs + 1
        reseed_network(self._seed, epoch)
        if self._augmentation is not None:
            self._noise = generator(self._seed, epoch, Stream.AUGMENTATION, self.train_features.device)
        self._losses = []

    def training_step(self, group: list[Tensor], _: int) -> None:
        """Make one optimisation step for each mini-batch of a group.

        Args:
            group: Row numbers, one tensor a mini-batch.

        Raises:
            TrainingError: If the loss is not a finite number.
        """
        all_features, all_targets = self.train_features, self.train_targets
        for rows in group:
            features, targets = all_features.index_select(0, rows), all_targets.index_select(0, rows)
            if self._augmentation is not None:
                features, targets = self._augmentation(features, targets, self._noise)
            self._unread.append(self._optimise(features, targets))
        if len(self._unread) >= STEPS_PER_READ:
            self._read_losses()
        self._advance(len(group))

    def on_train_epoch_end(self) -> None:
        """Judge the network on the validation cases and hand the epoch's metrics on.

        Raises:
            TrainingError: If a loss is not a finite number.
        """
        self._read_losses()
        train_loss = float(np.average(self._losses, weights=self._batches.sizes))
        metrics = {live_metrics.TRAIN_LOSS: train_loss, **self._validate()}
        metrics[live_metrics.LEARNING_RATE] = float(self._state.optimizer.param_groups[0]["lr"])
        if self._finish_epoch(metrics):
            self.trainer.should_stop = True

    def _optimise(self, features: Tensor, targets: Tensor) -> Tensor:
        """Step on one mini-batch and return its loss, without penalties."""
        # Not by optimizer.zero_grad(), whose bookkeeping takes a twentieth of a small network's step.
        for parameter in self._parameters_to_fit:
            parameter.grad = None
        loss: Tensor = self.loss(self.network(features), targets)
        penalty = weight_penalty(self.network, l1=self._settings.l1_penalty, l2=self._settings.l2_penalty)
        torch.autograd.backward(loss if penalty is None else loss + penalty)
        if self._settings.gradient_clip_norm is not None:
            clip_grad_norm_(self._parameters_to_fit, self._settings.gradient_clip_norm)
        self._state.optimizer.step()
        return loss.detach()

    def _validate(self) -> dict[str, float]:
        outputs = network_outputs(self.network, self.val_features).double()
        loss = float(self.loss(outputs, self.val_targets))
        if not math.isfinite(loss):
            raise self._divergence("the validation loss")
        logits = class_logits(outputs.cpu().numpy())
        return {live_metrics.VAL_LOSS: loss, **live_metrics.rank_metrics(logits, self.val_targets.cpu().numpy())}

    def _read_losses(self) -> None:
        losses = torch.stack(self._unread).tolist() if self._unread else []
        self._unread.clear()
        for step, loss in enumerate(losses, start=len(self._losses) + 1):
            if not math.isfinite(loss):
                raise self._divergence(f"step {step} of {len(self._batches.sizes)}: the loss")
        self._losses += losses

    def _divergence(self, what: str) -> TrainingError:
        rate = self._state.optimizer.param_groups[0]["lr"]
        cause = f"the learning rate ({rate:g}) is too high or the features are not scaled; lower optimizer.lr"
        if not bool(self.train_features.isfinite().all() and self.val_features.isfinite().all()):
            cause = "the features hold missing or infinite values; impute them"
        return TrainingError(
            f"epoch {self._state.num_epochs + 1}, {what} is not a finite number, probably because {cause}"
        )

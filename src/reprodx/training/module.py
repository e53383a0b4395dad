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

from reprodx.errors import TrainingError
from reprodx.training import live_metrics
from reprodx.training.cases import InputTensors, model_batch
from reprodx.training.determinism import Stream, generator, reseed_network
from reprodx.training.scorer import network_outputs, scored
from reprodx.training.weight_steps import WeightSteps

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from reprodx.config import Trainer
    from reprodx.schemas import Task
    from reprodx.training.cases import Batch, Cases
    from reprodx.training.index_batches import IndexBatches
    from reprodx.training.losses import ClassificationLoss
    from reprodx.training.state import TrainingState


# Lightning's classes are untyped for mypy, which is kept from following that import.
class NetworkTraining(pl.LightningModule):  # type: ignore[misc]
    """Fits a network; network, optimizer, scheduler, loss and augmentation come from outside."""

    def __init__(
        self,
        state: TrainingState,
        loss: ClassificationLoss,
        augmentation: Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]] | None,
        *,
        task: Task,
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
            loss: Outputs and the truth in, mean loss out.
            augmentation: Changes the values of training mini-batches; None leaves them.
            task: What is predicted.
            train: The cases to fit.
            val: The cases that choose the epoch.
            batches: The mini-batches of each epoch.
            trainer: Penalties, clipping, accumulation and compilation.
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
        self._train_inputs, self._val_inputs = (
            None if cases.inputs is None else InputTensors(cases.inputs) for cases in (train, val)
        )
        if trainer.precision == "64-true":
            self._train_inputs, self._val_inputs = (
                None if inputs is None else inputs.double() for inputs in (self._train_inputs, self._val_inputs)
            )
        # The network itself keeps the names of its weights, which compiling would change.
        self._run = [torch.compile(state.network) if trainer.compile else state.network]
        self._task = task
        self._state, self._augmentation, self._batches = state, augmentation, batches
        self._settings, self._seed = trainer, seed
        self._advance, self._finish_epoch = advance, finish_epoch
        self._steps = WeightSteps(
            state.network, state.optimizer, trainer, num_steps=len(batches.sizes), divergence=self._divergence
        )

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
        self._steps.start_epoch()

    def training_step(self, group: list[Tensor], _: int) -> None:
        """Make one optimisation step for each mini-batch of a group.

        Args:
            group: Row numbers, one tensor a mini-batch.

        Raises:
            TrainingError: If the loss is not a finite number.
        """
        for rows in group:
            batch, targets = self._batch(rows)
            self._steps.learn(self.loss(self._run[0](*batch), targets))
        self._advance(len(group))

    def on_train_epoch_end(self) -> None:
        """Judge the network on the validation cases and hand the epoch's metrics on.

        Raises:
            TrainingError: If a loss is not a finite number.
        """
        self._steps.finish_epoch()
        train_loss = float(np.average(self._steps.losses, weights=self._batches.sizes))
        metrics = {live_metrics.TRAIN_LOSS: train_loss, **self._validate()}
        metrics[live_metrics.LEARNING_RATE] = float(self._state.optimizer.param_groups[0]["lr"])
        if self._finish_epoch(metrics):
            self.trainer.should_stop = True

    def _batch(self, rows: Tensor) -> tuple[Batch, Tensor]:
        """Return what the network is called with for a training mini-batch, and the truth, both augmented."""
        batch = model_batch(self.train_features, self._train_inputs, rows)
        targets = self.train_targets.index_select(0, rows)
        if self._augmentation is not None and batch[0] is not None:
            values, targets = self._augmentation(batch[0], targets, self._noise)
            batch = (values, *batch[1:])
        return batch, targets

    def _validate(self) -> dict[str, float]:
        outputs = network_outputs(self.network, self.val_features, self._val_inputs).double()
        loss = float(self.loss(outputs, self.val_targets))
        if not math.isfinite(loss):
            raise self._divergence("the validation loss")
        logits, targets = scored(self.loss.link, outputs), self.val_targets.long().cpu().numpy()
        return {live_metrics.VAL_LOSS: loss, **live_metrics.rank_metrics(logits, targets, self._task)}

    def _divergence(self, what: str) -> TrainingError:
        rate = self._state.optimizer.param_groups[0]["lr"]
        cause = f"the learning rate ({rate:g}) is too high or the features are not scaled; lower optimizer.lr"
        if not bool(self.train_features.isfinite().all() and self.val_features.isfinite().all()):
            cause = "the features hold missing or infinite values; impute them"
        return TrainingError(
            f"epoch {self._state.num_epochs + 1}, {what} is not a finite number, probably because {cause}"
        )
